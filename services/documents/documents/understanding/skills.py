"""The skills that a line names.

Most aliases mean nothing else. For the others it depends: on being written as a name, on standing in a list beside
other skills, on words about using something around them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from parley_text.sentences import COLONS, MARKS, SEMICOLONS

from documents.understanding.taxonomy import Alias, KnownSkill, Token, taxonomy, tokens_of
from documents.understanding.wordlists import has_cjk, words

LISTS = frozenset(("skills", "certifications", "requirements", "nice_to_have"))
"""Sections where an item on its own is a skill."""
SILENT = frozenset(("interests", "references", "languages", "benefits", "company", "application"))
"""Sections that say nothing of skills: Go is a game there."""
_SEPARATORS = frozenset(",;|/•·、，：:()（）&+。●▪→【】")  # noqa: RUF001
_SENTENCE_ENDS = frozenset(MARKS + COLONS + SEMICOLONS + "•")
_HONORIFICS = frozenset("mr mrs ms miss dr prof herr frau sra sr mme".split())
_NUMBER = re.compile(r"\d")
_OF_EVERYBODY = 0.25
_ROUNDS = 4
"""How often a line is gone through: each skill that is found can tell of its neighbours."""
_LAST_LATIN = "\u024f"
_SHORT_ITEM = 4
"""Words of an item that is a skill with a remark rather than a sentence."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A skill, and where in its line it is named."""

    skill: KnownSkill
    start: int
    end: int


@dataclass(slots=True)
class _Candidate:
    alias: Alias
    first: int
    last: int
    """Numbers of its first token and of the one after its last."""
    accepted: bool


def mentions_in(line: str, section: str = "") -> tuple[Mention, ...]:
    """The skills that a line of a section names, in order; once each time that it does."""
    if section in SILENT:
        return ()
    reading = _Reading(line, section)
    return tuple(
        Mention(each.alias.skill, reading.tokens[each.first].start, reading.tokens[each.last - 1].end)
        for each in reading.accepted()
    )


def names_skill(text: str) -> bool:
    """Whether there is a skill in a text, wherever it stands."""
    return bool(mentions_in(text, "skills"))


