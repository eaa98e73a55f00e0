"""What a speaker says of themselves in a sentence of English: something they did, do or would do, something that
happened, or what they think. Subject and verb tell it, so that slang and the English of learners count alike."""

from __future__ import annotations

import re
from typing import Literal

from interviewer.words import APOSTROPHE

Stance = Literal["did", "noticed", "does", "held", "would", "happened", "thinks", "states"]
"""`did`: something of one's own choice, over. `noticed`: saw, thought or felt something then. `does`: a habit. `held`:
a post or work up to now. `happened`: over, and not of one's own choice. `states`: none of these."""

_SAME_IN_PAST = "put set let read".split()
"""Of what is often said of both; the others that look alike in both are rarely said of habits."""
_IRREGULAR = [
    *"did went got made took said told gave kept left brought bought taught sold built spent sent lost won met".split(),
    *"paid ran rang held led wrote drove drew threw grew spoke broke chose began sat stood swore rose hid bit".split(),
    *"tore wore woke ate drank flew bent lent dealt burnt stuck struck swept swung dug fed fought laid done".split(),
    *"cut hit quit shut split spread agreed".split(),
]
_TAKEN_IN = [
    *"saw heard felt found thought knew understood noticed realised realized learned learnt wanted liked loved".split(),
    *"hated needed hoped feared expected believed assumed figured guessed wondered remembered forgot".split(),
    *"happened looked seemed lived stayed supposed".split(),
]
_PARTICIPLES = (
    "taken given gone seen written driven spoken broken chosen worn grown drawn shown begun made done".split()
)

