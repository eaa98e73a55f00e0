"""What was said without the ways in which speech stumbles: fillers, words begun twice, words broken off.

No language is known here but by its fillers. Only what is compared by meaning is made fluent; quotes are never.
"""

from __future__ import annotations

from coach.delivery import without_fillers

LONGEST_RESTART = 6
"""Words that somebody may say again before they go on."""
_MARKS = ".,;:!?\u2026\"'\u2019\u201c\u201d()\u3002\uff0c"
_BROKEN = ("-", "\u2013", "\u2014", "...", "\u2026")


def fluent(text: str, language: str) -> str:
    """A text without fillers, repeated beginnings and words that were broken off; all of it where nothing is left."""
    rest = _once(_whole(without_fillers(text, language).split()))
    return " ".join(rest) or text


def _whole(spoken: list[str]) -> list[str]:
    """Without words that were broken off and begun again, as in "wor- words"."""
    after = [*spoken[1:], ""]
    return [each for each, next_one in zip(spoken, after, strict=True) if not _is_broken(each, next_one)]


def _is_broken(word: str, next_one: str) -> bool:
    bare = word.rstrip("".join(_BROKEN))
    return word.endswith(_BROKEN) and bool(bare) and next_one.casefold().startswith(bare.casefold())


def _once(spoken: list[str]) -> list[str]:
    """Of words that are said twice in a row the second time only. Figures stay: "four four" may be a number."""
    kept: list[str] = []
    place = 0
    same = [each.strip(_MARKS).casefold() for each in spoken]
    while place < len(spoken):
        again = next((n for n in range(LONGEST_RESTART, 0, -1) if _repeats(same, place, n)), 0)
        if not again:
            kept.append(spoken[place])
        place += again or 1
    return kept


def _repeats(same: list[str], place: int, count: int) -> bool:
    first, second = same[place : place + count], same[place + count : place + 2 * count]
    return first == second and any(first) and not any(map(str.isdigit, "".join(first)))
