"""What somebody can be reached by, and where it stands in a text.

What counts depends on the text. An address on the web in the middle of a résumé may be anybody's; in its head, it is
the candidate's. So callers name the kinds that they look for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from functools import cache
from typing import Literal

from parley_text.phones import phones

Kind = Literal["email", "profile", "link", "site", "handle", "phone"]
"""A profile is a page of one person at a known host; a link begins as one, a site is only a name such as "acme.dev"."""
PERSONAL: frozenset[Kind] = frozenset({"email", "profile", "phone"})
"""What is somebody's own wherever it stands."""
REACHABLE: frozenset[Kind] = PERSONAL | {"link"}
"""What reaches somebody or something, wherever it stands."""
ALL: frozenset[Kind] = REACHABLE | {"site", "handle"}

_LETTERS = "0-9A-Za-z_\u00aa-\u0dff\u10a0-\u10ff\u1e00-\u1fff"
"""Of scripts with spaces: an address ends where Chinese begins."""
_WORD = f"[{_LETTERS}.+-]"
_LABEL = f"[{_LETTERS}-]{{1,63}}"
_AT = r"(?:[ ]?[@＠][ ]?|[ ]{0,2}[(\[{][ ]?(?:at|@)[ ]?[)\]}][ ]{0,2})"
_DOT = r"(?:\.|[ ]?[(\[{][ ]?(?:dot|punkt|punto|point)[ ]?[)\]}][ ]?)"
_HOSTS = (
    "linkedin.com github.com github.io gitlab.com gitlab.io bitbucket.org twitter.com x.com xing.com facebook.com"
    " instagram.com medium.com behance.net dribbble.com kaggle.com orcid.org t.me wa.me youtube.com stackoverflow.com"
    " researchgate.net scholar.google.com leetcode.com hackerrank.com codeforces.com about.me linktr.ee calendly.com"
    " vk.com zhihu.com angel.co"
)
_NETWORKS = "telegram twitter x instagram threads mastodon tiktok bluesky"
_TLDS = (
    "com org net io dev me de fr es it nl pl ru cn jp in co uk edu ai app ch at eu info page site tech us ca br example"
    " ee be xyz"
)


def _any_of(names: str) -> str:
    return "|".join(map(re.escape, names.split()))


_PATH = r"(?:[^\s,;|)）\]<>]|[,;](?=[^\s,;]))"
_PATTERNS: dict[Kind, str] = {
    # With one space around the sign, or the sign in words, it takes a domain to tell it from "Engineer @ Acme".
    "email": (
        rf"(?<!{_WORD})(?:mailto:)?{_WORD}{{1,64}}"
        rf"(?:{_AT}(?:{_LABEL}{_DOT}){{1,5}}(?!\d)[{_LETTERS}]{{2,24}}"
        rf"|[@＠](?=[\w.-]{{0,60}}?[^\W\d_]){_LABEL}(?:\.{_LABEL}){{0,4}})"
    ),
    "profile": (
        rf"(?<![\w@.])(?:https?://)?(?:[\w-]{{1,20}}\.)?(?:{_any_of(_HOSTS)})"
        rf"(?:/{_PATH}{{1,200}}|(?=[ \t]{{0,9}}$))"
        rf"|\b(?:{_any_of(_NETWORKS)})[ ]?:?[ ]?@[A-Za-z][\w.]{{2,40}}"
    ),
    "link": rf"(?<![\w@.])(?:https?://|www\.){_PATH}{{2,2000}}",
    "site": (
        rf"(?<![\w@./])[a-z0-9-]{{2,63}}(?:\.[a-z0-9-]{{2,63}}){{0,3}}\.(?:{_any_of(_TLDS)})(?![\w.-])(?:/{_PATH}{{0,200}})?"
    ),
    "handle": r"(?<![\w@.])@[A-Za-z][\w.]{2,40}",
}


@dataclass(frozen=True)
class Contact:
    """A slice `text[start:end]` by which somebody can be reached."""

    kind: Kind
    start: int
    end: int


def contacts(text: str, kinds: Set[Kind] = REACHABLE, *, everywhere: bool = False) -> list[Contact]:
    """What is found of these kinds, in order. `everywhere`: each number that is long enough is one of a telephone."""
    addresses = [Contact(_kind(each), *each.span()) for each in _pattern(frozenset(kinds)).finditer(text)]
    if "phone" not in kinds:
        return addresses
    numbers = [Contact("phone", *place) for place in phones(text, everywhere=everywhere)]
    return list(_merged(addresses, numbers))


def _merged(addresses: list[Contact], numbers: list[Contact]) -> Iterator[Contact]:
    """Both in order, without numbers that are part of an address."""
    at = 0
    for number in numbers:
        while at < len(addresses) and addresses[at].end <= number.start:
            yield addresses[at]
            at += 1
        if at == len(addresses) or number.end <= addresses[at].start:
            yield number
    yield from addresses[at:]


def has_contact(text: str, kinds: Set[Kind] = REACHABLE, *, everywhere: bool = False) -> bool:
    """Whether there is any."""
    return bool(contacts(text, kinds, everywhere=everywhere))


def without(text: str, found: Iterable[Contact], instead: str = "") -> str:
    """The text with something else in the place of each contact."""
    kept: list[str] = []
    at = 0
    for each in found:
        kept += (text[at : each.start], instead)
        at = each.end
    return "".join([*kept, text[at:]])


def _kind(found: re.Match[str]) -> Kind:
    return found.lastgroup  # type: ignore[return-value]  # each kind is a group, and there are no others


@cache
def _pattern(kinds: frozenset[Kind]) -> re.Pattern[str]:
    wanted = (f"(?P<{kind}>{pattern})" for kind, pattern in _PATTERNS.items() if kind in kinds)
    return re.compile("|".join(wanted) or "(?!)", re.IGNORECASE | re.MULTILINE)
