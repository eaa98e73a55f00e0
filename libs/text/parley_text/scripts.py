"""What letters mean for the edges of words."""

from __future__ import annotations

UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
"""Letters of scripts in which a word can begin and end anywhere, for use in a class of a pattern."""
LETTER = rf"[^\W{UNSPACED}]"
"""A pattern for a letter, digit or underscore of any other script."""
