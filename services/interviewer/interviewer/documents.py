"""What a résumé and a job description give to ask about. Every claim is a verbatim piece of one of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.document import SourceRef
from contracts.vocabulary.question import Expectation
from parley_text.contact import has_contact
from parley_text.sentences import QUESTION_MARKS, SEMICOLONS, sentences

from interviewer.claims import Claim, number_in, technologies_in
from interviewer.planning import JOB, RESUME
from interviewer.words import words_of

Relation = Literal["shared", "gap", "requirement", "line"]
Station = Literal["post", "study"]
"""A job or project, and a school, by the line that heads it."""
MAX_QUOTE = 110
_MIN_LINE, _MAX_LINE = 20, 400
_BULLETS = re.compile("[•▪●◦·]+")
_BULLET = re.compile(r"^[\s\-–—*>o▸►]+(?=\s|[A-Za-z])")  # noqa: RUF001
_PRIVATE = re.compile(r"\b(?:born|nationality|address)\b", re.IGNORECASE)
_DID = re.compile(
    r"^(?:i |and |\w+ly )*(?:led|built|designed|wrote|created|introduced|migrated|reduced|fixed|proposed|owned|launched"
    r"|automated|refactored|optimi[sz]ed|implemented|negotiated|mentored|organi[sz]ed|rewrote|moved|replaced|added"
    r"|coordinated|planned|ran|set up|managed|developed|delivered|increased|improved|cut|saved|grew|trained|taught"
    r"|established|founded|headed|supervised|conducted|analy[sz]ed|audited|closed|sold|won|raised|hired|scaled|shipped"
    r"|responsible for|cared for|treated|coached|prepared|streamlined|restructured|negotiated|resolved|supported)\b",
    re.IGNORECASE,
)
_ASKS_FOR = re.compile(
    r"(?:experience (?:with|in|of)|knowledge of|proficien(?:t|cy) (?:with|in)|familiar(?:ity)? with|expertise in"
    r"|skill(?:s|ed) in|understanding of|background in|track record (?:of|in)|command of|fluen(?:t|cy) in)\s+"
    r"(?P<what>[^.;:\n\r•()?]{3,80})",
    re.IGNORECASE,
)
_END_OF_NAME = re.compile(
    r",| and (?:an?|the|you|strong|good|excellent|with|in|of|to)\b| or (?:similar|equivalent)\b| (?:is|are|as well)\b"
)
_SMALL = frozenset(
    "a an and the of in on for with to or such as e.g like similar plus strong good our your their".split()
)

TELLS_ITS_STORY = (
    Expectation(
        point="Says what their own part was",
        cues=(
            "i was responsible",
            "my part",
            "my role",
            "i led",
            "i decided",
            "i built",
            "i designed",
            "myself",
            "i own",
        ),
    ),
    Expectation(
        point="Tells the situation and what was at stake",
        cues=("at that time", "the problem was", "we had", "because the", "customers", "at my", "when i", "before"),
    ),
    Expectation(
        point="Gives a reason for how it was done",
        cues=("because", "so that", "instead of", "rather than", "trade-off", "the reason", "in order to", "decided"),
    ),
    Expectation(
        point="Names a result that can be checked",
        cues=(
            "as a result",
            "in the end",
            "reduced",
            "increased",
            "percent",
            "saved",
            "went from",
            "dropped",
            "faster",
        ),
    ),
)
"""What an answer about a piece of one's own work shows, whatever the work was."""
SHOWS_EXPERIENCE = (
    Expectation(
        point="Names a concrete piece of work where it was used",
        cues=("at my", "in my last", "project", "i used", "i worked", "i built", "we had", "when i", "for example"),
    ),
    Expectation(
        point="Goes into a detail that only somebody who did it knows",
        cues=("because", "the problem", "had to", "configured", "measured", "the hard part", "tricky", "instead of"),
    ),
    Expectation(
        point="Is plain about where the own experience ends",
        cues=(
            "i have not",
            "i haven't",
            "limited",
            "less experience",
            "i would learn",
            "similar",
            "nearest",
            "not yet",
        ),
    ),
)


KNOWS_THE_TRADE = (
    Expectation(point="Speaks of the work itself, in words that somebody who does it would use"),
    Expectation(point="Gives a case, an example or a detail of their own"),
    Expectation(point="Gives a reason for how it is done"),
)
"""What an answer to a question about a trade shows, whatever the trade is."""


