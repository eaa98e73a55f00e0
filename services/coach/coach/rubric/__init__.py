"""The rubric that every engine judges by: anchored levels, and how code combines them into scores.

An engine says which level each criterion has reached and shows the words for it; all numbers come from here.
"""

from __future__ import annotations

from coach.rubric.anchors import CRITERIA, anchor, anchors
from coach.rubric.combination import combined, criteria_of, levels_of, technical_accuracy
from coach.rubric.combination import completeness as completeness
from coach.rubric.phases import WEIGHTS, AnswerKind, is_introduction, is_technical, kind_of, tells_a_story
from coach.rubric.star import PARTS, missing_parts, parts_told

__all__ = [
    "CRITERIA",
    "PARTS",
    "WEIGHTS",
    "AnswerKind",
    "anchor",
    "anchors",
    "combined",
    "completeness",
    "criteria_of",
    "is_introduction",
    "is_technical",
    "kind_of",
    "levels_of",
    "missing_parts",
    "parts_told",
    "technical_accuracy",
    "tells_a_story",
]
