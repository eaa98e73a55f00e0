"""What is found in whole documents, measured against what is in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pytest
from documents.language import language_of
from understanding_cases import Case, cases

EMAIL = re.compile(r"\w@\w")
HELD_OUT = [case for case in cases() if case.held_out]
FLOOR = 0.9


@dataclass
class Score:
    """How many were found, of how many that are there."""

    right: int = 0
    found: int = 0
    there: int = 0

    def add(self, found: Iterable[object], there: Iterable[object]) -> None:
        """Count one document."""
        have, want = list(found), list(there)
        self.found += len(have)
        self.there += len(want)
        for each in have:
            if each in want:
                want.remove(each)
                self.right += 1

    @property
    def precision(self) -> float:
        """Of what was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Of what is there."""
        return self.right / self.there if self.there else 1.0


Pair = tuple[Iterable[object], Iterable[object]]


def sections(case: Case) -> Pair:
    """All but the head, of which nothing may be left."""
    found = [name for name in case.read.understanding.sections if name != "header"]
    return found, [name for name in case.gold["sections"] if name != "header"]


def skills(case: Case) -> Pair:
    return [skill.name for skill in case.read.understanding.skills], case.gold["skills"]


def requirements(case: Case) -> Pair:
    """By their beginnings, which the fixtures have, with their weight."""
    want = [(text, True) for text in case.gold.get("must", ())] + [(text, False) for text in case.gold.get("nice", ())]
    begun = [
        next(
            (each for each in want if found.must == each[1] and found.text.startswith(each[0])),
            (found.text, found.must),
        )
        for found in case.read.understanding.requirements
    ]
    return begun, want


@pytest.mark.parametrize("of", [sections, skills, requirements])
@pytest.mark.parametrize("some", [cases(), HELD_OUT], ids=["all", "held out"])
def test_most_is_found_and_little_else(of: Callable[[Case], Pair], some: Iterable[Case]) -> None:
    score = Score()
    for case in some:
        if of is not requirements or case.kind == "job_description":
            score.add(*of(case))
    name = getattr(of, "__name__", "")
    print(f"{name}: precision {score.precision:.3f}, recall {score.recall:.3f}, {score.there} there")
    assert score.precision >= FLOOR and score.recall >= FLOOR


def test_there_are_enough_documents_in_enough_languages_and_half_of_them_held_out() -> None:
    assert len(cases()) >= 50 and len(HELD_OUT) * 2 >= len(cases())
    assert len({case.id for case in cases()}) == len(cases())
    assert len({language_of(case.text) for case in cases()} - {None}) >= 8


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_nothing_tells_who_it_is(case: Case) -> None:
    read = case.read
    texts = [read.anonymous.text, *(chunk.text for chunk in read.chunks), read.understanding.model_dump_json()]
    assert [word for word in case.gold["personal"] for text in texts if word.casefold() in text.casefold()] == []
    assert not any(EMAIL.search(text) for text in texts)


def test_titles_years_and_seniority_are_mostly_right() -> None:
    right = {"title": 0, "years": 0, "seniority": 0}
    resumes = [case for case in cases() if case.kind == "resume"]
    for case in resumes:
        found = case.read.understanding
        jobs = case.gold.get("jobs") or [None]
        right["title"] += found.title == jobs[0] or not case.gold.get("jobs")
        right["years"] += (found.years or 0) == pytest.approx(case.gold.get("years") or 0, abs=0.35)
        right["seniority"] += found.seniority == case.gold.get("seniority")
    print({name: f"{count}/{len(resumes)}" for name, count in right.items()})
    assert min(right.values()) >= FLOOR * len(resumes)
