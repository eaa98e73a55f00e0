"""Sentences that would fit any answer to any question: maxims, habits, views of the world and of oneself.

They show nothing about the question, however fluent they are. Neither does waving the problem off.
"""

from __future__ import annotations

from coach.engines.scripted.phrases import Table
from coach.text import Sentence, stem

SPAN = 14
"""One turn of phrase in so many words makes a sentence a general one; a longer sentence needs more of them."""
_SHRUG = 2
_ALL = "you/one/people/everyone/everybody"
_OTHERS = (
    "they/he/she/it/users/customers/clients/people/developers/employees/colleagues/others/teams/everyone/management"
)

_TRUISMS = f"""
    important | importance | crucial | essential | vital | matters/matter most | always | usually | normally
    generally | typically | naturally | everyone | everybody | anyone | anybody | nobody | all of us
    most people/patients/customers/users/managers/companies | most of the time
    in general/principle | in my opinion/view/experience/eyes | of course | at the end of the day | as they say
    it is said | needless to say | these days | nowadays
    {_ALL} have/has/need/needs/ought to | {_ALL} * have/has/need/needs/ought to
    {_ALL} must/should/can't/cannot | {_ALL} can never
    i'm also/very/really/quite/always/known/someone/somebody | i am also/very/really/quite/always/known
    i am someone/somebody | i'm a/an * person/player/learner/worker | i am a/an * person/player/learner/worker
    i always/usually/normally/never/love/believe/respect/rely/try/like | i don't find | i've/i have always/often/never
    is/are about/key/normal/natural/valuable/powerful/rare/difficult | is/are part of | is/are a question/matter/part of
    is/are the key/future/basis/root/best/most | is/are a good/great/gift/wonderful/solid/modern
    makes/make the/a difference | pay/pays off | best practice | state of the art | team player | win win"""
_SHRUGS = f"""
    not/isn't/wasn't/never my/our/their/his/her fault/job/problem/responsibility/task
    not/isn't/wasn't really my/our/their fault/job/problem/responsibility/task
    nothing/much we/i/you/one can do | nothing/much that we/i/you/one can do | much we/i/you can really/honestly do
    nobody/one will/would notice | user error | i wouldn't/don't worry/panic | i would not worry/panic
    i don't see a problem | i don't see a big problem
    can't/cannot please everyone | can't/cannot be avoided/helped/changed | can't/cannot win them all
    can't/cannot support every | can't/cannot change that/it/this/them
    sort/sorts itself/themselves out | that's/it's normal | that's/it's quite/just/perfectly normal
    not that/so critical/important/unusual/bad | isn't that/so critical/important/unusual/bad
    chance/risk/danger is small/low | chance/risk/danger is very/quite/rather small/low
    {_OTHERS} need/needs/have/has/ought to understand/know/learn/realise/realize/accept
    {_OTHERS} should understand/realise/realize/accept/know | {_OTHERS} should just/simply understand/know"""
_TABLE = Table({1: _TRUISMS, _SHRUG: _SHRUGS})
_VIRTUES = frozenset(
    map(
        stem,
        """philosophy mindset attitude culture passion passionate motivate motivation professional modern innovative
        proactive flexible pragmatic positive career teamwork success successful trust quality communication discipline
        confident confidence experienced""".split(),
    )
)


def is_general(sentence: Sentence, vocabulary: frozenset[str], *, excused: bool = False) -> bool:
    """Whether a sentence would fit any answer. `vocabulary` are the stems that the question is about.

    `excused`: it names something of the field, so that one such turn of phrase is let pass.
    """
    found = sum(_TABLE.found_in(sentence.words)) + len((sentence.content & _VIRTUES) - vocabulary)
    return found > excused and found * SPAN >= len(sentence.words)