_REGULAR = r"(?!hundred\b|sacred\b|naked\b)[\w-]+[^\We]ed"
_ACTED = rf"(?:(?:re|over|under|out|mis|dis)?(?:{'|'.join(_IRREGULAR)})|{_REGULAR})"
_PERHAPS_ACTED = rf"(?:{'|'.join(_SAME_IN_PAST)})"
_PERCEIVED = rf"(?:{'|'.join(_TAKEN_IN)}|used(?= to))"
_HAVE = rf"(?:{APOSTROPHE}ve| have)"
_MANNER = r"(?: (?:\w+ly|also|then|just|still|once|always|only|even|almost|sort of|kind of|myself|meself|both|all))?+"
_ME = r"(?:i|we|me and (?:the |my |our |an? )?\w+|my (?:team|colleagues?) and i)"
_LEAD_IN = (
    r"(?:[\w\s]{1,30}, |(?:in|on|at|after|during|last|one|once|by|for|with|from)"
    r"(?:\s(?!was\b|were\b|is\b|are\b|it\b|that\b|which\b|who\b)\w+){1,5}?\s)"
)
_CLAUSE = rf"(?:^|\b(?:and|so|but|then|after that)\s|[,;:]\s){_LEAD_IN}?"
_NO_ACTION = (
    rf"(?:{_PERCEIVED}|came|became|fell|am|are|is|have|had|was|were|be|think|believe|guess|suppose|reckon|know|mean|feel"
    "|use|get|go|forget|want|need|like|love|enjoy|hope|wish|hate|prefer|hear|see|find|understand|remember|would|could"
    "|should|might|may|can|take (?:it|that|this)|cannot|must|will|do|don|did|come|live|look|seem|agree|wonder|admit"
    rf"|say|no|not|also|never|{APOSTROPHE}\w+|\w+n{APOSTROPHE}t|\w+ed)"
)
_AFTER_A_VERB = (
    r"(?:the|an?|it|him|her|them|my|our|his|their|that|this|these|those|some|every|all|both|one|two|three|four|five|six"
    r"|up|down|out|off|on|into|back|straight|over|through|to|at|from|with|about)\b|[£$€\d]"
)
_BY_ONESELF = re.compile(
    rf"^(?!{_PERCEIVED}\b|turned out\b)(?:{_ACTED}|{_PERHAPS_ACTED}) (?:{_AFTER_A_VERB})", re.IGNORECASE
)
_OWN = re.compile(rf"{_CLAUSE}{_ME}{_MANNER} (?!{_PERCEIVED}\b){_ACTED}(?!\w|{APOSTROPHE})", re.IGNORECASE)
_PERHAPS_OWN = re.compile(rf"{_CLAUSE}{_ME}{_MANNER} {_PERHAPS_ACTED}\b", re.IGNORECASE)
_HAS_DONE = re.compile(
    rf"{_CLAUSE}{_ME}{_HAVE}{_MANNER} (?!(?:{_PERCEIVED}|got)\b)"
    rf"(?:{_ACTED}|{_PERHAPS_ACTED}|{'|'.join(_PARTICIPLES)})\b",
    re.IGNORECASE,
)
_SENSED = re.compile(rf"^{_ME}(?:{_HAVE})?{_MANNER} {_PERCEIVED}\b", re.IGNORECASE)
_SO_FAR = re.compile(
    rf"\b{_ME}{_HAVE}{_MANNER} (?:been|{_ACTED})\b.*\b(?:years?|months|since)\b", re.IGNORECASE | re.DOTALL
)
_WORKS = re.compile(
    rf"{_CLAUSE}{_ME}(?:(?:{APOSTROPHE}m| am) (?:\w+ )?(?:responsible|in charge)\b"
    "| (?:run|manage|lead|head|work|teach|drive|look after|handle|model|draw|make|cook|sell|build|write|design|train"
    r"|help|operate|support|maintain|develop|do)\b(?! (?:it|that|this|so|not)\b))",
    re.IGNORECASE,
)
_USUALLY = re.compile(
    rf"{_CLAUSE}{_ME}{_MANNER} (?!(?:{_NO_ACTION}|{_PERHAPS_ACTED})(?!\w))[a-z]{{2,}}\b", re.IGNORECASE
)
_WOULD = re.compile(
    rf"{_CLAUSE}{_ME}(?:{APOSTROPHE}d| would| could| might){_MANNER}"
    r"(?! (?:say|think|guess|suppose|call|like|love|rather|never|already|been|had|have|be)\b)"
    rf"(?! (?:{'|'.join(sorted({*_IRREGULAR, *_PARTICIPLES}))}|{_REGULAR})\b) [a-z]{{2,}}",
    re.IGNORECASE,
)
_IF = re.compile(rf"^if\b.*\b{_ME}(?:{APOSTROPHE}d| would){_MANNER} [a-z]", re.IGNORECASE)
_THINKS = re.compile(
    rf"^(?:{_ME}(?: \w+ly| still)? (?:think|believe|guess|suppose|reckon|agree)"
    rf"|(?:i|we)(?:{APOSTROPHE}m| am|{APOSTROPHE}re| are) (?:\w+ly )?(?:sure|certain|convinced)"
    r"|in my (?:view|opinion|experience)|if you ask me)\b",
    re.IGNORECASE,
)
_LONG_AGO = re.compile(rf"^(?:last (?:week|month|year)\b.*\b{_ME}\b|{_ME}\b.*\bago\b)", re.IGNORECASE)
_NOT_BEFORE = "".join(rf"(?<!\b{word} )" for word in "ever is are be to has have".split())
_PAST = re.compile(
    rf"\b(?:was|were|did|{_NOT_BEFORE}(?<!{APOSTROPHE}s )(?<!{APOSTROPHE}ve )(?:had|{_ACTED}|{_PERCEIVED}|came|fell)"
    rf"|(?:did|was|were|could|had)n{APOSTROPHE}t)\b",
    re.IGNORECASE,
)
_BEFELL_US = re.compile(rf"^(?:i|we)(?:{APOSTROPHE}d)? had (?:an?|the|this|one|some|in|\d)\b", re.IGNORECASE)
_OF_ME = re.compile(rf"^{_ME}\b", re.IGNORECASE)
_PATTERNS: dict[Stance, tuple[re.Pattern[str], ...]] = {
    "would": (_WOULD, _IF),
    "did": (_HAS_DONE, _BY_ONESELF, _OWN, _LONG_AGO),
    "noticed": (_SENSED,),
    "thinks": (_THINKS,),
    "held": (_WORKS,),
    "does": (_USUALLY,),
}
"""In this order: who says what they would do, and why they did so before, says what they would do."""


def stance_of(words: str) -> Stance:
    """What a sentence, without the words that open it, says its speaker did or is."""
    if _SO_FAR.search(words):
        return "held"
    for stance, patterns in _PATTERNS.items():
        if any(pattern.search(words) for pattern in patterns):
            return stance
        if stance == "did" and _PERHAPS_OWN.search(words) and _PAST.search(words):
            return stance
    past = _BEFELL_US.match(words) or (_PAST.search(words) and not _OF_ME.match(words))
    return "happened" if past else "states"


def tells_of_an_act(words: str) -> bool:
    """Whether a sentence tells of something that its speaker did once, beside what they are or have done so far."""
    return any(pattern.search(words) for pattern in (_BY_ONESELF, _OWN))
