"""Words and phrases by which a sentence shows something, as a table."""

from __future__ import annotations

from enum import StrEnum

from coach.engines.scripted.lexicon import TOOLS
from coach.engines.scripted.phrases import Table


class Mark(StrEnum):
    """One thing that a sentence shows, in words for the one who said it."""

    SITUATION = "the situation"
    TASK = "your task"
    ACTION = "what you did yourself"
    RESULT = "a result"
    NUMBER = "a concrete number"
    PAST = "what happened"
    CHANGED = "what changed"
    NAMED = "a tool or technique by its name"
    TERM = "a term of the field"
    INSTANCE = "a case that really happened"
    REASON = "a reason for a choice"
    CONDITION = "what you would do in which case"
    ORDER = "the order of your steps"
    TRADE_OFF = "a trade-off"


_PERIOD = "year/month/week/summer/spring/autumn/winter/quarter/evening/morning/night"
_PERIODS = "days/weeks/months/year/years"
_DAYS = "monday/tuesday/wednesday/thursday/friday/saturday/sunday"
_MONTHS = "january/february/march/april/may/june/july/august/september/october/november/december"
_OUR = "team/company/customer/customers/client/clients/product/service/system/release/launch/app/shop/site"
_YEARS = "/".join(map(str, range(1990, 2050)))
_FORMER = "last/previous/first/current/old/former/second"
_THEY = "we/i/they/it/he/she/every/each/all/the/nobody"
_SIGNS = {
    Mark.SITUATION: f"""
        at my/our | in {_YEARS} | in my {_FORMER}/team/role/job/project | while i | when i/we/our/the *
        last {_PERIOD}/{_DAYS}/{_MONTHS} | in {_MONTHS} | on a {_DAYS} | a {_DAYS} in | {_PERIODS} ago
        in the {_PERIOD} | hours/{_PERIODS} before | one {_PERIOD} | at the time | back in/then/when
        i was a/an/the/on/in/at/working/responsible | i joined/started | i ran/led/owned/run/lead
        we/he/she/they had | we/he/she/it/they were/was | there was/were | one of our/my | our {_OUR} | our * {_OUR}
        my team/manager/company/boss/{_FORMER}/colleague/predecessor | the project | on a/the * project
        during/over the""",
    Mark.TASK: """
        i/we was/were responsible/asked/tasked/assigned/supposed/expected/to | in charge | i/we needed/wanted
        i/we had to | had to be | i owned/led/ran/run/headed | i took over/on | took it/that/this on | it was up to me
        on me to | was mine
        my job/role/task/goal/responsibility/part/own | i was the | asked/wanted/told me to | was due | nobody else
        the goal/challenge/problem/task/aim/deadline/question was | by friday/monday/march | by the end
        responsible | responsibility | tasked | assigned | supposed | deadline | goal | target
        objective | challenge""",
    Mark.RESULT: f"""
        as a result | in the end | since then/that/# | ever since | from then/that on | ended up | turned out
        i learned/learnt | which led/meant/reduced/saved/cut/made/gave/brought/allowed
        {_PERIODS} later | a year/month/week/day later | the year/month/week/day after
        after this/that/it he/she/they/the/it/all/everyone/we | after * weeks/months/years | after a month/year/week
        now/today {_THEY} | told me later/afterwards/that | later told
        went live/down/up/from | came down/back/through | down/up to/by/from # | by # | from # to # | from # * to #
        no longer/more/further | has/have not/never happened/been/had | never again/happened/came
        instead of # | rather than # | the result/outcome was | resulted | consequently""",
    Mark.CHANGED: """
        is/are/we're/he's/she's/they're still | reduced | improved | increased | decreased | dropped | fell | cut | grew
        saved | doubled | halved | tripled | shipped | launched | delivered | released | resolved | eliminated
        succeeded | adopted | achieved | won | rose | prevented | recovered | restored | renewed | gained | lowered
        raised | accelerated | learned | learnt | thanked | promoted""",
    Mark.NUMBER: "times faster/slower/more/less",
    Mark.INSTANCE: f"""
        for example/instance | e g | such as | say # | let's say | in {_YEARS} | last {_PERIOD} | {_PERIODS} ago
        at my {_FORMER}/company/job | in my {_FORMER} | one of our/my
        in one case/project/incident/team/service | last {_DAYS}/{_MONTHS} | on a {_DAYS} | a {_DAYS} in
        i once | we once | when i worked/joined/was/led/built/started
        on a/the/our * project/migration/service/team | on a/the/our * system | at the time
        yesterday | january | february | april | june | july | august | september | october
        november | december""",
    Mark.REASON: """
        so that | that/this way | in order to | which means | which is why | the reason | this means | due to
        as a consequence | lead/leads to | that is why | that's why/because/where | or else | to avoid/prevent/save
        because | since | therefore | so | hence | thus | otherwise | means | meaning | reason | prevents
        ensures | avoids""",
    Mark.CONDITION: """
        if | unless | whether | whenever | until | otherwise | depending | in case | in that case
        as soon as | as long as | once i/we/they/it/you/the/a""",
    Mark.ORDER: """
        first of all | step one/two/1/2 | after that/this | in the end | to start/begin with | at first
        before i/we/that/any/anything/this/the | only then/after/afterwards | in the meantime | by then
        the same day/morning/evening | that day/evening/morning/night | next week/day/morning/year
        start/starts/begin with/by/from | first | firstly | second | secondly | third | then | next | meanwhile
        afterwards | after | finally | lastly | initially""",
    Mark.TRADE_OFF: """
        on the other hand | it depends | depends on | at the cost | in exchange/return | the price/catch/trap is
        trade off/offs | would not | wouldn't | only if/when/as/where/for | pros and cons | compared to/with
        too much | worth it/the | rather than | instead of | even if | at most | no more than | not worth
        however | instead | although | though | but | depends | tradeoff
        tradeoffs | downside | drawback | alternative | alternatively | unless | whereas | versus
        cost | costs | cheaper | expensive | rather | weigh | limit | acceptable | slower
        compromise | complexity | except""",
    Mark.NAMED: " | ".join(sorted(TOOLS)),
}


_TABLE = Table(_SIGNS)


def marks_in(words: tuple[str, ...]) -> set[Mark]:
    """All marks whose words or phrases occur."""
    return set(_TABLE.found_in(words))
