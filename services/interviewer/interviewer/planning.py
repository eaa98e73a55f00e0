"""What an interview is to cover: made once, at its start, from the job, the documents and the budget. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contracts.vocabulary.configuration import Focus, SessionConfig
from contracts.vocabulary.question import Phase, Plan, PlannedDomain, Question
from contracts.vocabulary.turn import TurnContext

from interviewer.bank import QuestionBank

GENERAL = "general_behavioral"
RESUME = "resume"
JOB = "job_description"
TRADE = "of_the_trade"
"""Questions about a job by its title."""
_NO_JOB = frozenset({"", "general role", "role", "position", "job"})
BEST_DOMAINS = 4
"""So many of a job's domains are asked side by side; the others come when these are used up."""
_MINUTES_A_QUESTION = 3
"""What a time-based interview is planned with: an answer of two minutes, and the talk around it."""
_BEHAVIORAL_SHARE: dict[Focus, float] = {
    "mixed": 0.3,
    "technical": 0.15,
    "system_design": 0.1,
    "coding": 0.1,
    "behavioral": 0.9,
    "hr": 0.9,
}
_FOCUS_DOMAINS: dict[Focus, tuple[str, ...]] = {
    "system_design": ("system_design",),
    "coding": ("algorithms_coding",),
    "hr": (GENERAL,),
}
_MIN_FOR_EVERY_PHASE = 3
"""From so many questions on, each phase that has something to ask gets one at least."""


def fitting_domains(config: SessionConfig, bank: QuestionBank) -> tuple[str, ...]:
    """The domains that fit an interview, best first: those that the documents were found to show, or else those that
    the words of job and documents suggest. A role that names a domain of its own keeps a place among the first."""
    suggested = bank.domains_for(config.job_role, f"{config.job_description}\n{config.resume_content}")
    shown = [name for name in dict.fromkeys(config.domains) if name in bank.names and name != GENERAL]
    if not shown:
        return suggested
    role = bank.domain_named_in(config.job_role)
    return tuple(dict.fromkeys((*shown[:1], *((role,) if role else ()), *shown[1:], *suggested)))


def make_plan(config: SessionConfig, domains: Sequence[str]) -> Plan:
    """The plan of an interview; `domains` are those of the job, best first.

    Targets add up to the number of questions that the interview has room for, follow-ups included.
    """
    total = planned_total(config)
    documents = _documents(config)
    for_documents = _documents_share(total, config, documents)
    behavioral = _behavioral_share(total - for_documents, config)
    technical = total - for_documents - behavioral
    fitting = _FOCUS_DOMAINS.get(config.focus, tuple(domains[:BEST_DOMAINS])) or (GENERAL,)
    field = _without_a_field(config) if fitting == (GENERAL,) and config.focus != "hr" else fitting
    return Plan(
        domains=(
            *_spread("resume", documents, for_documents),
            *_field(field, technical),
            *_spread("behavioral", _behavioral_domains(fitting), behavioral),
        )
    )


def planned_total(config: SessionConfig) -> int:
    """How many questions there is room for."""
    if not config.use_time_based_interview:
        return config.questions_to_come
    return max(1, config.interview_duration_minutes // _MINUTES_A_QUESTION)


def phase_of(plan: Plan, used: float) -> Phase:
    """The phase that the clock, or the count, has come to; `used` is the share of the budget, 0 to 1."""
    total = sum(each.target for each in plan.domains)
    passed = 0
    for each in plan.domains:
        passed += each.target
        if used * total < passed - 1e-9:  # a third of three is one, whatever floats say
            return each.phase
    return plan.domains[-1].phase if plan.domains else "technical"


def phase_of_follow_up(standing: Question) -> Phase:
    """The phase of a follow-up: that of its question, or, after an introduction, the one about the candidate's work."""
    return "resume" if standing.phase in {"welcome", "intro"} else standing.phase


def next_domain(context: TurnContext, phase: Phase) -> str | None:
    """The domain of a phase that is furthest behind its target; None where nothing is planned."""
    planned = [each for each in context.plan.domains if each.phase == phase] if context.plan else []
    if not planned:
        return None
    return max(planned, key=lambda each: each.target - context.coverage.get(each.domain, 0)).domain


def names_a_job(role: str) -> bool:
    """Whether a title says anything."""
    return role.strip().lower() not in _NO_JOB


def _without_a_field(config: SessionConfig) -> tuple[str, ...]:
    """What takes the place of a field that the bank does not know: what the job asks for, and its title."""
    asked_for = (JOB,) if config.job_description.strip() else ()
    return (*asked_for, *((TRADE,) if names_a_job(config.job_role) else ())) or (GENERAL,)


def _documents(config: SessionConfig) -> tuple[str, ...]:
    given = ((RESUME, config.resume_content), (JOB, config.job_description))
    return tuple(name for name, text in given if text.strip())


def _documents_share(total: int, config: SessionConfig, documents: tuple[str, ...]) -> int:
    if not documents or total < _MIN_FOR_EVERY_PHASE or config.focus in {"coding", "system_design"}:
        return 0
    share = total // 4 if RESUME in documents else total // 6
    return max(1, share)


def _behavioral_share(left: int, config: SessionConfig) -> int:
    wanted = round(left * _BEHAVIORAL_SHARE[config.focus])
    if config.focus in {"mixed", "technical"} and left >= _MIN_FOR_EVERY_PHASE - 1:
        wanted = max(1, wanted)
    return min(wanted, left)


def _behavioral_domains(fitting: Sequence[str]) -> tuple[str, ...]:
    """The first domain has behavioral questions of its own trade; the general ones are for everybody."""
    return tuple(dict.fromkeys((GENERAL, *fitting[:1])))


def _field(domains: Sequence[str], questions: int) -> Iterator[PlannedDomain]:
    """Half of the questions of the field are of the domain that fits best, the others of its neighbours."""
    first, *others = domains
    best = questions if not others else (questions + 1) // 2
    yield from _spread("technical", (first,), best)
    yield from _spread("technical", others, questions - best)


def _spread(phase: Phase, domains: Sequence[str], questions: int) -> Iterator[PlannedDomain]:
    """So many questions over the domains, the first ones getting more."""
    for rank, domain in enumerate(domains):
        target = questions // len(domains) + (rank < questions % len(domains))
        if target:
            yield PlannedDomain(phase=phase, domain=domain, target=target)
