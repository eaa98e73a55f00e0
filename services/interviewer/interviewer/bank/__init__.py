"""The curated question bank: one YAML file a domain, read once and checked while it is read."""

import functools
import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from parley_text.packaged import loaded
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

_PACKAGED = Path(__file__).parent

# What a plain "Software Engineer" is asked, in this order; also how ties are broken.
_GENERALIST_DOMAINS = ("backend", "frontend", "system_design", "algorithms_coding")
_GENERALIST = re.compile(r"\b(software|developer|programmer|coder|full ?stack|swe|sde)s?\b")

_NOTHING_FITS = ("general_behavioral",)

_ROLE_WEIGHT = 100
_GENERALIST_WEIGHT = 2
# A job description names many neighbouring fields in passing. When the role already says what the
# job is, a field counts only if the description keeps coming back to it.
_DESCRIPTION_HITS_BESIDE_A_ROLE = 3
_REMEMBERED_JOBS = 256
_FEWEST_CUES = 4


def _one_question(text: str) -> str:
    if text.count("?") != 1 or not text.endswith("?"):
        raise ValueError(f"must be one question, with one question mark at its end: {text!r}")
    return text


def _lower_case(text: str) -> str:
    if not text.strip() or text != text.lower():
        raise ValueError(f"must be lower case and not empty: {text!r}")
    return text


def _none_or_some(cues: tuple[str, ...]) -> tuple[str, ...]:
    if 0 < len(cues) < _FEWEST_CUES:
        raise ValueError(f"must be none, or at least {_FEWEST_CUES}: {cues!r}")
    return cues


