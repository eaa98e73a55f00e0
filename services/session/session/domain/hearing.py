"""What a recogniser understood, as an answer: its text, and what is known of how surely and when it was said."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from contracts.speech.events import Transcribed
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.hearing import MAX_TERMS, PAUSE, UNSURE, HeardWord, Span, SpokenAnswer, Timing
from contracts.vocabulary.limits import MAX_ANSWER

_TERM = re.compile(
    r"(?<!\w)(?=[\w+#./-]{2,30}(?!\w))[^\W\d_](?:\w*(?:[^\W\d_][A-Z]|\d|[+#]|[./-](?=[A-Z]))[\w+#]*)(?!\w)"
    r"|(?<=[\w,;(] )[A-Z][a-z]{2,29}(?!\w)"
)
"""A capital, a digit or a sign inside a word; or a capital where no sentence begins."""


def spoken_answer(
    transcribed: Transcribed, recording: str, review_until: datetime | None = None
) -> tuple[str, SpokenAnswer]:
    """The words, cut to the longest answer that there is, and what is known of them."""
    heard = transcribed.heard
    text = heard.text.strip()[:MAX_ANSWER].strip()
    return text, SpokenAnswer(
        recording=recording,
        duration=heard.duration,
        confidence=heard.confidence,
        language=heard.language,
        unsure=unsure(text, heard.words),
        timing=timing(heard.words),
        provider=transcribed.provider,
        model=transcribed.model,
        review_until=review_until,
    )


def terms_of(config: SessionConfig) -> tuple[str, ...]:
    """Words of the job and the résumé that a recogniser would hardly guess, the most frequent first: those that no
    dictionary writes so, such as PostgreSQL, k8s, C++ or CI/CD, and names."""
    found = Counter(_TERM.findall(f"{config.job_role}\n{config.job_description}\n{config.resume_content}"))
    return tuple(term for term, _ in found.most_common(MAX_TERMS))


def unsure(text: str, words: Sequence[HeardWord]) -> tuple[Span, ...]:
    """Where in a text the words are that were hardly understood; neighbours are one span.

    A recogniser may write its words otherwise than its text; one that is not found there marks nothing.
    """
    spans: list[Span] = []
    place = 0
    is_next = False
    for word in words:
        written = word.text.strip()
        found = text.find(written, place)
        if found < 0:
            continue
        place = found + len(written)
        if word.confidence >= UNSURE:
            is_next = False
        elif is_next:
            spans[-1] = Span(start=spans[-1].start, end=place)
        else:
            spans.append(Span(start=found, end=place))
            is_next = True
    return tuple(spans)


def timing(words: Sequence[HeardWord]) -> Timing | None:
    """When they were spoken; None where that is not known."""
    if not words or words[-1].end <= words[0].start:
        return None
    gaps = [later.start - earlier.end for earlier, later in pairwise(words)]
    pauses = [gap for gap in gaps if gap >= PAUSE]
    return Timing(
        speaking=round(words[-1].end - words[0].start - sum(pauses), 3),
        pauses=len(pauses),
        longest_pause=round(max(pauses, default=0.0), 3),
    )
