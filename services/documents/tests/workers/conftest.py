"""Lets the tests of workers share `parsing_corpus`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "parsing"))
