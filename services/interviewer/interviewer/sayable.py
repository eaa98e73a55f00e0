"""What of an answer can be said back to the candidate: whole sentences, verbatim, as somebody would say them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from parley_text.guesses import VEIL
from parley_text.injection import ANSWER, speaks
from parley_text.private import private_at
from parley_text.sentences import COMMAS, SEMICOLONS, STOPS, asks, sentences

from interviewer import conduct
from interviewer.quoting import UNSPEAKABLE, is_harmless
from interviewer.stance import Stance, stance_of
from interviewer.words import APOSTROPHE

LONGEST = 190
"""Characters of a sentence that one can still say back to somebody."""
_SHORTEST, _SHORTEST_PART = 5, 4
_BEHIND_PRIVATE = 2
"""Sentences behind a private matter that are not said back either. Speech without stops has none to count: it is cut
there."""
_CLAUSES = re.compile(r"[,;:.]")
_SPOKEN_ON = 30
"""Words without a comma or a stop from which a sentence was hardly written as one."""

_HESITATION = (
    r"(?:u+[hm]+|e+r+m*|a+h+m*|o+h+|h+m+|m+h+m+|ä+h+m*|e+u+h+|you know|i mean|sort of|kind of|what do they call it)"
    rf"(?![\w-]|{APOSTROPHE})"
)
_STUMBLE = re.compile(
    rf"(?<![\w-])(?<!{APOSTROPHE}){_HESITATION}|^i (?:dunno|don{APOSTROPHE}t know)\b"
    r"|[,.] (?:yeah|well|right),"
    r"|\b(?P<word>[\w']+(?: [\w']+)?)[\s,]+(?P=word)\b"
    r"|\b(?P<words>\w+ \w+)\W+(?:\w+\W+){1,2}(?P=words)\b",
    re.IGNORECASE,
)
_SUBJECT = r"(?:i|we|they|he|she|it|you|nobody|everyone|somebody|the|my|our|that|this|his|her|there)\b"
_SMALL_TALK = (
    rf"(?:and|but|um+|uh+|er+|ok|okay|yeah|oh|gosh|alright|anyway|basically|to be (?:fair|honest)|hi|hello|hey|yo"
    rf"|i(?:{APOSTROPHE}d| would) say|g{APOSTROPHE}day|good (?:morning|afternoon|evening))\b"
)
_OFTEN_SMALL_TALK = r"(?:so|then|well|no|yes|right|like|look|honestly|actually|sure|thanks|thank you)\b"
# "No one told me", "so far", "thanks to her": these words open a sentence only where a new one visibly begins.
_OPENING = re.compile(
    rf"^(?:{_SMALL_TALK}[\s,.!…-]*|{_OFTEN_SMALL_TALK}(?:\s*[,.!…-][\s,.!…-]*|\s+(?={_SUBJECT}|{_SMALL_TALK}|{_OFTEN_SMALL_TALK})))+"
    r"(?=\S)",
    re.IGNORECASE,
)
_JOINT = re.compile(
    rf"(?:\s*[{SEMICOLONS}]|,)?\s+(?:and|but|so|then|because|and then|and later|and so)\s+(?={_SUBJECT})"
    rf"|,\s+(?={_SUBJECT})",
    re.IGNORECASE,
)
_BEGINS_ANEW = re.compile(
    r"(?:\s+(?:and|but|so|then|cos|because|well))*\s+"
    rf"(?=(?:(?:i|we|they|he|she)(?:{APOSTROPHE}\w+)?|(?:it|there)(?: was| is|{APOSTROPHE}s))\s)"
    rf"|[\s,]*(?<![\w-])(?<!{APOSTROPHE})(?:{_HESITATION}|(?:well|god|gosh)\b)[\s,]*",
    re.IGNORECASE,
)
_TRAILS_OFF = re.compile(r"(?:\s+(?:and|but|so|then|cos|because|well|anyway|right|like|yeah|now))+$", re.IGNORECASE)
_LEADS_ON = re.compile(
    r"\b(?:and|but|or|so|if|when|that|what|who|which|where|how|because|cos|as|than|the|an?|my|our|his|her|their|of|to|in|on"
    r"|at|for|with|from|by|is|was|were|are|had|has|have|be|think|thought|know|knew|say|said|like|not|well|did|some"
    r"|mainly|more|most|no"
    rf"|\w+{APOSTROPHE}(?:s|re|ve|d|ll|m))$",
    re.IGNORECASE,
)
_NAMES_ONESELF = re.compile(
    rf"\b(?:my name(?:{APOSTROPHE}s| is)|call (?:me|myself)"
    rf"|i(?:{APOSTROPHE}m| am) called|(?:i{APOSTROPHE}m|i am|this is)(?= (?-i:[A-Z]))|ich heiße"
    rf"|mein name ist|me llamo|mi nombre es|je m{APOSTROPHE}appelle|mon nom est)|मेरा नाम|我叫|我的名字",
    re.IGNORECASE,
)
_SENTENCES: frozenset[Stance] = frozenset({"did", "does", "held", "would", "happened", "thinks"})
_OWN: frozenset[Stance] = frozenset({"did", "does", "held", "would"})


def sayable(answer: str, *, english: bool) -> list[str]:
    """The sentences of an answer that can be said back: whole ones, without greetings and names, and with nothing that
    nobody should read out. Of a long one, and of an English one with hesitations, the parts that are sentences
    themselves."""
    found: list[str] = []
    left_alone = 0
    for sentence in sentences(answer, also=SEMICOLONS):
        # What comes behind a private matter speaks of it, more often than not: "I'd been born with it."
        private = private_at(sentence)
        left_alone = _BEHIND_PRIVATE if private is not None else left_alone - 1
        spoken = english and _is_spoken_on(sentence)
        if asks(sentence) or speaks(sentence, ANSWER) or (left_alone >= 0 and not spoken):
            continue
        for words in _parts(" ".join(sentence[:private].split()), english=english, spoken=spoken):
            if VEIL in words or UNSPEAKABLE.search(words) or not is_harmless(words):
                continue
            found.append(words[:1].upper() + words[1:])
    return found


def _parts(sentence: str, *, english: bool, spoken: bool) -> Iterator[str]:
    named = bool(_NAMES_ONESELF.search(sentence))
    if named or spoken or VEIL in sentence or len(sentence) > LONGEST:
        parts = [part for part in _split(sentence, _BEGINS_ANEW if spoken else _JOINT) if len(part) <= LONGEST]
    else:
        parts = [sentence]
    parts = [_tidy(part, english=english) for part in parts]
    if spoken:
        parts = [_TRAILS_OFF.sub("", part) for part in parts]
        # Of speech without stops only what the speaker themselves did or does is surely a sentence.
        parts = [part for part in parts if stance_of(part) in _OWN and not _LEADS_ON.search(part)]
    if named:
        parts = [part for part in parts if not _NAMES_ONESELF.search(part)]
        parts = [part for part in parts if stance_of(part) in _SENTENCES] if english else parts
    least = _SHORTEST_PART if named or spoken else _SHORTEST
    for part in parts:
        if conduct.count(part) >= least and not (english and _STUMBLE.search(part)):
            yield part


def _is_spoken_on(sentence: str) -> bool:
    """Whether it has hesitations in it, or goes on and on without a comma: as speech is written down."""
    longest = max(map(conduct.count, _CLAUSES.split(sentence)))
    return longest > _SPOKEN_ON or bool(_STUMBLE.search(_OPENING.sub("", sentence)))


def _split(sentence: str, joint: re.Pattern[str]) -> Iterator[str]:
    begun = 0
    for found in joint.finditer(sentence):
        yield sentence[begun : found.start()]
        begun = found.end()
    yield sentence[begun:]


def _tidy(words: str, *, english: bool) -> str:
    bare = words.strip(" ,;:-–—")  # noqa: RUF001
    bare = _OPENING.sub("", bare) if english else bare
    return bare.rstrip(STOPS + SEMICOLONS + COMMAS + " …")