class _Reading:
    """One line, with what is asked of its words."""

    def __init__(self, line: str, section: str) -> None:
        self._line = line
        self._in_list = section in LISTS
        self._of_studies = section == "education"
        self._is_foreign = _is_in_other_script(line)
        self.tokens = tokens_of(line)
        self._candidates = list(_candidates(line, self.tokens))
        self._known = {place for each in self._candidates if each.accepted for place in range(each.first, each.last)}

    def accepted(self) -> list[_Candidate]:
        """Those that are meant. One that is accepted can tell of its neighbours."""
        open_ = [place for place, each in enumerate(self._candidates) if not each.accepted]
        for _ in range(_ROUNDS):
            meant = [place for place in open_ if self._accepts(place)]
            open_ = [place for place in open_ if not self._candidates[place].accepted]
            if not meant or not open_:
                break
        return [each for each in self._candidates if each.accepted]

    def _accepts(self, place: int) -> bool:
        candidate = self._candidates[place]
        candidate.accepted = self._is_meant(place)
        if candidate.accepted:
            self._known.update(range(candidate.first, candidate.last))
        return candidate.accepted

    def _is_meant(self, place: int) -> bool:
        candidate = self._candidates[place]
        if self._is_odd(candidate):
            return False
        left, right = self._begins(candidate), self._closes(candidate)
        if left and right and self._listed(place):
            return True
        if candidate.alias.mode == "listed":
            return self._in_list and right and self._is_used(candidate)
        if self._is_hyphenated(candidate):
            return True
        if not self._is_name(candidate):
            return False
        if self._is_foreign and not self._of_a_person(candidate):
            return True
        if self._is_followed(candidate) or (self._in_list and self._is_short_item(candidate)):
            return True
        if self._beside(place, -1) or (right and self._beside(place, 1)):
            return True
        return self._in_prose(candidate)

    def _in_prose(self, candidate: _Candidate) -> bool:
        if self._opens_sentence(candidate) or self._of_a_person(candidate) or self._is_dated(candidate):
            return False
        used = self._is_used(candidate)
        if candidate.alias.mode == "named":
            return used or not self._is_title_case
        return used and bool(self._known or self._is_telling)

    def _is_used(self, candidate: _Candidate) -> bool:
        return candidate.first > 0 and self.tokens[candidate.first - 1].text in _uses()

    def _is_odd(self, candidate: _Candidate) -> bool:
        """A part of something else: "C-level", "R&D", "next.go"."""
        first, last = self.tokens[candidate.first], candidate.last
        before = self.tokens[candidate.first - 1].text if candidate.first else ""
        if first.hyphenated or (first.glued and before in (".", "@", "&", "'", "’", "_", "#")):  # noqa: RUF001
            return True
        if last == len(self.tokens):
            return False
        after = self.tokens[last]
        if after.hyphenated:
            return after.text not in _followers()
        return after.glued and after.text in ("&", "@", "'", "’", "_", "#", "*")  # noqa: RUF001

    def _begins(self, candidate: _Candidate) -> bool:
        """Whether an item of a list begins with it."""
        if candidate.first == 0:
            return True
        before = self.tokens[candidate.first - 1]
        return self._separates(before) or "\t" in self._line[before.end : self.tokens[candidate.first].start]

    def _closes(self, candidate: _Candidate) -> bool:
        if candidate.last == len(self.tokens):
            return True
        after = self.tokens[candidate.last]
        if after.text == "." and not (candidate.last + 1 < len(self.tokens) and self.tokens[candidate.last + 1].glued):
            return True
        return self._separates(after) or "\t" in self._line[self.tokens[candidate.last - 1].end : after.start]

    def _separates(self, token: Token) -> bool:
        return token.text in _SEPARATORS or token.text in _connectives() or (token.text in "-–—" and not token.glued)  # noqa: RUF001

    def _listed(self, place: int) -> bool:
        """An item by itself in a section of skills, or beside another skill."""
        candidate = self._candidates[place]
        if self._in_list:
            return candidate.alias.mode != "context" or self._is_name(candidate) or self._beside_any(place)
        return (self._of_studies and candidate.alias.mode == "listed") or self._beside_any(place)

    def _beside_any(self, place: int) -> bool:
        return self._beside(place, -1) or self._beside(place, 1)

    def _beside(self, place: int, step: int) -> bool:
        """Whether only signs and connectives part it from a neighbour that is accepted."""
        other = place + step
        if not 0 <= other < len(self._candidates) or not self._candidates[other].accepted:
            return False
        left, right = sorted((self._candidates[place], self._candidates[other]), key=lambda each: each.first)
        between = self.tokens[left.last : right.first]
        if not between:
            return "\t" in self._line[self.tokens[left.last - 1].end : self.tokens[right.first].start]
        return len(between) <= 3 and all(self._separates(token) for token in between)

    def _is_name(self, candidate: _Candidate) -> bool:
        """Written with a capital, or as its only spelling is."""
        written = self._line[self.tokens[candidate.first].start]
        return written.isupper()

    def _is_hyphenated(self, candidate: _Candidate) -> bool:
        """As its alias is: "go-to-market" is no "go to market"."""
        mine = candidate.alias.tokens
        written = self.tokens[candidate.first : candidate.last]
        return mine[-1].hyphenated and all(a.hyphenated == b.hyphenated for a, b in zip(mine, written, strict=True))

    def _is_followed(self, candidate: _Candidate) -> bool:
        rest = self.tokens[candidate.last : candidate.last + 2]
        joined = "".join(token.text for token in rest)
        return bool(rest) and (rest[0].text in _followers() or joined in _followers())

    def _is_short_item(self, candidate: _Candidate) -> bool:
        """In a section of skills: "Advanced Excel", "React and Redux basics", with few words between the signs."""
        start, end = candidate.first, candidate.last
        while start > 0 and candidate.last - start <= _SHORT_ITEM and self.tokens[start - 1].text not in _SEPARATORS:
            start -= 1
        while end < len(self.tokens) and end - start <= _SHORT_ITEM and self.tokens[end].text not in _SEPARATORS:
            end += 1
        if end - start > _SHORT_ITEM:
            return False
        return candidate.last == end or candidate.alias.mode == "named"

    def _opens_sentence(self, candidate: _Candidate) -> bool:
        return self._opens(candidate.first)

    def _of_a_person(self, candidate: _Candidate) -> bool:
        """Part of a name: another word with a capital beside it, that is no skill."""
        neighbours = [candidate.first - 1, candidate.last]
        return any(
            0 <= place < len(self.tokens) and self._is_capital(place) and not self._is_accepted(place)
            for place in neighbours
        )

    def _is_capital(self, place: int) -> bool:
        token = self.tokens[place]
        return self._line[token.start].isupper() and not self._opens(place)

    def _opens(self, place: int) -> bool:
        """Whether a sentence begins there; "Ms." ends none."""
        if place == 0:
            return True
        before = self.tokens[place - 1].text
        if before == "." and place > 1 and self.tokens[place - 2].text in _HONORIFICS:
            return False
        return before in _SENTENCE_ENDS

    def _is_accepted(self, place: int) -> bool:
        return place in self._known

    def _is_dated(self, candidate: _Candidate) -> bool:
        """ "in Spring 2023" is a season."""
        after = self.tokens[candidate.last : candidate.last + 1]
        return any(_NUMBER.match(token.text) for token in after)

    @cached_property
    def _is_telling(self) -> bool:
        return any(token.text in _telling() for token in self.tokens)

    @cached_property
    def _is_title_case(self) -> bool:
        """Every word has a capital, so that a capital tells nothing."""
        long_words = [token for token in self.tokens if len(token.text) > 3 and not has_cjk(token.text)]
        return len(long_words) > 2 and all(self._line[token.start].isupper() for token in long_words)


