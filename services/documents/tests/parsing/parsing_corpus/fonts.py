"""Fonts that come with the tools the corpus is made with."""

from __future__ import annotations

from pathlib import Path

import matplotlib

DEJAVU = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
REGULAR = DEJAVU / "DejaVuSans.ttf"
BOLD = DEJAVU / "DejaVuSans-Bold.ttf"
