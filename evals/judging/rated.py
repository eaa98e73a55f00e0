"""Answers with ratings, and answers whose worth follows from how they were made."""

from __future__ import annotations

import json
import random
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from coach.engines.scripted.seen import Asked
from coach.text import sentences
from contracts.vocabulary.question import Expectation, Phase, Question
from interviewer.engines.scripted import INTRODUCTION_EXPECTS

ROOT = Path(__file__).resolve().parents[2]
BANK = ROOT / "services/interviewer/interviewer/bank"
TRIPLES = ROOT / "services/coach/tests/triples"
HERE = Path(__file__).parent
TIMES = 3
EMPTY = 0.1
WITH_STOCK = 1.0
LEVELS = {"strong": 0.9, "average": 0.6, "weak": 0.2}
"""What the authors of the triples meant by their levels."""
BEGINNINGS = {"strong": ((2, 0.62), (3, 0.75)), "average": ((2, 0.45),)}
"""So many sentences of a triple's answer, and what they are taken to be worth: people answer in two to four."""


@dataclass(frozen=True)
class Rated:
    """An answer to a question, its worth from 0 to 1, who says so, and the question that it is kept out with."""

    asked: Asked
    answer: str
    worth: float
    kind: str
    fold: str
    weight: float = 1.0
    domain: str = ""


@cache
def bank() -> dict[str, tuple[Question, str]]:
    """The packaged questions by their text, each with its field."""
    found = {}
    for path in sorted(BANK.glob("*.yaml")):
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        for each in raw["questions"]:
            found[each["text"]] = (_question(each, raw["domain"]), raw["domain"])
    return found


def _question(raw: dict[str, Any], domain: str) -> Question:
    expects = tuple(Expectation(point=e["point"], cues=tuple(map(str, e.get("cues", ())))) for e in raw["shows"])
    return Question(
        kind="question", text=raw["text"], phase=raw["phase"], domain=domain, bank_id=raw["id"], expects=expects
    )


def judgements(path: Path) -> list[Rated]:
    """Answers that a person rated: `question`, `answer`, `human_score_0_10`, `kind` and `phase` of each."""
    return [
        Rated(
            asked=Asked.of(_asked(each["question"], each["phase"])),
            answer=each["answer"],
            worth=each["human_score_0_10"] / 10,
            kind=each["kind"],
            fold=each["question"],
            domain=bank()[each["question"]][1] if each["question"] in bank() else "",
        )
        for each in json.loads(path.read_text(encoding="utf-8"))
    ]


def _asked(text: str, phase: str) -> Question:
    if text in bank():
        return bank()[text][0]
    short: Phase = "intro" if phase == "intro" else "technical" if phase == "technical" else "behavioral"
    expects = INTRODUCTION_EXPECTS if short == "intro" else ()
    return Question(kind="introduction" if short == "intro" else "question", text=text, phase=short, expects=expects)


def short_answers(folder: Path) -> list[Rated]:
    """Short answers to technical questions that trained graders scored; the points are the reference's sentences."""
    found = []
    for path in sorted(folder.glob("*.xml")):
        root = ET.parse(path).getroot()
        reference = " ".join((each.text or "").strip() for each in root.iter("referenceAnswer"))
        points = tuple(each.text for each in sentences(reference)) or (reference,)
        answers = [
            ((a.findtext("response") or "").strip(), float(a.findtext("score") or 0))
            for a in root.iter("studentAnswer")
        ]
        most = max(score for _, score in answers) or 1.0
        asked = Asked("knowledge", (root.findtext("questionText") or "").strip(), points)
        found += [Rated(asked, text, score / most, "short", path.name) for text, score in answers if text]
    return found


def triples() -> list[Rated]:
    """The answers of the coach's tests, and the beginnings of the better ones."""
    by_id = {question.bank_id: (question, domain) for question, domain in bank().values()}
    found = []
    for path in sorted(TRIPLES.glob("*.yaml")):
        for each in yaml.safe_load(path.read_text(encoding="utf-8")):
            question, domain = by_id[each["question"]]
            for level, worth in LEVELS.items():
                made = Rated(Asked.of(question), each[level], worth, f"triple-{level}", question.text, domain=domain)
                found.append(made)
                for count, less in BEGINNINGS.get(level, ()):
                    found.append(replace(made, answer=beginning(each[level], count), worth=less, kind="beginning"))
    return found


def beginning(answer: str, count: int) -> str:
    """The first sentences of an answer."""
    return " ".join(each.text for each in sentences(answer)[:count])


def emptied(chance: random.Random) -> Iterator[Rated]:
    """What sounds like an answer and is none: paragraphs and stories that would fit anything, put to questions at
    random, and answers of the triples with sentences like these behind them, which make them no better."""
    raw = yaml.safe_load((HERE / "empty.yaml").read_text(encoding="utf-8"))
    by_kind: dict[str, list[Question]] = {"generic": [], "stories": []}
    for question, _ in bank().values():
        by_kind["stories" if Asked.of(question).kind == "story" else "generic"].append(question)
    for kind, questions in by_kind.items():
        for text in raw[kind]:
            for question in chance.sample(questions, TIMES):
                yield Rated(Asked.of(question), text, EMPTY, "made-empty", text)
    for text in raw["vague"]:
        for question in chance.sample([*by_kind["generic"], *by_kind["stories"]], TIMES):
            yield Rated(Asked.of(question), text, EMPTY, "made-empty", text)
    for each in triples():
        if each.kind in ("triple-strong", "triple-weak") and chance.random() < WITH_STOCK:
            answer = " ".join([each.answer, *chance.sample(raw["stock"], 2)])
            yield replace(each, answer=answer, kind="made-stock")
    for text in raw["stock"]:
        for question in chance.sample(by_kind["generic"], TIMES):
            yield Rated(Asked.of(question), text, EMPTY, "made-empty", text)


def put_elsewhere(answers: Sequence[Rated], chance: random.Random, times: int = 4) -> Iterator[Rated]:
    """Good answers, put to questions of another field, or stories to another question: worth nearly nothing there."""
    questions = [(question, domain) for question, domain in bank().values()]
    for each in answers:
        kind = each.asked.kind
        others = [
            question
            for question, domain in questions
            if Asked.of(question).kind == kind
            and (domain != each.domain if kind == "knowledge" else question.text != each.asked.question)
        ]
        for other in chance.sample(others, times):
            yield replace(each, asked=Asked.of(other), worth=0.05, kind="elsewhere")
