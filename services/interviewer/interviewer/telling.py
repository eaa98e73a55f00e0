"""The sentences of an answer that are most worth asking about, whole and verbatim, with what makes each one telling."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from contracts.vocabulary.question import Expectation
from contracts.vocabulary.turn import TurnContext
from parley_text.packaged import loaded
from parley_text.sentences import SEMICOLONS, sentences
from pydantic import BaseModel, ConfigDict, TypeAdapter

from interviewer.claims import Kind, technologies_in
from interviewer.languages import ENGLISH, language
from interviewer.likeness import Likeness, stems
from interviewer.quoting import is_harmless
from interviewer.sayable import LONGEST, sayable
from interviewer.stance import Stance, stance_of, tells_of_an_act
from interviewer.tracing import plain, stands_in

Direction = Literal["up", "down", "none"]
_MOST = 24
"""Sentences that are looked at; of a longer answer the last ones, which people remember having said."""
_CLEARLY, _BOASTS = 4.0, 6.0
"""Standard deviations above chance from which a sentence means what an example means; to doubt somebody takes more."""
_NOT_BY_GRAMMAR: frozenset[Kind] = frozenset({"boast"})
_OF_ONESELF: frozenset[Kind] = frozenset({"boast", "failure"})
_OF_WHAT_WAS: frozenset[Kind] = frozenset({"failure", "disagreement", "decision", "difficulty", "first_time"})
_USUAL = re.compile(r"\b(?:every time|each time|always|usually|often|last time|i['’]ve done)\b", re.IGNORECASE)  # noqa: RUF001
_ONCE = re.compile(
    r"\b(?:one (?:time|day|night)|once(?! (?:an?|every|per|in)\b)|yesterday|last (?:week|month|year|night))\b",
    re.IGNORECASE,
)
_SO_LONG = re.compile(
    r"\b(?:(?:[5-9]|[1-4]\d|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|(?:twenty|thirty|forty)[\w -]*)"
    r" years?|since (?:19\d\d|200\d|201\d)|decades?)\b",
    re.IGNORECASE,
)
_NOT_BY_THEM = frozenset({"action"})
"""What is not asked about a change that somebody does not say is theirs."""
_APART = 1.0
"""How much nearer it is to examples of that kind than to any others, in the same unit."""
_IMPLAUSIBLE = 300.0
"""Percent, and a hundredth of it as a multiple, from which a figure has to be asked about."""
_DETAIL = 0.25
_MOST_DETAILS = 6

_NUMBER = r"\d[\d.,]*"
_UNIT = r"\s?(?:%|percent|per cent|prozent|por ciento|pour cent|प्रतिशत|[a-zäöüßéèáíóúñ]+)?"
_FROM_TO = re.compile(
    rf"(?P<from>{_NUMBER}){_UNIT}[\w\s-]{{0,30}}?\s?(?:\bto\b|\bauf\b|\ba\b|\bà\b|(?P<way>से|降到|升到|到))\s?"
    rf"(?:\w+ ){{0,3}}?(?P<to>{_NUMBER})",
    re.IGNORECASE,
)
_COMES_FROM = re.compile(r"\b(?:from|von|de|del|desde)\s*(?:\w+\s){0,2}$", re.IGNORECASE)
_BY_HOW_MUCH = re.compile(
    r"\b(?P<down>reduc\w*|cut|sav\w+|drop\w*|fell|fall\w*|lower\w*|decreas\w*|shr[aiu]nk|halv\w+|shorten\w*"
    r"|(?:came|went|gone|brought|got it) down)\b"
    r"|\b(?P<up>improv\w*|increas\w*|rais\w*|rose|gr[eo]w\w*|doubl\w*|tripl\w*|gained"
    r"|(?:came|went|gone|brought|got it) up)\b"
    r"|(?P<fewer>\b(?:\w*senk\w+|reduzier\w+|verringer\w+|baj(?:ó|a|amos|é|aron)|redu(?:j|c|z)\w+|rédui\w+|baiss\w+|diminu\w+)\b"
    r"|घटा|कम (?:हु|कि)|降低|减少|下降|缩短)"
    r"|(?P<more>\b(?:\w*steiger\w+|erhöh\w+|verdoppel\w+|subi\w+|aument\w+|mejor\w+|augment\w+|amélior\w+|doubl\w+)\b"
    r"|बढ़ा|提高|增加|上升|增长)",
    re.IGNORECASE,
)
_NOW = re.compile(r"\b(?:and|but)\b[^.]{0,40}\d[^.]{0,15}\b(?:now|today|these days)\b", re.IGNORECASE)
_AGES = re.compile(r"\b(?:i was|i am|i['’]m)\b", re.IGNORECASE)  # noqa: RUF001
_SHARE = re.compile(
    rf"(?P<number>{_NUMBER})\s?(?P<unit>%|percent\b|per cent\b|x\b|times\b(?! (?:an?|per|each|every)\b)|fold\b)",
    re.IGNORECASE,
)
# "One of them is a manager now", "two are retired now": a part of what was counted, and not what became of the count.
_FIGURE = re.compile(rf"(?<![\w.,]){_NUMBER}(?![\w.]*\w)(?! (?:of|is|are|was|were|has|have)\b)")
_COUNTED = re.compile(r"(?<![\w.,])(?P<number>\d{1,6})\s(?P<of>(?!percent|times\b)[a-z]{4,})", re.IGNORECASE)
_NEVER = re.compile(r"\b(?:never|not|n['’]t|no experience (?:with|of|in))\b", re.IGNORECASE)  # noqa: RUF001

_I = re.compile(r"\b(?:i|my|me|myself|i['’]\w+)\b", re.IGNORECASE)  # noqa: RUF001
_WE = re.compile(r"\b(?:we|our|us|we['’]\w+)\b", re.IGNORECASE)  # noqa: RUF001
_NUMERALS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen".split()
)
_TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
_NUMERAL = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(_TENS)})(?:[- ](?P<ones>{'|'.join(_NUMERALS[1:10])}))?"
    rf"|(?P<small>{'|'.join(_NUMERALS)}))\b",
    re.IGNORECASE,
)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Sort(_Frozen):
    weight: float
    like: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    asks: tuple[str, ...]
    expects: tuple[str, ...]

    @functools.cached_property
    def marked(self) -> re.Pattern[str]:
        return re.compile(rf"\b(?:{'|'.join(map(re.escape, self.marks)) or '(?!)'})", re.IGNORECASE)


@dataclass(frozen=True)
class Telling:
    """A sentence of the candidate. `against` is what it does not go together with; `direction` is where a figure went;
    `tool` is named in it."""

    kind: Kind
    words: str
    weight: float = 0.0
    against: str = ""
    in_resume: bool = False
    direction: Direction = "none"
    tool: str = ""
    settled: frozenset[str] = frozenset()
    """What is not asked about it, since it was said or makes no sense: see `asks` in telling.yaml."""

    def open_questions(self, questions: Sequence[str]) -> list[str]:
        """Those of the questions of its kind that ask for something that was not said."""
        asked = zip(questions, _sorts()[self.kind].asks, strict=True)
        return [each for each, wanted in asked if wanted not in self.settled]

    @property
    def expects(self) -> tuple[Expectation, ...]:
        """What an answer to a question about it shows."""
        return tuple(Expectation(point=point) for point in _sorts()[self.kind].expects)


async def tellings(context: TurnContext, answer: str, likeness: Likeness) -> list[Telling]:
    """What in an answer is worth asking about, the most telling first."""
    english = is_english(context)
    said = sayable(answer, english=english)[-_MOST:]
    if not said:
        return []
    known = " ".join((context.question.text, *_spoken(context)))
    alone = not _I.search(answer)
    sorts = await _sorted_by_meaning(said, likeness, by_grammar=english)
    found: list[Telling] = []
    for words, sort in zip(said, sorts, strict=True):
        stance = stance_of(words) if english else None
        # Learners tell what happened in the present: "One time I give her the tablet two times."
        stance = "did" if stance == "does" and _ONCE.search(answer) else stance
        looked = _looked_at(words, sort, context, stance, alone=alone)
        if looked is not None:
            settled = looked.settled | _settled(words, answer, english=english)
            found.append(_weighed(replace(looked, settled=settled), known, likeness))
    fresh = [each for each in found if not stands_in(each.words, plain(known))]
    return sorted(fresh, key=lambda each: -each.weight)


def _looked_at(
    words: str, sort: Kind | None, context: TurnContext, stance: Stance | None, *, alone: bool
) -> Telling | None:
    """What makes a sentence telling: what must be asked about comes first. `stance` is None outside English, where only
    likeness to examples tells kinds apart. None for what somebody only saw, met with or is: whatever is asked about
    that may well make no sense."""
    if against := _contradicted(words, context):
        return Telling("contradiction", words, against=against[0], in_resume=against[1])
    if (sort == "boast" and stance != "thinks") or _is_implausible(words):
        return Telling("boast", words)
    if direction := _change(words):
        return Telling(
            "change", words, direction=direction, settled=_NOT_BY_THEM if stance not in {None, "did"} else frozenset()
        )
    introduced = context.question.phase == "intro"
    if stance is None:
        return Telling("told" if sort is None or (sort == "background" and not introduced) else sort, words)
    if introduced and stance == "does":
        return None  # no habit, but a part of the job: nobody asks how one came to do it that way
    if introduced and (kind := _in_an_introduction(words, stance, sort)):
        return Telling(kind, words)
    if stance == "did" and alone and _WE.search(words):
        return Telling("together", words)
    of_theirs = stance in {"did", "noticed"} or (sort == "failure" and stance == "happened" and _I.search(words))
    if of_theirs and sort in _OF_WHAT_WAS:
        return Telling(sort, words)
    if stance == "did" and (tools := technologies_in(words)):
        return Telling("tool", words, tool=tools[0])
    kind = _BY_STANCE.get(stance)
    return Telling(kind, words) if kind else None


_BY_STANCE: dict[Stance, Kind] = {"did": "done", "does": "habit", "would": "intention", "thinks": "opinion"}


def _in_an_introduction(words: str, stance: Stance, sort: Kind | None) -> Kind | None:
    """There people say what they do and did for a living. None for what is asked about as anywhere else."""
    if stance not in {"did", "held"} or sort not in {None, "background"}:
        return None
    if not tells_of_an_act(words):
        return "occupation"
    return "background" if stance == "held" or sort == "background" else None


def is_english(context: TurnContext) -> bool:
    """Whether the interview is in English, whose grammar is read."""
    return language(context.config.language).language == ENGLISH


def _settled(words: str, answer: str, *, english: bool) -> frozenset[str]:
    """What is not asked about a sentence of an answer, for what is said there or behind it."""
    whole = " ".join(answer.split())
    after = whole[whole.find(words[1:]) + len(words) - 1 :]
    found = set[str]()
    if _USUAL.search(f"{words}. {after}"):
        found.add("before")
    if not _SO_LONG.search(words):
        found.add("stayed")
    if english and any(stance_of(each) in {"did", "does"} for each in sayable(after, english=True)):
        found.add("action")
    return frozenset(found)


def _weighed(found: Telling, known: str, likeness: Likeness) -> Telling:
    """With its weight: that of its sort, and of how much it says that the interviewer did not."""
    details = [likeness.weight(stem) for stem in stems(found.words) - stems(known)]
    weight = _sorts()[found.kind].weight + _DETAIL * sum(sorted(details)[-_MOST_DETAILS:])
    if not (_I.search(found.words) or _WE.search(found.words)):
        weight -= 0.6
    return replace(found, weight=weight)


def _change(words: str) -> Direction | Literal[""]:
    """Which way a figure went, where the sentence says that it changed; empty where it does not."""
    words = _NUMERAL.sub(_in_digits, words)
    moved = _BY_HOW_MUCH.search(words)
    way: Direction = "none" if moved is None else "down" if moved["down"] or moved["fewer"] else "up"
    pair = _FROM_TO.search(words)
    # "Two till ten, 55 a minute": two figures are a change where it says so, or what one of them came from.
    if pair and not (moved or pair["way"] or _COMES_FROM.search(words[: pair.start()])):
        pair = None
    figures = (
        [pair["from"], pair["to"]]
        if pair
        else _FIGURE.findall(words)
        if _NOW.search(words) and not _AGES.search(words)
        else []
    )
    if len(figures) == 2:
        begin, end = map(_value, figures)
        if begin is not None and end is not None and begin != end:
            return "up" if end > begin else "down"
    return way if moved and _SHARE.search(words) else ""


def _is_implausible(words: str) -> bool:
    for share in _SHARE.finditer(words):
        value = _value(share["number"])
        percent = share["unit"] in "%" or share["unit"].lower().startswith("per")
        if value is not None and value >= (_IMPLAUSIBLE if percent else _IMPLAUSIBLE / 10):
            return True
    return False


def _in_digits(match: re.Match[str]) -> str:
    if match["small"]:
        return str(_NUMERALS.index(match["small"].lower()))
    return str(_TENS[match["tens"].lower()] + (_NUMERALS.index(match["ones"].lower()) if match["ones"] else 0))


def _value(written: str) -> float | None:
    number = written.strip(".,")
    number = number.replace(",", "") if re.search(r",\d{3}(?!\d)", number) else number.replace(",", ".")
    try:
        return float(number)
    except ValueError:
        return None


def _contradicted(words: str, context: TurnContext) -> tuple[str, bool] | None:
    """A sentence said earlier, or a line of the résumé, that cannot be true together with this one: the same things in
    another number, or something never done that stands there as done; and whether it is of the résumé."""
    earlier = [
        each
        for said in context.transcript[:-1]
        if said.role == "candidate" and said.text != context.answer
        for each in sayable(said.text, english=is_english(context))
    ]
    written = [line for line in sentences(context.config.resume_content, also=SEMICOLONS) if is_harmless(line)]
    for other, in_resume in (*((each, False) for each in earlier), *((line.strip(" -•*."), True) for line in written)):
        if len(other) <= LONGEST and (_other_number(words, other) or _denied(words, other)):
            return other, in_resume
    return None


def _other_number(words: str, other: str) -> bool:
    """Whether both count the same things, and differ; only where they speak about the same in other words, too."""
    mine = {match["of"].lower(): match["number"] for match in _COUNTED.finditer(words)}
    theirs = {match["of"].lower(): match["number"] for match in _COUNTED.finditer(other)}
    differs = any(of in theirs and theirs[of] != number for of, number in mine.items())
    shared = {stem for stem in stems(words) & stems(other) if len(stem) > 3} - {
        stem for of in mine for stem in stems(of)
    }
    return differs and len(shared) >= 3


def _denied(words: str, other: str) -> bool:
    """Whether one of them says never to have used what the other names."""
    tools = {tool.lower() for tool in technologies_in(words)} & {tool.lower() for tool in technologies_in(other)}
    return bool(tools) and bool(re.search(r"\bnever\b", words, re.IGNORECASE)) and not _NEVER.search(other)


async def _sorted_by_meaning(said: Sequence[str], likeness: Likeness, *, by_grammar: bool) -> list[Kind | None]:
    """The sort of each sentence by the marks of an English one, or by the examples that it is like: where grammar tells
    what a sentence is, only what grammar cannot."""
    examples = [(kind, text) for kind, sort in _sorts().items() for text in sort.like]
    near = await likeness.above_chance(said, [text for _, text in examples], fixed=True)
    found: list[Kind | None] = []
    for at, words in enumerate(said):
        marked = (kind for kind, sort in _sorts().items() if sort.marked.search(words))
        sort = next(marked, None)
        if sort is None and near is not None:
            scores = [(kind, score) for (kind, _), score in zip(examples, near[at], strict=True)]
            sort = _clearly_like([each for each in scores if each[0] not in _not_by_meaning(words)])
            sort = sort if not by_grammar or sort in _NOT_BY_GRAMMAR else None
        found.append(sort)
    return found


def _not_by_meaning(words: str) -> frozenset[Kind]:
    """What a sentence is not, whatever it is like: only the candidates themselves can boast or fail."""
    return frozenset() if _I.search(words) else _OF_ONESELF


def _clearly_like(scores: Sequence[tuple[Kind, float]]) -> Kind | None:
    """The kind whose examples a sentence is like, if it is like no other kind nearly as much."""
    best: dict[Kind, float] = {}
    for kind, score in scores:
        best[kind] = max(score, best.get(kind, -math.inf))
    first, second = sorted(best, key=lambda kind: -best[kind])[:2]
    least = _BOASTS if first == "boast" else _CLEARLY
    return first if best[first] >= least and best[first] - best[second] >= _APART else None


def _spoken(context: TurnContext) -> Iterator[str]:
    return (each.text for each in context.transcript if each.role == "interviewer")


@functools.cache
def _sorts() -> dict[Kind, _Sort]:
    text = Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
    found = TypeAdapter(dict[Kind, _Sort]).validate_python(loaded(text))
    if missing := set(get_args(Kind)) - set(found):
        raise ValueError(f"telling.yaml lacks {', '.join(sorted(missing))}")
    return found
