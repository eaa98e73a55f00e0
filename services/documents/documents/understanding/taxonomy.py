"""The skills that are known: their names, aliases, categories and the domains of the question banks.

In `taxonomy/*.yaml` a skill has a list of aliases, or a mapping:

- `also`: aliases that mean nothing else, as the name itself does.
- `named`: words of the language as well ("flutter"): they count when written as a name inside a sentence, or in a list.
- `context`: they need more ("spring", "go", "C"): a list of skills, or words about using them around them.
- `listed`: they count in lists of skills only ("statistics").
- `followed`: words after which a `named` or `context` word is meant ("c compiler").
- `domains`: in place of those of its category, the most telling first.

A single word in capitals throughout ("AI", "SEA") counts in capitals only, unless it is among the aliases in small
letters too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from parley_text.packaged import loaded

from documents.understanding.wordlists import CJK

Mode = Literal["sure", "named", "context", "listed"]
_TOKEN = re.compile(rf"[{CJK}]|(?:[^\W_{CJK}]|[\u0900-\u097f])+|[^\w\s]|_")
_HYPHENS = frozenset("-‐‑–")  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a letter of a script without spaces, or a sign. `glued`: nothing stands between it and the one before.

    A hyphen inside a word is no token; the token after it is `hyphenated`.
    """

    text: str
    start: int
    end: int
    glued: bool
    hyphenated: bool

    @property
    def is_sign(self) -> bool:
        """Neither a word nor a letter."""
        return not self.text[0].isalnum()


@dataclass(frozen=True, slots=True)
class KnownSkill:
    """A skill of the taxonomy."""

    name: str
    category: str
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alias:
    """A way to write a skill, as tokens. `exact`: the only spelling that counts."""

    skill: KnownSkill
    tokens: tuple[Token, ...]
    mode: Mode
    exact: str | None = None

    def fits(self, tokens: list[Token], at: int) -> bool:
        """Whether the tokens from there on are this alias, but for case and spelling with hyphens."""
        if at + len(self.tokens) > len(tokens):
            return False
        if self.tokens[0].is_sign and tokens[at].glued:
            return False
        for place, mine in enumerate(self.tokens):
            other = tokens[at + place]
            if mine.text != other.text:
                return False
            signs = place and (mine.is_sign or self.tokens[place - 1].is_sign)
            if signs and mine.glued != other.glued:
                return False
        return True


@dataclass
class Taxonomy:
    """All skills by name, and all aliases by their first token, the longest first."""

    skills: dict[str, KnownSkill] = field(default_factory=dict)
    aliases: dict[str, list[Alias]] = field(default_factory=dict)

    def add(self, alias: Alias) -> None:
        """Raises ValueError for an alias that another skill has."""
        same = self._same(alias)
        if same is None:
            self.aliases.setdefault(alias.tokens[0].text, []).append(alias)
        elif same.skill != alias.skill:
            raise ValueError(f"{alias.skill.name} and {same.skill.name} have the same alias")
        elif same.exact and not alias.exact:
            mine = self.aliases[alias.tokens[0].text]
            mine[mine.index(same)] = alias

    def has(self, alias: Alias) -> bool:
        """Whether some skill is written like this already."""
        return self._same(alias) is not None

    def sort(self) -> None:
        """The longest first."""
        for aliases in self.aliases.values():
            aliases.sort(key=lambda alias: -len(alias.tokens))

    def _same(self, alias: Alias) -> Alias | None:
        texts = [token.text for token in alias.tokens]
        known = self.aliases.get(texts[0], ())
        return next((each for each in known if [token.text for token in each.tokens] == texts), None)


@cache
def taxonomy() -> Taxonomy:
    """The packaged taxonomy. Raises ValueError where two skills have one alias."""
    made = Taxonomy()
    followed: list[Alias] = []
    for category in _categories():
        for name, written in category["skills"].items():
            details: dict[str, Any] = written if isinstance(written, dict) else {"also": written or []}
            domains = tuple(details.get("domains", category["domains"]))
            skill = KnownSkill(name, category["category"], domains)
            if name in made.skills:
                raise ValueError(f"{name} is there twice")
            made.skills[name] = skill
            for alias in _aliases(skill, details):
                made.add(alias)
            followed += _followed(skill, details)
    for alias in followed:
        if not made.has(alias):
            made.add(alias)
    made.sort()
    return made


def _categories() -> Iterator[dict[str, Any]]:
    folder = files(__package__).joinpath("taxonomy")
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        yield from loaded(path.read_text(encoding="utf-8"))


def _aliases(skill: KnownSkill, details: dict[str, Any]) -> Iterator[Alias]:
    modes: tuple[Mode, ...] = ("named", "context", "listed")
    unsure = {str(phrase).casefold() for mode in modes for phrase in details.get(mode, ())}
    for mode in modes:
        for phrase in details.get(mode, ()):
            yield _alias(skill, str(phrase), mode)
    sure = [str(phrase) for phrase in details.get("also", ())]
    for phrase in [*sure, skill.name]:
        if phrase.casefold() not in unsure:
            yield _alias(skill, phrase, "sure")


def _alias(skill: KnownSkill, phrase: str, mode: Mode) -> Alias:
    exact = phrase if mode == "sure" and phrase.isupper() and phrase.isalpha() else None
    return Alias(skill, tuple(tokens_of(phrase)), mode, exact)


def _followed(skill: KnownSkill, details: dict[str, Any]) -> Iterator[Alias]:
    for first in [*details.get("named", ()), *details.get("context", ())]:
        for second in details.get("followed", ()):
            yield _alias(skill, f"{first} {second}", "sure")


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text, case folded, with where they stand in it."""
    found: list[Token] = []
    end = -1
    hyphenated = False
    length = len(text)
    for match in _TOKEN.finditer(text):
        start = match.start()
        word = match.group()
        after = match.end()
        if word in _HYPHENS and end == start and after < length and text[after].isalnum():
            end = after
            hyphenated = True
            continue
        found.append(Token(word.casefold(), start, after, end == start, hyphenated))
        hyphenated = False
        end = after
    return found
