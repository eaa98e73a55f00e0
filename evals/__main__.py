"""`python -m evals`: hold many interviews with simulated candidates, grade them, and show pass rates in one table.

Exits with 1 when the mean is below `--least`.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import get_args
from uuid import UUID

from coach.engines.scripted import ScriptedEngine as ScriptedCoach
from contracts.vocabulary.configuration import SessionConfig, Style
from contracts.vocabulary.question import Difficulty, Plan, Question
from interviewer.bank import QuestionBank
from interviewer.engine import Engine
from interviewer.engines.scripted import ScriptedEngine
from interviewer.main import make_engine
from interviewer.planning import fitting_domains, make_plan
from interviewer.search import DocumentSearch
from interviewer.settings import InterviewerSettings
from models import Models
from parley_meaning import WordVectors

from evals.checks import CHECKS
from evals.labels import Said
from evals.library import search, with_documents
from evals.personas import PERSONAS, Dice, Persona
from evals.runner import Record, Runner

LEAST = 0.9
DOCUMENTED = 0.3
"""The share of the interviews that begin from uploaded documents."""
ROLES = (
    "Backend Engineer", "Frontend Developer", "Data Engineer", "Data Analyst", "Machine Learning Engineer",
    "DevOps Engineer", "Security Engineer", "Database administrator", "iOS Developer", "QA Engineer", "Product Manager",
    "Engineering Manager", "Project Manager", "UX Designer", "Account Executive", "Customer Support Agent",
    "Digital marketing manager", "Financial Analyst", "Registered Nurse", "High school teacher", "Recruiter",
    "Beekeeper",
)  # fmt: skip
SECONDS = 5.0
"""What a search in memory may take, however busy the machine is."""
_RESUME = """Led the move of three teams to one planning process in 2023.
Reduced complaints by 35 percent within two quarters at a logistics firm.
Trained eleven new colleagues and wrote the handbook that is still in use.
Kafka, Postgres, Excel and Salesforce in daily use."""
_DESCRIPTION = "You have experience with Kafka and with stakeholder workshops. Knowledge of privacy law is a plus."


@dataclass
class Tally:
    """How often something held."""

    passed: int = 0
    looked_at: int = 0

    def add(self, held: bool) -> None:
        self.passed += held
        self.looked_at += 1

    @property
    def rate(self) -> float:
        return self.passed / self.looked_at if self.looked_at else 1.0


@dataclass
class Grades:
    """Pass rates: of each interview, by persona, by check, and by version of the prompt."""

    interviews: list[float] = field(default_factory=list)
    personas: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    checks: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    prompts: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    failed_by: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    degraded: Tally = field(default_factory=Tally)

    @property
    def mean(self) -> float:
        """The mean pass rate of an interview, 0 to 1."""
        return sum(self.interviews) / len(self.interviews) if self.interviews else 0.0

    def grade(self, record: Record) -> None:
        """Look at one interview."""
        whole = Tally()
        prompt = (
            next((t.provenance.prompt_version for t in record.turns if t.action != "introduce"), None) or "scripted"
        )
        for name, look in CHECKS.items():
            held = look(record)
            if held is None:
                continue
            for tally in (whole, self.personas[record.persona], self.checks[name], self.prompts[prompt]):
                tally.add(held)
            if not held:
                self.failed_by[name].add(record.persona)
        for turn in record.turns:
            self.degraded.add(turn.provenance.degraded)
        self.interviews.append(whole.rate)


def configurations(persona: Persona, count: int, seed: int) -> Iterator[tuple[UUID, SessionConfig, Dice]]:
    """So many different sessions for a persona; the same for the same seed."""
    styles, difficulties = get_args(Style), get_args(Difficulty)
    for number in range(count):
        dice = Dice(f"{seed} {persona.name} {number}")
        config = SessionConfig(
            job_role=dice.choice(ROLES),
            company_name=dice.choice(("", "Ørsted Books")),
            resume_content=dice.choice(("", _RESUME)),
            job_description=dice.choice(("", _DESCRIPTION)),
            style=styles[number % len(styles)],
            difficulty=difficulties[number % len(difficulties)],
            target_question_count=dice.choice((3, 5, 8, 10)),
            use_time_based_interview=dice.random() < 0.2,
            interview_duration_minutes=dice.choice((10, 20)),
            ask_consent=dice.random() < 0.3,
            language=persona.language,
        )
        session_id = UUID(int=dice.getrandbits(128), version=4)
        documented = random.Random(f"documents {session_id}").random() < DOCUMENTED
        yield session_id, with_documents(config) if documented else config, dice


async def evaluate(
    engine: Engine, bank: QuestionBank, each: int, seed: int = 0, *, personas: Sequence[Persona] = PERSONAS
) -> Grades:
    """Hold `each` interviews with every persona, and grade them."""

    def plan(config: SessionConfig) -> Plan:
        return make_plan(config, fitting_domains(config, bank))

    documents = DocumentSearch(search, SECONDS)
    runner, grades = Runner(engine, plan, ScriptedCoach(WordVectors()), documents.passages), Grades()
    for persona in personas:
        for session_id, config, dice in configurations(persona, each, seed):
            answering = partial(_speak, persona, dice)
            record = await runner.run(session_id, config, persona.name, answering)
            grades.grade(record)
    return grades


def _speak(persona: Persona, dice: Dice, question: Question, number: int) -> Said:
    return persona.speak(question, number, dice)


def table(grades: Grades, seconds: float) -> str:
    """Pass rates by persona and by check, the worst first."""
    lines = [f"{len(grades.interviews)} interviews in {seconds:.1f} s, mean pass rate {grades.mean:.3f}", ""]
    lines += [f"{'persona':<24}{'pass rate':>10}{'checks':>10}"]
    for name, tally in sorted(grades.personas.items(), key=lambda item: item[1].rate):
        lines.append(f"{name:<24}{tally.rate:>10.3f}{tally.looked_at:>10}")
    if len(grades.prompts) > 1:
        lines += ["", f"{'prompt':<24}{'pass rate':>10}"]
        lines += [f"{name:<24}{tally.rate:>10.3f}" for name, tally in sorted(grades.prompts.items())]
    lines += ["", f"{'check':<56}{'pass rate':>10}{'of':>7}  failed by"]
    for name, tally in sorted(grades.checks.items(), key=lambda item: (item[1].rate, item[0])):
        lines.append(f"{name:<56}{tally.rate:>10.3f}{tally.looked_at:>7}  {', '.join(sorted(grades.failed_by[name]))}")
    lines += ["", f"{len(CHECKS)} checks; {grades.degraded.passed} of {grades.degraded.looked_at} turns were degraded"]
    return "\n".join(lines)


async def run(arguments: argparse.Namespace) -> Grades:
    bank = QuestionBank.load()
    if arguments.engine == "scripted":
        return await evaluate(ScriptedEngine(bank), bank, arguments.each, arguments.seed)
    settings = InterviewerSettings(interviewer_prompts=arguments.prompts)
    if not settings.configured:
        raise SystemExit("No model is configured: set OPENAI_API_KEY or OPENAI_BASE_URL.")
    models = Models.from_settings(settings)
    try:
        return await evaluate(make_engine(settings, models, bank), bank, arguments.each, arguments.seed)
    finally:
        await models.aclose()


def main() -> int:
    parser = argparse.ArgumentParser(prog="evals", description=__doc__)
    parser.add_argument("--engine", choices=("scripted", "llm"), default="scripted")
    parser.add_argument("--each", type=int, default=25, help="interviews with each persona")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--prompts", default="", help="weights of prompt versions to compare, as turn:4=50,turn:5=50")
    parser.add_argument("--least", type=float, default=LEAST, help="mean pass rate below which the exit code is 1")
    arguments = parser.parse_args()
    started = time.perf_counter()
    grades = asyncio.run(run(arguments))
    print(table(grades, time.perf_counter() - started))
    return 0 if grades.mean >= arguments.least else 1


if __name__ == "__main__":
    sys.exit(main())
