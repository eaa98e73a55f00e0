"""`python -m evals.followups`: the follow-ups of interviews with people of many occupations, as a sheet for readers.

Each row has the conversation up to a follow-up, and the follow-up; the rows are shuffled, and nothing tells which
engine or rule wrote one. Readers put `follows`, `fits` or `senseless` into the last column; with `--ratings` the shares
of a sheet that came back are printed, and with two of them Cohen's kappa.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import random
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import yaml
from contracts.vocabulary.configuration import SessionConfig, Style
from contracts.vocabulary.question import Question
from interviewer.bank import QuestionBank
from interviewer.engines.scripted import ScriptedEngine
from interviewer.planning import fitting_domains, make_plan
from parley_listening import Listener
from parley_meaning import Encoder
from pydantic import BaseModel, ConfigDict, TypeAdapter

from evals.encoders import encoder_named
from evals.runner import Record, Runner

PEOPLE = Path(__file__).with_name("applicants.yaml")
STYLES: tuple[Style, ...] = ("formal", "casual", "aggressive", "technical")
RATINGS = ("follows", "fits", "senseless")
COLUMNS = ("number", "conversation", "follow_up", "rating")
QUESTIONS = 6


class Applicant(BaseModel):
    """Somebody of an occupation: an introduction, and answers, each with what is added when more is asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: str
    intro: str
    says: tuple[tuple[str, str], ...]


class Person:
    """Answers as one of the occupation would: the next of their stories, and more of the last one to a follow-up."""

    def __init__(self, applicant: Applicant, begin: int) -> None:
        self._applicant = applicant
        self._next = begin
        self._more = ""

    def answer(self, question: Question, number: int) -> str:
        if question.kind == "introduction":
            return self._applicant.intro
        if question.kind == "follow_up" and self._more:
            said, self._more = self._more, ""
            return said
        said, self._more = self._applicant.says[self._next % len(self._applicant.says)]
        self._next += 1
        return said


def applicants(people: Path = PEOPLE) -> list[Applicant]:
    """The people of a file, as they are written down."""
    text = people.read_text(encoding="utf-8")
    return TypeAdapter(list[Applicant]).validate_python(yaml.safe_load(text))


async def held(rounds: int, people: Sequence[Applicant], encoder: Encoder) -> list[Record]:
    """Interviews with each of them, as many as `rounds`, with another style and another first story each time."""
    bank = QuestionBank.load()
    listener = Listener(encoder)
    await listener.prepare()
    runner = Runner(
        ScriptedEngine(bank, encoder),
        lambda config: make_plan(config, fitting_domains(config, bank)),
        None,
        listener=listener,
    )
    records: list[Record] = []
    for turn in range(rounds):
        for at, applicant in enumerate(people):
            config = SessionConfig(
                job_role=applicant.role, style=STYLES[(at + turn) % len(STYLES)], target_question_count=QUESTIONS
            )
            person = Person(applicant, begin=turn * 2)
            session_id = UUID(int=turn * 1000 + at + 1)
            records.append(await runner.run(session_id, config, applicant.role, person.answer))
    return records


def sheet(records: Sequence[Record], most: int, seed: int) -> list[dict[str, str]]:
    """So many follow-ups, shuffled, each with the last turns before it."""
    rows = [
        {"conversation": _before(record, at), "follow_up": turn.question.text}
        for record in records
        for at, turn in enumerate(record.turns)
        if turn.question.kind == "follow_up"
    ]
    random.Random(seed).shuffle(rows)
    return [{"number": str(number), **row, "rating": ""} for number, row in enumerate(rows[:most], 1)]


def _before(record: Record, at: int) -> str:
    lines = [f"[{record.persona}]"]
    for turn in record.turns[max(0, at - 2) : at]:
        lines += [f"Interviewer: {turn.question.text}", f"Candidate: {turn.answer}"]
    return "\n".join(lines)


def shares(ratings: Sequence[str]) -> dict[str, float]:
    """The share of each rating."""
    count = Counter(ratings)
    return {rating: count[rating] / max(len(ratings), 1) for rating in RATINGS}


def kappa(one: Sequence[str], other: Sequence[str]) -> float:
    """Cohen's: agreement of two readers beyond chance, 1 where they always agree."""
    agreed = sum(a == b for a, b in zip(one, other, strict=True)) / len(one)
    first, second = shares(one), shares(other)
    by_chance = sum(first[rating] * second[rating] for rating in RATINGS)
    return 1.0 if by_chance == 1 else (agreed - by_chance) / (1 - by_chance)


def _rated(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        found = [row["rating"].strip() for row in csv.DictReader(file)]
    if unknown := set(found) - set(RATINGS):
        raise SystemExit(f"{path}: ratings are {', '.join(RATINGS)}, and not {', '.join(sorted(map(repr, unknown)))}")
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Write a sheet to standard output, or say what came of one or two."""
    parser = argparse.ArgumentParser(prog="python -m evals.followups", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--most", type=int, default=100, help="rows of the sheet")
    parser.add_argument("--seed", type=int, default=0, help="of the order")
    parser.add_argument("--people", type=Path, default=PEOPLE, metavar="YAML", help="who is interviewed")
    parser.add_argument("--encoder", choices=("words", "encoder", "counted"), default="words")
    parser.add_argument("--ratings", type=Path, nargs="+", metavar="SHEET", help="one or two sheets with ratings")
    given = parser.parse_args(arguments)
    if given.ratings:
        rated = [_rated(path) for path in given.ratings]
        for path, found in zip(given.ratings, rated, strict=True):
            print(path.name, len(found), {rating: f"{share:.0%}" for rating, share in shares(found).items()})
        if len(rated) == 2:
            print(f"kappa {kappa(*rated):.2f}")
        return
    people = applicants(given.people)
    rounds = max(1, -(-given.most // (len(people) * 2)))
    rows = sheet(asyncio.run(held(rounds, people, encoder_named(given.encoder))), given.most, given.seed)
    written = csv.DictWriter(sys.stdout, COLUMNS)
    written.writeheader()
    written.writerows(rows)


if __name__ == "__main__":
    main()
