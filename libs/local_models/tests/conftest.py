"""Lets the tests of the installer share their mirror."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
