"""What must not move a score does not, and what must move it does: over all answers of the triples."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from coach.packaged import loaded
from coach_cases import APPEALS, LEVELS, TRIPLES, bank, judge, tells_case
from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.question import Question

_BETWEEN = re.compile(r"(?<=[a-z0-9)][.!?])(?<!Mr\.)\s+(?=[A-Z])")
EXTRAS: dict[str, list[str]] = loaded((Path(__file__).parents[1] / "padding.yaml").read_text(encoding="utf-8"))
LOOKED_AT = 130
CASES = [(family, number, level) for family, all_ in TRIPLES.items() for number in range(len(all_)) for level in LEVELS]
TECHNICAL_EVIDENCE = (
    "At my last company I built this with Postgres, and errors fell from 30 a day to 2.",
    "However it costs two days of work more, so I would only do it if the numbers are really that bad.",
)
PERSONAL_EVIDENCE = (
    "As a result I reduced the delay from 10 days to 2, and the customer stayed in 2023.",
    "In the end I shipped it with my team in 12 days, and since then complaints went from 40 to 3 a month.",
)


def case(family: str, number: int, level: str) -> tuple[Question, str]:
    triple: dict[str, Any] = TRIPLES[family][number]
    return bank()[triple["question"]], triple[level]


def score(asked: Question, answer: str) -> float:
    """The score, 0 where there was too little to judge."""
    return _score(asked.bank_id or "", answer)


@cache
def _score(bank_id: str, answer: str) -> float:
    return judge(bank()[bank_id], answer).score or 0.0


def every_answer() -> Iterator[tuple[Question, str]]:
    return (case(*each) for each in CASES)


def put_in(answer: str, extra: list[str], chance: random.Random) -> str:
    parts = _BETWEEN.split(answer)
    for each in extra:
        parts.insert(chance.randrange(len(parts) + 1), each)
    return " ".join(parts)


def raised(change: Callable[[str, random.Random], str], seed: str) -> list[str]:
    """The answers of a third of all whose score a change raises; which third depends on the seed."""
    chance = random.Random(seed)
    return [
        answer[:60]
        for asked, answer in (case(*each) for each in chance.sample(CASES, LOOKED_AT))
        if score(asked, change(answer, chance)) > score(asked, put_in(answer, [], chance)) + 1e-9
    ]


def test_padding_raises_hardly_any_score() -> None:
    """A script cannot always tell: a word of the question may well occur by chance in one of a hundred answers."""
    tries = [
        raised(lambda answer, chance, extra=extra: put_in(answer, [extra], chance), extra)  # type: ignore[misc]
        for extra in EXTRAS["padding"]
    ]
    assert sum(map(len, tries)) <= 0.01 * LOOKED_AT * len(tries)


@pytest.mark.parametrize("extra", EXTRAS["polite"] + EXTRAS["boasts"])
def test_politeness_and_boasting_raise_no_score(extra: str) -> None:
    assert not raised(lambda answer, chance: put_in(answer, [extra], chance), extra)


def test_saying_it_again_raises_no_score() -> None:
    assert not raised(lambda answer, _: f"{answer} {answer.upper()} {answer.replace(',', ' -')}", "again")


def test_a_list_of_keywords_raises_no_score() -> None:
    wrong = []
    for asked, answer in every_answer():
        cues = ", ".join(cue for each in asked.expects for cue in each.cues)
        if score(asked, f"{answer} {cues}.") > score(asked, answer) or score(asked, cues) > 0.25:
            wrong.append(answer[:60])
    assert not wrong


def test_fillers_move_no_score() -> None:
    chance = random.Random(11)
    for asked, answer in every_answer():
        words = answer.split(" ")
        for _ in range(5):
            words.insert(chance.randrange(len(words)), chance.choice(EXTRAS["fillers"]))
        assert score(asked, " ".join(words)) == score(asked, answer), answer


@pytest.mark.parametrize("appeal", APPEALS["appeals"])
def test_an_appeal_to_the_grader_changes_nothing(appeal: str) -> None:
    """In three places of a sample of the answers; `test_coach_appeals` has all of a smaller one."""
    chance = random.Random(appeal)
    for asked, answer in (case(*each) for each in chance.sample(CASES, 12)):
        plain = judge(asked, put_in(answer, [], chance))
        for attacked in (f"{answer} {appeal}", f"{appeal} {answer}", put_in(answer, [appeal], chance)):
            found = judge(asked, attacked)
            assert (found.score, found.criteria) == (plain.score, plain.criteria), attacked
            assert appeal[-15:] not in " ".join(quotes_of(found))


def quotes_of(feedback: Feedback) -> list[str]:
    return [
        *(quote.text for quote in feedback.quotes),
        *(quote for each in feedback.judgements for quote in each.quotes),
    ]


def test_evidence_raises_a_score_or_leaves_a_full_one() -> None:
    """With a number, a result, a named technique, an own case; or with a price and a condition."""
    lowered, unmoved = [], []
    for asked, answer in every_answer():
        before = score(asked, answer)
        for extra in PERSONAL_EVIDENCE if tells_case(asked) else TECHNICAL_EVIDENCE:
            after = score(asked, f"{answer} {extra}")
            if after < before:
                lowered.append((before, after, answer[:60]))
            elif after == before and before < 0.9:
                unmoved.append(answer[:60])
    assert not lowered
    assert len(unmoved) <= 0.1 * 2 * len(CASES)


@pytest.mark.parametrize("retraction", EXTRAS["retractions"])
def test_a_retraction_lowers_a_score(retraction: str) -> None:
    wrong = [
        answer[:60]
        for asked, answer in every_answer()
        if 0 < score(asked, answer) <= score(asked, f"{answer} {retraction}")
    ]
    assert not wrong


def test_every_quote_is_a_slice_of_the_answer() -> None:
    for asked, answer in every_answer():
        found = judge(asked, answer)
        star = [part for part in (found.star.model_dump().values() if found.star else ()) if part]
        assert all(quote in answer for quote in (*quotes_of(found), *star))


def test_the_same_answer_gets_the_same_feedback() -> None:
    assert all(judge(asked, answer) == judge(asked, answer) for asked, answer in every_answer())