SpokenQuestion = Annotated[str, AfterValidator(_one_question)]
Phrase = Annotated[str, AfterValidator(_lower_case)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Point(_Frozen):
    """One thing a good answer shows, and perhaps words that suggest it was said."""

    point: str = Field(min_length=1)
    cues: Annotated[tuple[Phrase, ...], AfterValidator(_none_or_some)] = Field((), max_length=10)


class FollowUp(_Frozen):
    """A question to ask after an answer, and what an answer to it shows."""

    text: SpokenQuestion
    shows: tuple[Annotated[str, Field(min_length=1)], ...] = Field(min_length=1, max_length=3)


class BankQuestion(_Frozen):
    """A question; `plainer` asks the same in short and simple sentences."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)+$")
    domain: str
    phase: Literal["technical", "behavioral"]
    difficulty: Literal["easy", "medium", "hard"]
    text: SpokenQuestion
    shows: tuple[Point, ...] = Field(min_length=3, max_length=5)
    follow_ups: tuple[FollowUp, FollowUp]
    plainer: SpokenQuestion

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        prefix = self.domain.replace("_", "-") + "-"
        if not self.id.startswith(prefix):
            raise ValueError(f"id must start with {prefix!r}")
        if self.plainer == self.text:
            raise ValueError("plainer must be in other words")
        return self


class Domain(_Frozen):
    domain: str
    title: str = Field(min_length=1)
    roles: tuple[Phrase, ...] = Field(min_length=1)
    questions: tuple[BankQuestion, ...] = Field(min_length=1)


class QuestionBank(_Frozen):
    domains: tuple[Domain, ...]

    @staticmethod
    def load(directory: Path | None = None) -> "QuestionBank":
        """The bank in `directory`, by default the packaged one; the same object on every call.

        Raises ValueError, naming the file and the question, for a file that breaks the schema.
        """
        return _load(directory or _PACKAGED)

    def question(self, id: str) -> BankQuestion:
        """The question of that id. Raises KeyError."""
        return self._questions_by_id[id]

    def find(self, id: str | None) -> BankQuestion | None:
        """The question of that id; None where there is none, as after an edit of the bank during an interview."""
        return self._questions_by_id.get(id) if id else None

    def domain(self, name: str) -> Domain:
        """The domain of that name. Raises KeyError."""
        return self._domains_by_name[name]

    def domain_named_in(self, job_role: str) -> str | None:
        """The domain that a role names in so many words; None for one that could be anything."""
        return min(hits, key=lambda name: (-hits[name], _rank(name))) if (hits := self._hits(job_role)) else None

    def domains_for(self, job_role: str, job_description: str = "") -> tuple[str, ...]:
        """The names of the domains that fit a job, best first; never empty. Cheap when asked again for the same job."""
        # Each turn of an interview asks the same, and a long description takes milliseconds to go through. Known
        # again by a hash: nobody's resume stays in memory.
        job = hashlib.blake2b(f"{job_role}\0{job_description}".encode(), digest_size=16).digest()
        found = self._remembered.get(job)
        if found is None:
            if len(self._remembered) >= _REMEMBERED_JOBS:
                self._remembered.clear()
            found = self._remembered[job] = self._find_domains(job_role, job_description)
        return found

    @functools.cached_property
    def _remembered(self) -> dict[bytes, tuple[str, ...]]:
        return {}

    def _find_domains(self, job_role: str, job_description: str) -> tuple[str, ...]:
        role_hits = self._hits(job_role)
        description_hits = self._hits(job_description)
        scores = Counter({name: hits * _ROLE_WEIGHT for name, hits in role_hits.items()})
        if not scores and _GENERALIST.search(_normal(job_role)):
            known = {domain.domain for domain in self.domains}
            scores.update({n: _GENERALIST_WEIGHT for n in _GENERALIST_DOMAINS if n in known})
        needed = _DESCRIPTION_HITS_BESIDE_A_ROLE if scores else 1
        scores.update({n: h for n, h in description_hits.items() if n in scores or h >= needed})
        return tuple(sorted(scores, key=lambda name: (-scores[name], _rank(name)))) or _NOTHING_FITS

    def _hits(self, text: str) -> Counter[str]:
        """How many different role phrases of each domain occur in the text."""
        found = set(self._role_pattern.findall(_normal(text)))
        return Counter(name for phrase in found for name in self._domains_by_phrase[phrase])

    @functools.cached_property
    def _role_pattern(self) -> re.Pattern[str]:
        return _pattern(self._domains_by_phrase)

    @functools.cached_property
    def _domains_by_phrase(self) -> dict[str, set[str]]:
        names: dict[str, set[str]] = {}
        for domain in self.domains:
            for phrase in domain.roles:
                names.setdefault(_normal(phrase), set()).add(domain.domain)
        return names

    @functools.cached_property
    def texts(self) -> tuple[str, ...]:
        """All that the bank asks: what questions of interviews are usually like."""
        asked = (question for domain in self.domains for question in domain.questions)
        return tuple(text for each in asked for text in (each.text, *(later.text for later in each.follow_ups)))

    @functools.cached_property
    def names(self) -> frozenset[str]:
        """The names of all domains."""
        return frozenset(self._domains_by_name)

    @functools.cached_property
    def _domains_by_name(self) -> dict[str, Domain]:
        return {domain.domain: domain for domain in self.domains}

    @functools.cached_property
    def _questions_by_id(self) -> dict[str, BankQuestion]:
        return {question.id: question for domain in self.domains for question in domain.questions}


def _rank(name: str) -> tuple[int, str]:
    generalist = name in _GENERALIST_DOMAINS
    return (_GENERALIST_DOMAINS.index(name) if generalist else len(_GENERALIST_DOMAINS), name)


def _normal(text: str) -> str:
    """Lower case with single spaces: "Back-End/API" and "back end api" are the same words."""
    return re.sub(r"[\s\-_/]+", " ", text.lower())


def _pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    # Longest first, over all domains: a "penetration tester" is no "tester" of software, and "react
    # native" is not "react".
    choice = "|".join(map(re.escape, sorted(phrases, key=len, reverse=True)))
    # `+` and `#` belong to a word, so that "c" is not found in "c++".
    return re.compile(rf"(?<![a-z0-9])({choice})s?(?![a-z0-9+#])")


@functools.cache
def _load(directory: Path) -> QuestionBank:
    domains = tuple(_read_domain(path) for path in sorted(directory.glob("*.yaml")))
    if not domains:
        raise ValueError(f"no question bank files in {directory}")
    _check_unique_ids(domains)
    return QuestionBank(domains=domains)


def _read_domain(path: Path) -> Domain:
    try:
        raw = loaded(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{path.name}: not valid YAML: {error}") from error
    if not (isinstance(raw, dict) and isinstance(raw.get("questions"), list)):
        raise ValueError(f"{path.name}: needs a mapping with a list of questions")
    if raw.get("domain") != path.stem:
        raise ValueError(f"{path.name}: domain is {raw.get('domain')!r}, not the file's name")
    questions = [_read_question(path, number, q) for number, q in enumerate(raw["questions"], 1)]
    try:
        return Domain.model_validate(raw | {"questions": questions})
    except ValidationError as error:
        raise ValueError(f"{path.name}: {error}") from error


def _read_question(path: Path, number: int, raw: Any) -> BankQuestion:
    name = raw.get("id", f"number {number}") if isinstance(raw, dict) else f"number {number}"
    try:
        return BankQuestion.model_validate({**raw, "domain": path.stem})
    except (ValidationError, TypeError) as error:
        raise ValueError(f"{path.name}: question {name}: {error}") from error


def _check_unique_ids(domains: Iterable[Domain]) -> None:
    seen: dict[str, str] = {}
    for domain in domains:
        for question in domain.questions:
            if question.id in seen:
                other = seen[question.id]
                raise ValueError(f"{domain.domain}.yaml: question {question.id}: also in {other}.yaml")
            seen[question.id] = domain.domain
