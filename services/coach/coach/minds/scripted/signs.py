"""Words and phrases by which a sentence shows something, as a table.

A line of the table holds phrases parted by `|`. In a phrase, `a/b` is one word out of several, `*` any word
and `#` a word that begins with a digit.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from coach.minds.scripted.lexicon import TOOLS

Test = frozenset[str] | None
"""Which words may stand in a place; None for any."""
_DIGIT = frozenset("#")


class Mark(StrEnum):
    """One thing that a sentence shows, in words for the one who said it."""

    SITUATION = "the situation"
    TASK = "your task"
    ACTION = "what you did yourself"
    RESULT = "a result"
    NUMBER = "a concrete number"
    NAMED = "a tool or technique by its name"
    TERM = "a term of the field"
    INSTANCE = "a case that really happened"
    REASON = "a reason for a choice"
    ORDER = "the order of your steps"
    TRADE_OFF = "a trade-off"


_PERIOD = "year/month/week/summer/spring/autumn/winter/quarter"
_PERIODS = "days/weeks/months/year/years"
_OUR = "team/company/customer/customers/client/clients/product/service/system/release/launch/app/shop/site"
_SOME = (
    "two/three/four/five/six/seven/eight/nine/ten/eleven/twelve/fifteen/twenty/thirty/forty/fifty/sixty"
    "/seventy/eighty/ninety"
)
_COUNTED = (
    "hours/days/weeks/months/years/minutes/seconds/people/engineers/developers/customers/users/clients/teams"
    "/servers/services/releases/sprints/quarters"
)
_YEARS = "/".join(map(str, range(1990, 2050)))
_FORMER = "last/previous/first/current/old/former"
_SIGNS = {
    Mark.SITUATION: f"""
        at my | in {_YEARS} | in my {_FORMER}/team/role/job/project | while i
        last {_PERIOD}/january/march/may/june | when i/we/our/the * | {_PERIODS} ago
        hours/{_PERIODS} before | we had | we were | there was | one day/time | one of our/my
        our {_OUR} | our * {_OUR} | my team/manager/company/{_FORMER}/colleague | the project
        at the time | back in/then/when | on a/the * project | during/over the""",
    Mark.TASK: """
        i/we was/were responsible/asked/tasked/assigned/supposed/expected/to | in charge
        i/we needed | i/we had to | i owned/led | my job/role/task/goal/responsibility/part
        was due | it was up to me | on me to
        the goal/challenge/problem/task/aim/deadline/question was | by friday/monday | by the end
        responsible | responsibility | tasked | assigned | supposed | deadline | goal | target
        objective | challenge""",
    Mark.RESULT: """
        as a result | in the end | since then | ended up | turned out | i learned/learnt
        afterwards | which led/meant/reduced/saved/cut/made/gave/brought/allowed
        went live/down/up/from | down/up to/by/from # | by # | from # to # | from # * to #
        no longer/more/further | has/have not happened | never happened/came again | reduced
        reducing | improved | improving | increased | increasing | decreased | dropped | fell | cut
        grew | saved | saving | doubled | halved | tripled | shipped | launched | delivered
        released | resolved | eliminated | the result/outcome was | resulted | consequently
        finished | succeeded | adopted | achieved | won | passed | rose | prevented | recovered
        restored | renewed | gained | lowered | raised | accelerated | learned | learnt | thanked
        promoted | stayed""",
    Mark.NUMBER: f"""
        {_SOME} {_COUNTED} | half a/an hour/day/week/month/year | times faster/slower/more/less
        percent | hundred | hundreds | thousand | thousands | million | millions | billion | dozen
        dozens | doubled | halved | tripled""",
    Mark.INSTANCE: f"""
        for example/instance | e g | in {_YEARS} | last {_PERIOD} | {_PERIODS} ago
        at my {_FORMER}/company/job | in my {_FORMER} | one day/time | one of our/my
        in one case/project/incident/team/service
        i once | we once | when i worked/joined/was/led/built/started
        on a/the/our * project/migration/service/team | on a/the/our * system | at the time
        yesterday | january | february | april | june | july | august | september | october
        november | december""",
    Mark.REASON: """
        so that | that way | in order to | which means | the reason | this means | due to
        as a consequence | lead/leads to | that is why | that's why | because | since | therefore
        so | hence | thus | otherwise | means | meaning | reason | prevents | ensures | avoids""",
    Mark.ORDER: """
        first of all | step one/two/1/2 | after that | in the end | to start/begin with
        before i/we/that/any | first | firstly | second | secondly | third | then | next
        afterwards | after | finally | lastly | initially | begin""",
    Mark.TRADE_OFF: """
        on the other hand | it depends | depends on | at the cost | in exchange | the price is
        trade off/offs | would not | wouldn't | only if/when | pros and cons | compared to/with
        too much | worth it/the | however | instead | although | though | but | depends | tradeoff
        tradeoffs | downside | drawback | alternative | alternatively | unless | whereas | versus
        cost | costs | cheaper | expensive | rather | weigh | limit | acceptable | slower
        compromise | complexity | except""",
    Mark.NAMED: " | ".join(sorted(TOOLS)),
}


def _phrases(table: str) -> Iterator[tuple[Test, ...]]:
    for line in table.replace("|", "\n").splitlines():
        if places := line.split():
            yield tuple(None if place == "*" else frozenset(place.split("/")) for place in places)


def _index() -> dict[str, list[tuple[tuple[Test, ...], Mark]]]:
    """For each word that can begin a phrase, what must follow it, and what the phrase shows."""
    index: dict[str, list[tuple[tuple[Test, ...], Mark]]] = {}
    for mark, table in _SIGNS.items():
        for first, *rest in _phrases(table):
            for word in sorted(first or ()):
                index.setdefault(word, []).append((tuple(rest), mark))
    return index


_BY_FIRST_WORD = _index()


def marks_in(words: tuple[str, ...]) -> set[Mark]:
    """All marks whose words or phrases occur."""
    found: set[Mark] = set()
    for place, word in enumerate(words):
        for rest, mark in _BY_FIRST_WORD.get(word, ()):
            if mark not in found and (not rest or _follows(rest, words[place + 1 :])):
                found.add(mark)
    return found


def _follows(rest: tuple[Test, ...], words: tuple[str, ...]) -> bool:
    if len(words) < len(rest):
        return False
    return all(
        test is None or word in test or (test == _DIGIT and word[0].isdigit())
        for test, word in zip(rest, words, strict=False)
    )
