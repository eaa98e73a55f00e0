"""What an introduction shows, when the question brings no expectations of its own."""

from __future__ import annotations

from contracts.vocabulary.question import Expectation

INTRODUCTION = (
    Expectation(
        point="Says who you are and what you do now",
        cues=(
            "i am",
            "i'm",
            "currently",
            "my background",
            "i work",
            "work as",
            "graduated",
            "years",
            "my name",
        ),
    ),
    Expectation(
        point="Names experience that matters for this role",
        cues=(
            "experience",
            "i built",
            "i led",
            "i worked",
            "worked on",
            "responsible",
            "i designed",
            "i developed",
            "project",
        ),
    ),
    Expectation(
        point="Gives one concrete achievement",
        cues=(
            "reduced",
            "increased",
            "improved",
            "launched",
            "shipped",
            "saved",
            "percent",
            "proud",
            "award",
            "cut",
            "grew",
        ),
    ),
    Expectation(
        point="Says why this role interests you",
        cues=(
            "this role",
            "this position",
            "this job",
            "interested in",
            "excited",
            "looking for",
            "your company",
            "drawn to",
            "appeals",
            "opportunity",
            "attracted",
            "i want to",
            "would like to",
        ),
    ),
)