@dataclass(frozen=True)
class Point:
    """Something in a document that a question can take up. `claim` is verbatim, and stands in each of `sources`.

    `entry` names the job, school or project that it belongs to, and begins the id; `domains` are those of its piece.
    """

    id: str
    document: Literal["resume", "job_description"]
    kind: Claim | Relation | Station
    claim: str
    sources: tuple[SourceRef, ...] = ()
    entry: str = ""
    domains: tuple[str, ...] = ()

    @property
    def is_name(self) -> bool:
        """A name goes into a sentence as it is; other words are quoted."""
        return self.kind == "technology" or (bool(self.sources) and self.kind in {"shared", "gap", "requirement"})

    @property
    def expects(self) -> tuple[Expectation, ...]:
        """What an answer to it shows."""
        return TELLS_ITS_STORY if self.document == RESUME else SHOWS_EXPERIENCE


def documents_of(config: SessionConfig) -> tuple[UUID, ...]:
    """The uploaded documents that a session names."""
    return tuple(dict.fromkeys(each for each in (config.resume_id, config.job_description_id) if each))


def points_of(config: SessionConfig, document: str | None) -> list[Point]:
    """What a document gives to ask about, most telling first; nothing where there is no such document."""
    if document == RESUME:
        return list(_of_resume(config.resume_content))
    return list(_of_job(config.job_description, config.resume_content)) if document == JOB else []


def _of_resume(resume: str) -> Iterator[Point]:
    """Things done, those with a figure first; then figures; then tools."""
    lines = [line for line in map(_plain_line, lines_of(resume)) if line]
    did = [line for line in lines if _DID.match(line)]
    measured = [line for line in lines if number_in(line)]
    both = [line for line in did if line in measured]
    yield from _points("resume", "ownership", dict.fromkeys((*both, *did)))
    yield from _points("resume", "number", (line for line in measured if line not in did))
    yield from _points("resume", "technology", technologies_in("\n".join(lines)))


def _of_job(description: str, resume: str) -> Iterator[Point]:
    tools = technologies_in(description)
    asked = (_requirement(match["what"]) for match in _ASKS_FOR.finditer(description))
    for claim in dict.fromkeys((*filter(None, asked), *tools)):
        yield from _points("job_description", _relation(claim, resume), [claim])


def _relation(claim: str, resume: str) -> Relation:
    """Whether the résumé has it too. What is said of the résumé must be true: half of it is neither."""
    if not resume.strip():
        return "requirement"
    words = words_of(claim) - _SMALL
    shared = words & words_of(resume)
    if shared == words and words:
        return "shared"
    return "requirement" if shared else "gap"


def _points(
    document: Literal["resume", "job_description"], kind: Claim | Relation, claims: Iterable[str]
) -> Iterator[Point]:
    for claim in claims:
        yield Point(f"{document.replace('_', '-')}-{digest_of(claim)}", document, kind, clipped(claim))


def digest_of(claim: str) -> str:
    """How the ids of what says this end, wherever it was found."""
    return hashlib.blake2b(claim.encode(), digest_size=5).hexdigest()


def lines_of(text: str) -> list[str]:
    """The lines of a document, and in them the points and sentences."""
    return [line for part in _BULLETS.split(text) for line in sentences(part, also=SEMICOLONS)]


def is_contact(line: str) -> bool:
    """Whether it has data of a person that nobody needs to speak of."""
    return _PRIVATE.search(line) is not None or has_contact(line, everywhere=True)


def without_bullet(raw: str) -> str:
    """A line without what sets it off from others."""
    return _BULLET.sub("", raw).strip(" .,;。；\t")  # noqa: RUF001


def _plain_line(raw: str) -> str:
    """A line of a résumé that can be quoted; empty for contact data, headings and fragments."""
    line = without_bullet(raw)
    usable = _MIN_LINE <= len(line) <= _MAX_LINE and len(line.split()) >= 4 and not is_contact(line)
    return line if usable and not any(mark in line for mark in QUESTION_MARKS + "\x00") else ""


def _requirement(what: str) -> str:
    """What is asked for, up to where the sentence goes on."""
    end = _END_OF_NAME.search(what)
    claim = (what[: end.start()] if end else what).strip(" .,-")
    return claim if 2 < len(claim) <= 60 else ""


def clipped(claim: str) -> str:
    """A claim as it fits into a question: its beginning, cut at a word."""
    if len(claim) <= MAX_QUOTE:
        return claim
    return claim[: MAX_QUOTE + 1].rsplit(" ", 1)[0].rstrip(" ,;:")
