"""A question that stands, in the language that was asked for: as far as its words are ours, which are there in each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import get_args

from contracts.vocabulary.configuration import SessionConfig
from parley_text.questions import question_of

from interviewer.claims import Kind
from interviewer.engines import wording
from interviewer.languages import Addressed, Language, languages

Templates = Sequence[str]


def in_language(question: str, config: SessionConfig, spoken: Language) -> str:
    """The question in a language; as it stands where its words are a bank's or a model's."""
    style = config.style
    for other in (each for each in languages() if each is not spoken):
        for addressed in filter(None, (other, other.familiar)):
            to = spoken.to(style)
            pairs = zip(_asking(addressed, other), _asking(to, spoken), strict=True)
            given = _given(config, spoken, addressed, to)
            for theirs, ours in pairs:
                if (found := wording.refilled(question, theirs, ours, given)) is not None:
                    before, asked = found
                    return f"{_quoted_in(before.strip(), addressed, to)} {asked}".strip()
    return question


def _asking(addressed: Addressed, language: Language) -> Iterator[Templates]:
    """All that asks, in groups of the same meaning and the same order in each language."""
    yield from (addressed.taking_up.questions[kind] for kind in get_args(Kind))
    yield from (addressed.asked_for, (addressed.deeper,), addressed.of_the_trade)
    yield from (templates for _, templates in chain(language.resume, language.job))
    for by_style in (language.introductions, language.welcomes, language.self_introductions):
        yield [question_of(each) for style in sorted(by_style) for each in by_style[style]]
    inviting = language.inviting
    yield [question_of(each) for each in inviting.invitations]
    yield from (inviting.anything_else, (inviting.go_ahead,))


def _given(
    config: SessionConfig, spoken: Language, theirs: Addressed, ours: Addressed
) -> Mapping[str, Mapping[str, str]]:
    """What is said otherwise in another language, by field and by how it was said."""
    moved = {theirs_said: getattr(ours.taking_up.moved, name) for name, theirs_said in theirs.taking_up.moved}
    return {"moved": moved, "role": {"": wording.a_role(config.job_role, spoken)}}


def _quoted_in(before: str, theirs: Addressed, ours: Addressed) -> str:
    """What was quoted of the candidate before the question, said back in the other language."""
    for group in ("quoting", "earlier", "in_resume"):
        said, wanted = getattr(theirs.taking_up, group), getattr(ours.taking_up, group)
        one, other = (said, wanted) if isinstance(said, tuple) else ((said,), (wanted,))
        if (found := wording.refilled(before, one, other, {})) is not None and not found[0].strip():
            return found[1]
    return before
