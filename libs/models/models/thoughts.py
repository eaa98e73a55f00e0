"""What a model thinks aloud before it answers, told from the answer by its form: nobody is to see it.

Templates differ in the names that they mark thoughts with, so that no name is looked for: a tagged block before the
answer is one, and so is all that comes before a closing tag whose opening one the template itself wrote.
"""

from __future__ import annotations

import re

_OPENING = re.compile(r"\s*(?:<(?P<angle>[A-Za-z][\w:-]*)>|\[(?P<square>[A-Z][A-Z_]+)\]|◁(?P<triangle>\w+)▷)")
_BEGINS_LIKE_ONE = re.compile(r"\s*(?:<[\w:|-]{0,40}|\[[A-Z_]{0,40}|◁\w{0,40})")
_LONE_CLOSING = re.compile(
    r"^[ \t]*(?:</[A-Za-z][\w:-]*>|\[/[A-Z][A-Z_]+\]|◁/\w+▷)[ \t]*$|</(?:\w+:)?(?:think|thought|reason)\w*>",
    re.MULTILINE,
)
_CHANNEL = re.compile(r"<\|channel\|>\s*(\w+)[^<]*<\|message\|>")
_TOKEN = re.compile(r"<\|\w+\|>|<(?:\|(?:\w+\|?)?)?$")
_ANSWER_AT_ONCE = ("{", "```")


def answer_in(text: str, *, whole: bool, plain: bool = False) -> str:
    """What of a text is the answer; nothing as long as that cannot be told. `whole`: no more will come. `plain`: this
    model has answered before without thinking aloud, so that a text which begins as an answer is taken for one."""
    if "<|channel|>" in text or text.lstrip().startswith("<|"):
        return _of_channels(text)
    rest, blocks = text, 0
    while opening := _OPENING.match(rest):
        inside, closed, after = rest[opening.end() :].partition(_closing(opening))
        if not closed:
            return ""
        rest, blocks = after, blocks + 1
        if blocks > 1 and whole and not rest.strip():
            return inside  # the answer has a tag of its own
    if not whole and _BEGINS_LIKE_ONE.fullmatch(rest):
        return ""
    if rest.lstrip().startswith(_ANSWER_AT_ONCE):
        return rest
    ends = [found.end() for found in _LONE_CLOSING.finditer(rest)]
    if ends:
        return rest[ends[-1] :]
    return rest if whole or plain or blocks else ""


def _closing(opening: re.Match[str]) -> str:
    angle, square, triangle = opening.groups()
    return f"</{angle}>" if angle else f"[/{square}]" if square else f"◁/{triangle}▷"


def _of_channels(text: str) -> str:
    """As models write it that think in a channel of its own: what they say in the last one, if that is for others."""
    channels = list(_CHANNEL.finditer(text))
    if not channels or channels[-1][1] != "final":
        return ""
    return _TOKEN.split(text[channels[-1].end() :])[0]
