"""Sentences that are no claims: what is taken back, praise of oneself, not knowing."""

from __future__ import annotations

from coach.engines.scripted import patterns
from coach.engines.scripted.lexicon import BOASTING, COURTEOUS, NEGATING, PAST_ACTIONS, RETRACTING
from coach.engines.scripted.marks import marks_of
from coach.engines.scripted.signs import Mark
from coach.text import Sentence


# The word sets spare most sentences the slower patterns.
def takes_back(sentence: Sentence) -> bool:
    """Whether it withdraws what was said before."""
    return not RETRACTING.isdisjoint(sentence.word_set) and bool(patterns.RETRACTION.search(sentence.plain))


def correction_in(sentence: Sentence) -> Sentence | None:
    """What a retraction puts in the place of what it takes back, in the same breath."""
    found = patterns.RETRACTION.search(sentence.folded)
    rest = sentence.after(found.end()) if found else None
    return None if rest is None or patterns.RETRACTION.search(rest.plain) else rest


def takes_all_back(sentence: Sentence) -> bool:
    """Whether a retraction is of everything and not only of the last sentence."""
    return bool(patterns.RETRACTS_ALL.search(sentence.plain))


def admits_ignorance(sentence: Sentence) -> bool:
    """Whether it says that the speaker does not know."""
    return not NEGATING.isdisjoint(sentence.word_set) and bool(patterns.IGNORANCE.search(sentence.plain))


def is_courtesy(sentence: Sentence) -> bool:
    """Whether it speaks to the interviewer about the interview."""
    return not COURTEOUS.isdisjoint(sentence.word_set) and bool(patterns.COURTESY.search(sentence.plain))


def boasts(sentence: Sentence) -> bool:
    """Praise of oneself. With something done in it, it is a claim like others."""
    if BOASTING.isdisjoint(sentence.word_set) or not patterns.BOAST.search(sentence.plain):
        return False
    return Mark.ACTION not in marks_of(sentence) or PAST_ACTIONS.isdisjoint(sentence.word_set)
