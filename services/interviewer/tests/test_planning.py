"""What an interview is to cover."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from contracts.vocabulary.configuration import Focus, SessionConfig
from contracts.vocabulary.question import Plan, PlannedDomain, Question
from contracts.vocabulary.turn import Budget, TurnContext
from hypothesis import given
from hypothesis import strategies as st
from interviewer.planning import fitting_domains, make_plan, next_domain, phase_of
from interviewer_simulation import BANK

DOMAINS = ("backend", "databases", "system_design", "devops", "security")


def plan(target: int = 10, **config: Any) -> Plan:
    return make_plan(SessionConfig(target_question_count=target, **config), DOMAINS)


def targets(made: Plan) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in made.domains:
        found[each.phase] = found.get(each.phase, 0) + each.target
    return found


@given(
    target=st.integers(1, 50),
    focus=st.sampled_from(get_args(Focus)),
    resume=st.sampled_from(["", "Led a team."]),
    job=st.sampled_from(["", "Experience with Kafka."]),
    domains=st.lists(st.sampled_from(DOMAINS), unique=True),
)
def test_targets_add_up_to_the_questions_there_are(
    target: int, focus: Focus, resume: str, job: str, domains: list[str]
) -> None:
    config = SessionConfig(target_question_count=target, focus=focus, resume_content=resume, job_description=job)
    assert sum(each.target for each in make_plan(config, domains).domains) == target


def test_an_interview_goes_from_the_resume_over_the_field_to_behavior() -> None:
    made = plan(10, resume_content="Led a team.")
    assert targets(made) == {"resume": 2, "technical": 6, "behavioral": 2}
    assert [each.phase for each in made.domains] == sorted((each.phase for each in made.domains), key=ORDER.index)


ORDER = ["resume", "technical", "behavioral"]


def test_without_documents_there_is_no_resume_phase() -> None:
    assert targets(plan(10)) == {"technical": 7, "behavioral": 3}


def test_a_job_description_alone_is_worth_a_question() -> None:
    assert targets(plan(6, job_description="Experience with Kafka."))["resume"] == 1


@pytest.mark.parametrize(("target", "behavioral"), [(1, 0), (2, 1), (3, 1), (5, 2)])
def test_short_interviews_have_a_behavioral_question_too(target: int, behavioral: int) -> None:
    assert targets(plan(target)).get("behavioral", 0) == behavioral


def test_half_of_the_technical_part_is_of_the_best_domain() -> None:
    technical = [(each.domain, each.target) for each in plan(10).domains if each.phase == "technical"]
    assert technical == [("backend", 4), ("databases", 1), ("system_design", 1), ("devops", 1)]


@pytest.mark.parametrize(
    ("focus", "phase", "domain"),
    [
        ("system_design", "technical", "system_design"),
        ("coding", "technical", "algorithms_coding"),
        ("behavioral", "behavioral", "general_behavioral"),
        ("hr", "behavioral", "general_behavioral"),
    ],
)
def test_the_focus_decides_what_most_questions_are_about(focus: Focus, phase: str, domain: str) -> None:
    made = plan(10, focus=focus)
    assert targets(made)[phase] >= 8
    most = max(made.domains, key=lambda each: each.target)
    assert (most.phase, most.domain) == (phase, domain)


def test_a_time_based_interview_is_planned_for_its_minutes() -> None:
    made = plan(1, use_time_based_interview=True, interview_duration_minutes=30)
    assert sum(each.target for each in made.domains) == 10


@pytest.mark.parametrize(("used", "phase"), [(0, "resume"), (0.19, "resume"), (0.2, "technical"), (0.8, "behavioral")])
def test_the_phase_is_a_matter_of_the_share_that_is_used(used: float, phase: str) -> None:
    assert phase_of(plan(10, resume_content="Led a team."), used) == phase


def test_beyond_the_end_it_is_still_the_last_phase() -> None:
    assert phase_of(plan(10), 1.5) == "behavioral"


def test_the_domain_furthest_behind_comes_next() -> None:
    made = Plan(
        domains=(
            PlannedDomain(phase="technical", domain="backend", target=2),
            PlannedDomain(phase="technical", domain="devops", target=2),
        )
    )
    context = TurnContext(
        config=SessionConfig(),
        question=Question(kind="question", text="Why?", phase="technical"),
        answer="",
        transcript=(),
        budget=Budget(asked=1, target=4, elapsed=0, duration=60, time_based=False),
        plan=made,
        coverage={"backend": 1},
    )
    assert next_domain(context, "technical") == "devops"
    assert next_domain(context, "behavioral") is None


# --- which domains fit ---


def fitting(**config: Any) -> tuple[str, ...]:
    return fitting_domains(SessionConfig(**config), BANK)


def test_the_domains_that_the_documents_show_are_planned() -> None:
    config = SessionConfig(domains=("devops", "security", "databases"), target_question_count=10)
    made = make_plan(config, fitting_domains(config, BANK))
    assert [each.domain for each in made.domains if each.phase == "technical"][:3] == [
        "devops",
        "security",
        "databases",
    ]


def test_a_role_that_names_a_domain_keeps_a_place_for_it() -> None:
    shown = ("devops", "security", "databases", "frontend", "backend")
    assert fitting(job_role="Backend Engineer", domains=shown)[:2] == ("devops", "backend")
    assert fitting(job_role="Software Engineer", domains=shown)[:4] == shown[:4]


def test_unknown_domains_are_left_out_and_without_any_it_is_as_before() -> None:
    assert fitting(job_role="Chef", domains=("alchemy", "sales"))[0] == "sales"
    for domains in ((), ("alchemy",), ("general_behavioral",)):
        assert fitting(job_role="Data Engineer", domains=domains) == BANK.domains_for("Data Engineer", "\n")


@pytest.mark.parametrize(("focus", "domain"), [("coding", "algorithms_coding"), ("system_design", "system_design")])
def test_whoever_chose_a_focus_gets_it(focus: Focus, domain: str) -> None:
    config = SessionConfig(domains=("sales",), focus=focus, target_question_count=8)
    technical = {
        each.domain for each in make_plan(config, fitting_domains(config, BANK)).domains if each.phase == "technical"
    }
    assert technical == {domain}
