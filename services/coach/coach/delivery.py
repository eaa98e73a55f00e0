"""How something was said: pace, fillers, hedges, talk share. Coaching only; no score looks at it.

Good interviews have 120-160 words a minute, fewer than 5 fillers in 100 words, and 50-70% of the talking by the
candidate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from contracts.vocabulary.hearing import SpokenAnswer, Timing
from contracts.vocabulary.judgement import Delivery
from contracts.vocabulary.turn import TranscriptTurn
from parley_text.packaged import packaged
from parley_text.sentences import sentences

from coach.said import sure_of

PACE = (120.0, 160.0)
"""Words a minute that are easy to follow."""
MOST_FILLERS = 5.0
MOST_HEDGES = 5.0
"""In 100 words."""
TALK_SHARE = (0.5, 0.7)
INTERVIEWER_PACE = 150.0
"""Words a minute that the interviewer's questions are taken to be read out, or read, at."""
LONG_PAUSE = 5.0
"""Seconds after which somebody who cannot see the speaker may wonder whether that was all."""
LONG_SENTENCE = 45
"""Words."""
ENOUGH_WORDS = 30
"""Fewer words say nothing about habits."""
_GAPS = re.compile(r"\s*,(?:\s*,)+\s*|\s{2,}")
_IDEOGRAPH = re.compile(r"[\u3400-\u9fff]")
IDEOGRAPHS_PER_WORD = 1.5
"""Written Chinese has no spaces; its words have one or two characters, in running text about 1.5."""
# From a letter or digit to the next space or mark; vowel signs of Indian scripts are part of a word.
_WORD = re.compile(r"[^\W\u3400-\u9fff][^\s\u3400-\u9fff.,;:!?()\"\u2026\u2014\u0964\u3002\uff0c\uff01\uff1f]*")


def delivery_of(text: str, language: str = "en", spoken: SpokenAnswer | None = None) -> Delivery | None:
    """The metrics of one answer; None without a word. Recognisers leave many fillers out: that none was counted in a
    `spoken` answer says nothing."""
    timing = spoken.timing if spoken else None
    found = _counted(text, language)
    if found is None or timing is None:
        return found and _advised(found)
    return _advised(found, (timing,), _pace(found.words, timing.speaking))


def of_all(judged: Iterable[TranscriptTurn], turns: Iterable[TranscriptTurn], language: str = "en") -> Delivery | None:
    """The metrics of a whole interview's judged answers. Pace and pauses are those of the spoken ones among them, whose
    words were timed; the share of talking is told where all of them were."""
    answers = [(sure_of(turn.answer or "", turn.spoken), turn.spoken and turn.spoken.timing) for turn in judged]
    found = _counted("\n".join(text for text, _ in answers), language)
    if found is None:
        return None
    timed = [(text, timing) for text, timing in answers if timing]
    seconds = sum(timing.speaking for _, timing in timed)
    pace = _pace(sum(count_words(text) for text, _ in timed), seconds)
    share = _talk_share(turns) if len(timed) == len(answers) else None
    return _advised(found, [timing for _, timing in timed], pace, share)


def _talk_share(turns: Iterable[TranscriptTurn]) -> float | None:
    candidate = interviewer = 0.0
    for turn in turns:
        candidate += turn.spoken.timing.speaking if turn.spoken and turn.spoken.timing else 0.0
        interviewer += 60 * count_words(turn.question.text) / INTERVIEWER_PACE
    return round(candidate / (candidate + interviewer), 3) if candidate else None


def _pace(words: int, seconds: float) -> float | None:
    return round(60 * words / seconds, 1) if seconds else None


def _advised(
    found: Delivery, timings: Sequence[Timing] = (), pace: float | None = None, talk_share: float | None = None
) -> Delivery:
    """With what was timed, and what to do about all of it."""
    timed = {"pace": pace, "talk_share": talk_share}
    if timings:
        pauses, longest = sum(each.pauses for each in timings), max(each.longest_pause for each in timings)
        timed |= {"pauses": pauses, "longest_pause": longest}
    whole = found.model_copy(update=timed)
    return whole.model_copy(update={"advice": tuple(_advice(whole))})


