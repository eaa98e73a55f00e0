"""What the interviewer says around its questions, and what it listens for, by language: one YAML file each."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

import yaml
from contracts.vocabulary.configuration import Style
from parley_text.packaged import loaded
from parley_text.sentences import QUESTION_MARKS, asks
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from interviewer.claims import Kind

Reaction = Literal[
    "question_back",
    "too_short",
    "unclear",
    "hardly_heard",
    "silence",
    "thinking",
    "hostile",
    "manipulation",
    "other_language",
    "repeats_itself",
]
ENGLISH = "en"
_HERE = Path(__file__).parent


def _asks_once(text: str) -> str:
    if sum(text.count(mark) for mark in QUESTION_MARKS) != 1:
        raise ValueError(f"must ask exactly one thing: {text!r}")
    return text


def _asks_nothing(text: str) -> str:
    if asks(text):
        raise ValueError(f"must not ask anything itself: {text!r}")
    return text


def _holds(field: str, text: str) -> str:
    if text.count("{" + field + "}") != 1:
        raise ValueError(f"must hold {{{field}}} once: {text!r}")
    return text


Asking = Annotated[str, AfterValidator(_asks_once)]
Saying = Annotated[str, AfterValidator(_asks_nothing)]
Around = Annotated[Saying, AfterValidator(functools.partial(_holds, "question"))]
"""Stands around a question."""
About = Annotated[Asking, AfterValidator(functools.partial(_holds, "claim"))]
"""Asks about the candidate's own words."""
Quoting = Annotated[Saying, AfterValidator(functools.partial(_holds, "claim"))]
"""Says somebody's words back."""
Both = Annotated[Quoting, AfterValidator(functools.partial(_holds, "earlier"))]
"""The same, of two statements."""
InTrade = Annotated[Asking, AfterValidator(functools.partial(_holds, "role"))]
"""Asks about a job by its title."""
Leading = Annotated[Around, AfterValidator(functools.partial(_holds, "claim"))]
"""Stands around a question, and says what in the documents brings it up."""
_QUOTED = r"(?:\".{0,400}?\"|'.{0,400}?')"
Some = Annotated[tuple[str, ...], Field(min_length=1)]
ByStyle = dict[Style, Annotated[tuple[Saying, ...], Field(min_length=1)]]
AskingByStyle = dict[Style, Annotated[tuple[Asking, ...], Field(min_length=1)]]
AroundByStyle = dict[Style, Annotated[tuple[Around, ...], Field(min_length=1)]]
Questions = Annotated[tuple[About, ...], Field(min_length=1)]
LeadingIn = Annotated[tuple[Leading, ...], Field(min_length=1)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Moved(_Frozen):
    """What a figure did, as a noun."""

    up: Saying
    down: Saying
    none: Saying


class TakingUp(_Frozen):
    """How the candidate's own sentence is said back, and what is asked about it, by what makes it telling."""

    quoting: Annotated[tuple[Quoting, ...], Field(min_length=2)]
    earlier: Both
    in_resume: Both
    moved: Moved
    questions: dict[Kind, Annotated[tuple[Asking, ...], Field(min_length=1)]]

    @model_validator(mode="after")
    def _every_kind(self) -> Self:
        if missing := set(get_args(Kind)) - set(self.questions):
            raise ValueError(f"taking_up lacks {', '.join(sorted(missing))}")
        return self


class Addressed(_Frozen):
    """What speaks to the candidate in whole sentences, and so has a polite and, in some languages, a familiar form."""

    taking_up: TakingUp
    of_the_trade: Annotated[tuple[InTrade, ...], Field(min_length=8)]
    asked_for: Questions
    deeper: About


class AboutResume(_Frozen):
    """Questions about a claim in the résumé: a clause in quotation marks, or a name or number; also about a job or
    project in it, and about a school."""

    number: Questions
    technology: Questions
    ownership: Questions
    post: Questions
    study: Questions


class AboutJob(_Frozen):
    """Questions about what the position asks for: what the résumé has too, what it lacks, or without a résumé; and
    about a line of the description."""

    shared: Questions
    gap: Questions
    requirement: Questions
    line: Questions


class LeadsIn(_Frozen):
    """What in the documents brings a question up: a tool, a line about work, or what the position asks for."""

    technology: LeadingIn
    work: LeadingIn
    job: LeadingIn


class Disclosing(_Frozen):
    """That an AI interviews and judges: a sentence around whoever does, and how that is named."""

    text: Annotated[
        Saying,
        AfterValidator(functools.partial(_holds, "interviewer")),
        AfterValidator(functools.partial(_holds, "coach")),
    ]
    built_in_interviewer: Saying
    built_in_coach: Saying
    some_ai: Saying
    model: Annotated[
        Saying,
        AfterValidator(functools.partial(_holds, "model")),
        AfterValidator(functools.partial(_holds, "provider")),
    ]
    alternative: Saying


class Accommodating(_Frozen):
    """What is done for somebody, by what they need; `otherwise` where they did not say what."""

    shorter_pieces: Saying
    extra_time: Saying
    text: Saying
    captions: Saying
    screen_reader: Saying
    otherwise: Saying


class Remarks(_Frozen):
    """What is said to somebody who says something else than an answer, before the question that stands; the same in
    every style. `questions_stay` is for an interview whose questions are in English in whatever language it goes on."""

    self_harm: Annotated[Around, AfterValidator(functools.partial(_holds, "lines"))]
    distress: Around
    may_want_to_stop: Around
    needs_pause: Around
    goes_on: Around
    protected_matter: Around
    is_it_a_person: Around
    salary_known: Annotated[Around, AfterValidator(functools.partial(_holds, "line"))]
    salary_unknown: Around
    process_known: Annotated[Around, AfterValidator(functools.partial(_holds, "line"))]
    process_unknown: Around
    corrects_interviewer: Around
    hint_story: Around
    hint_field: Around
    switches: Around
    speaks: Annotated[Around, AfterValidator(functools.partial(_holds, "languages"))]
    questions_stay: Saying
    told_already: Around
    empty: Around
    off_topic: Annotated[Around, AfterValidator(functools.partial(_holds, "said"))]
    accommodations: Accommodating
    accommodates: Annotated[Around, AfterValidator(functools.partial(_holds, "how"))]

    @functools.cached_property
    def before(self) -> re.Pattern[str]:
        """Any of it, as it stands before a question."""
        how = "|".join(re.escape(text) for _, text in self.accommodations)
        held = {"how": f"(?:(?:{how}) ?)+", "line": _QUOTED, "said": _QUOTED}
        around = [text.split("{question}")[0] for _, text in self if isinstance(text, str) and "{question}" in text]
        patterns = [
            "".join(held.get(part[1:-1], ".{0,900}?") if part.startswith("{") else re.escape(part) for part in parts)
            for parts in (re.split(r"(\{\w+\})", text) for text in around)
        ]
        return re.compile(f"(?:{'|'.join(patterns)})(?:{re.escape(self.questions_stay)} ?)?")


class Fact(_Frozen):
    """Something that is known without a job description, and questions to which it is the answer."""

    says: Saying
    asked: Annotated[tuple[Asking, ...], Field(min_length=3)]


class Facts(_Frozen):
    """What the configuration tells, and what comes after every interview."""

    position: Fact
    afterwards: Fact


class Inviting(_Frozen):
    """The end of an interview in which the candidate asks; the same in every style. `asking` are the words with which a
    language makes a question, which is often typed without its mark."""

    asking: Some
    invitations: Annotated[tuple[Asking, ...], Field(min_length=2)]
    anything_else: Annotated[tuple[Asking, ...], Field(min_length=2)]
    go_ahead: Asking
    quotes: Annotated[Saying, AfterValidator(functools.partial(_holds, "line"))]
    unknown: Saying
    rest_unknown: Saying
    closing: Saying
    facts: Facts


class Heard(_Frozen):
    """Phrases in lower case by which a candidate says something about the conversation, rather than an answer."""

    ready: Some
    not_ready: Some
    does_not_know: Some
    asks_back: Some
    another: Some
    thinking: Some


class Language(Addressed):
    """All fixed words of one language. `familiar` is for the casual style, where the language tells the two apart."""

    language: str
    name: str
    at_company: str
    no_role: str
    introductions: AskingByStyle
    welcomes: AskingByStyle
    self_introductions: AskingByStyle
    not_ready: ByStyle
    transitions: ByStyle
    after_not_knowing: ByStyle
    leaving_it: ByStyle
    reactions: dict[Reaction, AroundByStyle]
    remarks: Remarks
    inviting: Inviting
    rephrasings: Annotated[tuple[Around, ...], Field(min_length=1)]
    closings: ByStyle
    closings_on_wish: ByStyle
    familiar: Addressed | None = None
    building_on: Annotated[tuple[Around, ...], Field(min_length=1)]
    resume: AboutResume
    job: AboutJob
    leading_in: LeadsIn
    acknowledgements: Annotated[tuple[Saying, ...], Field(min_length=4)]
    fillers: Annotated[tuple[Saying, ...], Field(min_length=2)]
    disclosing: Disclosing
    questions_in_english: Saying
    some_questions_in_english: Saying
    heard: Heard

    @model_validator(mode="after")
    def _every_style_and_reaction(self) -> Self:
        tables = {name: value for name, value in self if isinstance(value, dict) and name != "reactions"}
        tables |= {f"reactions.{kind}": table for kind, table in self.reactions.items()}
        for name, table in tables.items():
            if missing := set(get_args(Style)) - set(table):
                raise ValueError(f"{name} lacks {', '.join(sorted(missing))}")
        if missing := set(get_args(Reaction)) - set(self.reactions):
            raise ValueError(f"reactions lack {', '.join(sorted(missing))}")
        return self

    def to(self, style: Style) -> Addressed:
        """What is said to a candidate in that style."""
        return self.familiar if self.familiar and style == "casual" else self

    @functools.cached_property
    def openers(self) -> tuple[str, ...]:
        """All that may stand before a question, longest first."""
        plain = (self.transitions, self.after_not_knowing, self.leaving_it)
        found = {opener for table in plain for some in table.values() for opener in some}
        around = [text for table in self.reactions.values() for some in table.values() for text in some]
        found |= {text.split("{question}")[0] for text in (*around, *self.rephrasings)}
        return tuple(sorted((each for each in found if each.strip()), key=len, reverse=True))


def code_of(tag: str) -> str:
    """The language of a tag as sessions have it: "de" for "de-AT"."""
    return tag.replace("_", "-").split("-", 1)[0].lower()


def speaks(tag: str) -> bool:
    """Whether the fixed words are there in that language."""
    return code_of(tag) in _all()


def language(tag: str) -> Language:
    """The words of a language; English ones where there are none."""
    known = _all()
    return known.get(code_of(tag), known[ENGLISH])


def languages() -> tuple[Language, ...]:
    """All there are."""
    return tuple(_all().values())


@functools.cache
def _all() -> dict[str, Language]:
    return {found.language: found for found in map(_read, sorted(_HERE.glob("*.yaml")))}


def _read(path: Path) -> Language:
    try:
        found = Language.model_validate(loaded(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError) as error:
        raise ValueError(f"{path.name}: {error}") from error
    if found.language != path.stem:
        raise ValueError(f"{path.name}: language is {found.language!r}, not the file's name")
    return found
