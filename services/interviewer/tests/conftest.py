"""Lets the tests of the interviewer share `interviewer_simulation`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