def _counted(text: str, language: str) -> Delivery | None:
    """What the words alone tell."""
    words = count_words(text)
    if not words:
        return None
    code = language.replace("_", "-").split("-", 1)[0].lower()
    fillers, hedges = _count("fillers", code, text), _count("hedges", code, text)
    return Delivery(
        words=words,
        fillers=fillers,
        hedges=hedges,
        fillers_per_100=round(100 * fillers / words, 1),
        hedges_per_100=round(100 * hedges / words, 1),
        longest_sentence=count_words(max(sentences(text), key=len)),
    )


def without_fillers(text: str, language: str) -> str:
    """A text without the words that only fill a pause in its language; all of it where it has no others."""
    pattern = _patterns().get(("fillers", language.replace("_", "-").split("-", 1)[0].lower()))
    rest = _GAPS.sub(" ", pattern.sub(" ", text.replace("’", "'"))).strip(" ,") if pattern else text  # noqa: RUF001
    return rest or text


def count_words(text: str) -> int:
    """How many words a text has, in any script."""
    return len(_WORD.findall(text)) + round(len(_IDEOGRAPH.findall(text)) / IDEOGRAPHS_PER_WORD)


def _advice(found: Delivery) -> Iterator[str]:
    if found.words >= ENOUGH_WORDS and found.fillers_per_100 >= MOST_FILLERS:
        yield f"You use {found.fillers_per_100:g} filler words in 100; a short pause sounds better than any of them."
    if found.words >= ENOUGH_WORDS and found.hedges_per_100 >= MOST_HEDGES:
        yield f"You hedge {found.hedges_per_100:g} times in 100 words; say plainly what you are sure of."
    if found.longest_sentence > LONG_SENTENCE:
        yield f"Your longest sentence has {found.longest_sentence} words; a listener follows two shorter ones better."
    if found.pace is not None and found.words >= ENOUGH_WORDS and not PACE[0] <= found.pace <= PACE[1]:
        faster = "slower" if found.pace > PACE[1] else "a little faster"
        yield f"You speak {found.pace:.0f} words a minute; {faster}, at 120 to 160, is easier to follow."
    if found.longest_pause is not None and found.longest_pause >= LONG_PAUSE:
        yield (
            f"Your longest pause was {found.longest_pause:.0f} seconds. A pause to think is fine; if you like, say "
            "“Let me think about that for a moment” first, so that your listener knows you are about to go on."
        )
    if found.talk_share is not None and not TALK_SHARE[0] <= found.talk_share <= TALK_SHARE[1]:
        yield f"You have {found.talk_share:.0%} of the talking; 50 to 70 percent is what good interviews have."


def _count(kind: str, code: str, text: str) -> int:
    pattern = _patterns().get((kind, code))
    return len(pattern.findall(text.replace("’", "'"))) if pattern else 0  # noqa: RUF001


@cache
def _patterns() -> dict[tuple[str, str], re.Pattern[str]]:
    raw = packaged("coach", "delivery.yaml")
    return {(kind, code): _any_of(words) for kind, by_language in raw.items() for code, words in by_language.items()}


def _any_of(words: list[str]) -> re.Pattern[str]:
    # Scripts without spaces have no boundaries to look for.
    spaced = "|".join(re.escape(word) for word in words if not "\u3400" <= word[0] <= "\u9fff")
    others = "|".join(re.escape(word) for word in words if "\u3400" <= word[0] <= "\u9fff")
    parts = [rf"(?<!\w)(?:{spaced})(?!\w)"] if spaced else []
    return re.compile("|".join([*parts, *([others] if others else [])]), re.IGNORECASE)
