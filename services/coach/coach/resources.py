"""Picks what to read next from the curated list, by the weakest domains and criteria."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice

from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.report import Resource
from parley_text.packaged import packaged
from pydantic import BaseModel, ConfigDict

from coach.quotes import shortened
from coach.statistics import Judged, Statistics
from coach.text import content, words

FEWEST = 3
MOST_DOMAINS = 2
ROOM = 0.8
"""A second domain is worth a resource only below this mean."""
MOST_CRITERIA = 2
_ANYBODY = "general_behavioral"
"""Of a job that no word points to."""


class Domain(BaseModel):
    """A field of questions or of work, the family of jobs that it belongs to, and the words in the name of a job that
    point to it. What everybody may be asked is of no family."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    title: str
    words: tuple[str, ...]
    family: str = ""


class Entry(BaseModel):
    """One resource of the list. `families`: whom it is for, where it is not for everybody."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    title: str
    url: str
    description: str
    resource_type: str
    domains: tuple[str, ...]
    criteria: tuple[str, ...] = ()
    families: tuple[str, ...] = ()

    @property
    def subject(self) -> frozenset[str]:
        """The stems of what it is about."""
        return content(f"{self.title} {self.description}")


class Library(BaseModel):
    """The curated list."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    domains: dict[str, Domain]
    resources: tuple[Entry, ...]


@lru_cache(maxsize=1)
def library() -> Library:
    """The packaged list, read once."""
    return Library.model_validate(packaged("coach", "resources.yaml"))


@dataclass(frozen=True)
class Need:
    """Something to work on: why, and the words that tell which resource serves it best."""

    candidates: tuple[Entry, ...]
    reasoning: str
    about: frozenset[str] = frozenset()
    most: int = 1
    spare: bool = False
    """Served only where the needs before it found too little."""


def recommend(statistics: Statistics, config: SessionConfig) -> tuple[Resource, ...]:
    """Three to six resources, those for the weakest domain first."""
    families = _families(statistics, config)
    needs = [*_domain_needs(statistics), *_criterion_needs(statistics, _role_domains(config)), *_role_needs(config)]
    taken: dict[str, Resource] = {}
    for need in needs:
        if len(taken) >= FEWEST and need.spare:
            break
        free = [each for each in need.candidates if each.url not in taken and _is_for(each, families)]
        for entry in sorted(free, key=lambda each: -len(each.subject & need.about))[: need.most]:
            taken[entry.url] = _resource(entry, need.reasoning)
    return tuple(taken.values())


def _resource(entry: Entry, reasoning: str) -> Resource:
    return Resource(
        title=entry.title,
        url=entry.url,
        description=entry.description,
        resource_type=entry.resource_type,
        reasoning=reasoning,
    )


def _domain_needs(statistics: Statistics) -> Iterator[Need]:
    known = library().domains
    scored = [(name, _why_scored(name, statistics)) for name in _worth_work(statistics) if name in known]
    passed = [(each.domain, _why_unscored(each)) for each in statistics.insufficient]
    found: dict[str, str] = {}
    for domain, reasoning in chain(scored, passed):
        if domain in known:
            found.setdefault(domain, reasoning)
    for domain, reasoning in islice(found.items(), MOST_DOMAINS):
        yield Need(_entries(domain), reasoning, _subject(domain, statistics), most=4 - min(len(found), MOST_DOMAINS))


def _worth_work(statistics: Statistics) -> list[str]:
    """The weakest domain, and others only where there is room above them."""
    weakest_first = list(statistics.domains)
    return weakest_first[:1] + [name for name in weakest_first[1:] if statistics.domains[name] < ROOM]


def _families(statistics: Statistics, config: SessionConfig) -> frozenset[str]:
    """The families of jobs that the position, or what was asked, belongs to."""
    known = library().domains
    asked = (each.domain for each in (*statistics.scored, *statistics.insufficient))
    fields = [*_role_domains(config), *(domain for domain in asked if domain in known)]
    return frozenset(known[each].family for each in fields if each in known) - {""}


def _is_for(entry: Entry, families: frozenset[str]) -> bool:
    return not entry.families or not families.isdisjoint(entry.families)


def _criterion_needs(statistics: Statistics, fields: Sequence[str]) -> Iterator[Need]:
    """For the weakest criteria, first what serves them in the fields of the position, then what serves everybody."""
    low = [(name, mean) for name, mean in statistics.criteria.items() if mean < 1]
    means = low if statistics.scored else [("structure", None), ("clarity", None)]
    for name, mean in islice(means, MOST_CRITERIA):
        serving = [each for each in library().resources if name in each.criteria]
        own = [each for each in serving if not set(fields).isdisjoint(each.domains)]
        everybody = [each for each in serving if "general" in each.domains and each not in own]
        yield Need((*own, *everybody), _why_criterion(name, mean))


def _role_needs(config: SessionConfig) -> Iterator[Need]:
    for domain in _role_domains(config):
        yield Need(_entries(domain), _why_role(domain, config), most=2, spare=True)


def _entries(domain: str) -> tuple[Entry, ...]:
    return tuple(entry for entry in library().resources if domain in entry.domains)


def _subject(domain: str, statistics: Statistics) -> frozenset[str]:
    """The words of what was asked in a domain and what was left out."""
    in_domain = [each for each in (*statistics.scored, *statistics.insufficient) if each.domain == domain]
    texts = chain.from_iterable((each.question.text, *each.feedback.improvements) for each in in_domain)
    return content(" ".join(texts))


def _role_domains(config: SessionConfig) -> list[str]:
    """The fields that the name of a job points to, those first to which most of its words do."""
    spoken = set(words(config.job_role))
    hits = {name: len(spoken & set(domain.words)) for name, domain in library().domains.items()}
    fitting = sorted((name for name in hits if hits[name]), key=lambda name: -hits[name])
    return fitting or [_ANYBODY]


def _why_scored(domain: str, statistics: Statistics) -> str:
    mean = statistics.domains[domain]
    answers = [each for each in statistics.scored if each.domain == domain]
    weakest = min(answers, key=lambda each: each.score)
    title = library().domains[domain].title
    return (
        f"Your answers on {title} averaged {round(mean * 100)} of 100; "
        f"the lowest was your answer to {shortened(weakest.question)}"
    )


def _why_unscored(judged: Judged) -> str:
    return f"There was not enough to judge in your answer to {shortened(judged.question)}"


def _why_role(domain: str, config: SessionConfig) -> str:
    title = library().domains[domain].title
    return f"Suggested for the role “{config.job_role}”: questions on {title} are likely."


def _why_criterion(name: str, mean: float | None) -> str:
    if mean is None:
        return f"Nothing was scored yet; {name} is what most first answers can improve at once."
    return f"Across your answers {name} averaged {round(mean * 100)} of 100, among your lowest criteria."


def titles(domains: Iterable[str]) -> dict[str, str]:
    """The titles of domains, where they are known."""
    known = library().domains
    return {name: known[name].title if name in known else name.replace("_", " ") for name in domains}
