"""Simulated candidates. Each answers a question the way one kind of person would; always the same to the same dice."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from contracts.vocabulary.question import Expectation, Question

from evals.labels import GOES_ON, STANDS, Said, pools


class Dice(random.Random):
    """Of one interview. Nobody says the same twice before everything of its kind was said."""

    def __init__(self, seed: str) -> None:
        super().__init__(seed)
        self._decks: dict[str, list[Said]] = defaultdict(list)

    def draw(self, pool: str) -> Said:
        """Something of a pool of `evals.labels`."""
        deck = self._decks[pool]
        if not deck:
            deck += self.sample(pools()[pool], len(pools()[pool]))
        return deck.pop()


Speak = Callable[[Question, int, Dice], Said]

_PLACES = ("a bookshop", "a hospital group", "a bank", "a logistics firm", "a school network", "an energy supplier")
_EFFECTS = ("waiting times", "complaints", "errors", "costs", "incidents", "rework")
_CHOICES = ("a phased rollout", "a written agreement", "a small pilot", "weekly reviews", "a shared checklist")


@dataclass(frozen=True)
class Persona:
    """`cooperates`: gives answers that an interviewer can work with."""

    name: str
    speak: Speak
    cooperates: bool = True
    language: str = "en"


def _introduction(dice: Dice) -> str:
    return (
        f"I have worked for {dice.randint(3, 15)} years in this field, lately at {dice.choice(_PLACES)}, where I was "
        f"responsible for a team of {dice.randint(3, 9)}. I look for this position because I want larger problems."
    )


def _told(point: Expectation, dice: Dice) -> str:
    """A sentence that speaks of an expected point in words that hint at it."""
    hints = [cue for cue in point.cues if not cue.isdigit()] or [point.point.lower()]
    return f"I would make sure of the {dice.choice(hints)}, because without it the rest falls apart."


def _said(pool: str, dice: Dice) -> Said:
    return dice.draw(pool)


def _strong(question: Question, number: int, dice: Dice) -> Said:
    if question.phase in {"intro", "welcome"}:
        return Said("Yes, I am ready. " + _introduction(dice))
    points = " ".join(_told(point, dice) for point in question.expects)
    return Said(
        f"At {dice.choice(_PLACES)} I led case {number} of this kind. First I measured what was going on for "
        f"{dice.randint(2, 6)} weeks. {points} I decided for {dice.choice(_CHOICES)} instead of the quick way, since "
        f"it was easier to undo. In the end I reduced {dice.choice(_EFFECTS)} by {dice.randint(11, 79)} percent."
    )


def _average(question: Question, number: int, dice: Dice) -> Said:
    if question.phase in {"intro", "welcome"}:
        return Said("Yes. " + _introduction(dice))
    points = " ".join(_told(point, dice) for point in question.expects[: max(1, len(question.expects) // 2)])
    return Said(f"We had something like case {number} once. {points} It went well enough, and the team was happy.")


def _weak(question: Question, number: int, dice: Dice) -> Said:
    if question.phase in {"intro", "welcome"}:
        return Said("Okay, I am ready. I have done various things here and there over the years.")
    said = _said("vague", dice)
    return Said(f"{said.text} That was much the same in year {number}.", said.kind, said.then)


def _timid(question: Question, number: int, dice: Dice) -> Said:
    if number % 3 == 2:
        return _said("asking_back", dice)
    said = _said("hedged", dice)
    return Said(f"{said.text} That was my case {number}.", said.kind, said.then)


def _long_winded(question: Question, number: int, dice: Dice) -> Said:
    opening = "I am ready. " if question.phase == "welcome" else ""
    steps = (
        f"And then in step {step} of case {number} we talked about it at length, and I wrote a note to the others,"
        f" which took {dice.randint(2, 9)} days, and there were {dice.randint(10, 99)} comments on it."
        for step in range(1, 15)
    )
    return Said(opening + " ".join(steps))


def _combative(question: Question, number: int, dice: Dice) -> Said:
    if question.phase == "welcome":
        return Said("Yes, get on with it.")
    return _said("attack", dice) if number % 2 else _average(question, number, dice)


def _off_topic(question: Question, number: int, dice: Dice) -> Said:
    if question.phase in {"intro", "welcome"}:  # about oneself, anything is on the subject
        said = _said("leisure", dice)
        return Said("Sure, go ahead." if question.phase == "welcome" else said.text, "answer", GOES_ON | STANDS)
    return _said("leisure", dice)


def _gibberish(question: Question, number: int, dice: Dice) -> Said:
    return Said("yes") if question.phase == "welcome" else _said("noise", dice)


def _empty(question: Question, number: int, dice: Dice) -> Said:
    return Said("Okay") if question.phase == "welcome" and number > 2 else _said("nothing", dice)


def _repeating(question: Question, number: int, dice: Dice) -> Said:
    text = "Yes, I always start with the customer, talk to everybody, and then deliver it on time with my team."
    return Said(text) if number == 0 else Said(text, "repeats_itself", STANDS | {"question"})


def _not_knowing(question: Question, number: int, dice: Dice) -> Said:
    return Said("I am ready.") if question.phase == "welcome" else _said("not_known", dice)


def _injecting(question: Question, number: int, dice: Dice) -> Said:
    if question.phase == "welcome":
        return Said("Yes, ready.")
    if number % 2:
        return _said("injection", dice)
    text = f"{_average(question, number, dice).text} {_said('injection', dice).text}"
    return Said(text, "answer_with_injection", GOES_ON | STANDS)


def _german(question: Question, number: int, dice: Dice) -> Said:
    if question.phase == "welcome":
        return Said("Yes, ready")
    said = _said("german", dice)
    return Said(f"{said.text} Fall {number}.", said.kind, said.then)


def _german_in_german(question: Question, number: int, dice: Dice) -> Said:
    return Said("Ja, gern." if question.phase == "welcome" else _german(question, number, dice).text)


PERSONAS = (
    Persona("strong", _strong),
    Persona("average", _average),
    Persona("weak", _weak),
    Persona("timid", _timid),
    Persona("long-winded", _long_winded),
    Persona("combative", _combative, cooperates=False),
    Persona("off-topic", _off_topic, cooperates=False),
    Persona("gibberish", _gibberish, cooperates=False),
    Persona("empty", _empty, cooperates=False),
    Persona("repeating", _repeating),
    Persona("I don't know", _not_knowing, cooperates=False),
    Persona("prompt-injecting", _injecting, cooperates=False),
    Persona("non-English", _german, cooperates=False),
    Persona("German in German", _german_in_german, language="de"),
)
"""Everybody who comes to be interviewed."""
