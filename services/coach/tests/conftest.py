"""Lets the tests of the coach share `coach_cases`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
