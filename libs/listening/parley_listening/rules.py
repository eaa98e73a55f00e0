"""What is heard for certain: patterns in six languages, whichever language the interview is in.

Somebody in need says so in the language that is nearest. The patterns are composed of a person, a wish or a state, and
an act; what somebody else said or did, and what is long past, does not fit them.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contracts.vocabulary.listening import Remark
from parley_text.packaged import loaded

A_REMARK = 32
"""Words up to which a wish about the conversation can be all that was said."""
A_STORY = 70
"""Words from which on somebody in distress has given an answer all the same."""
LOOKED_AT = 20_000
"""Characters that are read; nobody says as much."""

_HERE = Path(__file__).parent / "rules"
_PART = re.compile(r"<([a-z]+)>")
_SENTENCE = re.compile(r"[.!?;。！？；।…\n]+")
_CLAUSE = re.compile(r"[.!?;。！？；।…\n,，、:：—–]+|\s-\s")
_QUOTED = re.compile(r"[\"“”„«»「」『』][^\"“”„«»「」『』]{1,400}[\"“”„«»「」『』]")
_SIGNS = str.maketrans(
    {"’": "'", "‘": "'", "¿": "", "¡": "", "ä": "ae", "ö": "oe", "ü": "ue"}
    | {"\u093c": "", "ँ": "ं", "\u200d": "", "\u200c": ""}
)
_ACCENT = re.compile("[\u0300-\u036f]")
_BLANKS = re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]+")
_HAN = re.compile("[\u3400-\u9fff]")
_POLITE = (
    r"(?:(?:sorry|oh|ok(?:ay)?|well|so|please|thanks?(?: you)?|hi|hey|um+|uh+|hmm+|excuse me|honestly|actually"
    r"|unfortunately|yes|but|and|because|"
    r"entschuldig(?:ung|en sie)|tut mir leid|danke|leider|bitte|also|ja|nein|oh|äh|ähm|moment|aber|"
    r"perd[oó]n|perdona|lo siento|disculpe?|gracias|bueno|vale|pero|que|"
    r"pardon|d[ée]sol[ée]e?|excusez-moi|merci|bon|alors|euh|mais|"
    r"माफ कीजिए|माफ कीजिएगा|माफ करें|सॉरी|धन्यवाद|जी|अच्छा|क्षमा करें|"
    r"不好意思|抱歉|对不起|谢谢|嗯|那个|好的|啊|哦)(?:\s+|$))+"
)


def plain(text: str) -> str:
    """One way of writing what can be written in several, in lower case."""
    return _BLANKS.sub(" ", _spelt(text[:LOOKED_AT].casefold())).strip()


def _spelt(text: str) -> str:
    """As somebody spells it who has no accents on the keyboard."""
    umlauts = unicodedata.normalize("NFC", text).translate(_SIGNS)
    return unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFD", umlauts))).translate(_SIGNS)


def size(text: str) -> int:
    """How many words it has; where a script has no spaces, two characters are taken for one."""
    han = len(_HAN.findall(text))
    return (han + 1) // 2 + len(_WORD.findall(_HAN.sub(" ", text)))


def certain(answer: str) -> Remark | None:
    """The remark that an answer is, whatever else is in it; None where nothing is certain."""
    said = plain(_without_quotes(answer))
    if any(rules.hears("self_harm", said) for rules in _all()):
        return "self_harm"
    length = size(said)
    if length <= A_STORY and any(rules.hears("distress", said) for rules in _all()):
        return "distress"
    if length > A_REMARK:
        return None
    clauses = [_bare(each) for each in _CLAUSE.split(said)]
    for kind, remark in _BY_CLAUSE.items():
        if any(rules.is_one(kind, clause) for rules in _all() for clause in clauses if clause):
            return remark
    return None


_BY_CLAUSE: dict[str, Remark] = {"stop": "wants_to_stop", "pause": "needs_pause", "may_stop": "may_want_to_stop"}


def goes_on(answer: str) -> bool:
    """Whether somebody says that they are back, or that the interview may go on, and little else."""
    clauses = [_bare(each) for each in _CLAUSE.split(plain(answer))]
    said = [each for each in clauses if each]
    return bool(said) and any(rules.is_one("going_on", each) for rules in _all() for each in said[:2])


@dataclass(frozen=True)
class _Rules:
    """The patterns of one language."""

    patterns: dict[str, re.Pattern[str]]

    def hears(self, kind: str, said: str) -> bool:
        """Whether a sentence says it, in nobody else's name."""
        return any(self._says(kind, sentence) for sentence in _sentences(said))

    def is_one(self, kind: str, clause: str) -> bool:
        """Whether a clause is nothing else."""
        return self.patterns[kind].fullmatch(clause) is not None

    def _says(self, kind: str, sentence: str) -> bool:
        found = self.patterns[kind].search(sentence)
        return found is not None and not self.patterns["reported"].search(sentence[: found.start()])


def _sentences(said: str) -> Iterator[str]:
    return (each.strip() for each in _SENTENCE.split(said) if each.strip())


def _bare(clause: str) -> str:
    """A clause without what is polite about it."""
    clause = clause.strip()
    before = None
    while before != clause:
        before = clause
        found = _politeness().match(clause)
        clause = clause[found.end() :].strip() if found else clause
    return clause


def _without_quotes(answer: str) -> str:
    """Without what stands in quotation marks, unless nothing else was said."""
    rest = _QUOTED.sub(" ", answer[:LOOKED_AT])
    return rest if size(rest) >= 3 else answer


@functools.cache
def _politeness() -> re.Pattern[str]:
    return re.compile(_spelt(_POLITE))


@functools.cache
def _all() -> tuple[_Rules, ...]:
    return tuple(_read(each.read_text(encoding="utf-8")) for each in sorted(_HERE.glob("*.yaml")))


def _read(text: str) -> _Rules:
    found = loaded(text)
    parts = dict(line.split(": ", 1) for line in _spelt(found.pop("parts")).splitlines())
    return _Rules({name: _compiled(name, lines, parts) for name, lines in {"reported": "", **found}.items()})


def _compiled(name: str, lines: str, parts: dict[str, str]) -> re.Pattern[str]:
    patterns = [_filled(_spelt(line.strip()), parts) for line in lines.splitlines() if line.strip()]
    return re.compile("|".join(f"(?:{each})" for each in patterns) or "(?!)")


def _filled(pattern: str, parts: dict[str, str]) -> str:
    while _PART.search(pattern):
        pattern = _PART.sub(lambda found: parts[found[1]], pattern)
    return pattern