def _candidates(line: str, tokens: Sequence[Token]) -> Iterator[_Candidate]:
    """The longest alias at each place, from the left; none within another."""
    aliases = taxonomy().aliases
    listed = list(tokens)
    place = 0
    while place < len(listed):
        token = listed[place]
        found = None
        for alias in aliases.get(token.text, ()):
            if alias.fits(listed, place) and _spelt(alias, line, listed, place):
                found = alias
                break
        if found is None:
            place += 1
            continue
        last = place + len(found.tokens)
        yield _Candidate(found, place, last, found.mode == "sure")
        place = last


def _spelt(alias: Alias, line: str, tokens: Sequence[Token], place: int) -> bool:
    """In its only spelling, if it has one, and no part of a name in code or of an address on the web."""
    last = place + len(alias.tokens) - 1
    around = line[max(0, tokens[place].start - 1) : tokens[place].start], line[tokens[last].end : tokens[last].end + 1]
    if "_" in around or line.startswith("://", tokens[last].end):
        return False
    if alias.exact is None:
        return True
    token = tokens[place]
    return line[token.start : token.end] == alias.exact


def _is_in_other_script(line: str) -> bool:
    """Few words of a line in another script are Latin, and those are names."""
    letters = [letter for letter in line if letter.isalpha()]
    return not line.isascii() and sum(letter > _LAST_LATIN for letter in letters) * 4 > len(letters)


@cache
def _listed(name: str) -> frozenset[str]:
    return frozenset(str(word).casefold() for word in words("usage")[name])


def _connectives() -> frozenset[str]:
    return _listed("connectives")


def _uses() -> frozenset[str]:
    return _listed("uses")


def _telling() -> frozenset[str]:
    return _listed("telling")


def _followers() -> frozenset[str]:
    return _listed("followers")


def shares_of(counts: Iterator[tuple[KnownSkill, int]]) -> dict[str, float]:
    """The domains of skills with their share, the largest first; a skill counts half for each domain but its first.

    Office programs and soft skills count little: everybody has them, and they tell no domain of work.
    """
    weights: dict[str, float] = {}
    for skill, mentions in counts:
        for place, domain in enumerate(skill.domains):
            weight = mentions * (0.5 if place else 1) * (_OF_EVERYBODY if domain == "general_behavioral" else 1)
            weights[domain] = weights.get(domain, 0) + weight
    total = sum(weights.values())
    ordered = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    return {domain: round(weight / total, 3) for domain, weight in ordered}
