"""E-mail addresses, telephone numbers, profiles and other addresses on the web."""

from __future__ import annotations

import re

from documents.understanding.lineparts import tidied
from documents.understanding.skills import names_skill

_HOSTS = (
    "linkedin|github|gitlab|bitbucket|twitter|x|xing|facebook|instagram|medium|behance|dribbble|kaggle|orcid|t|wa|youtube"
    "|stackoverflow|researchgate|scholar[.]google|leetcode|hackerrank|codeforces|about|linktr|calendly|vk|zhihu|angel"
)
_TLDS = (
    "com|org|net|io|dev|me|de|fr|es|it|nl|pl|ru|cn|jp|in|co|uk|edu|ai|app|ch|at|eu|info|page|site|tech|us|ca|br"
    "|example|ee|be|xyz"
)
EMAIL = re.compile(
    r"(?<![\w.+-])(?:mailto:)?[\w.+-]{1,64}\s?(?:@|＠|\(at\)|\[at\])\s?[\w-]{1,63}(?:\.[\w-]{1,63}){0,4}",  # noqa: RUF001
    re.IGNORECASE,
)
_PROFILE = re.compile(
    rf"(?<![\w@.])(?:https?://)?(?:[\w-]{{1,20}}\.)?(?:{_HOSTS})\.(?:com|org|net|io|me|ee|cc|dev|co)"
    r"(?:/[^\s,;|)）\]<>]{1,200}|(?=\s*$))",  # noqa: RUF001
    re.IGNORECASE,
)
URL = re.compile(
    rf"(?<![\w@.])(?:https?://|www\.)[^\s,;|)）\]<>]{{2,200}}"  # noqa: RUF001
    rf"|(?<![\w@./])[a-z0-9-]{{2,63}}(?:\.[a-z0-9-]{{2,63}}){{0,3}}\.(?:{_TLDS})(?![\w.-])(?:/[^\s,;|)）\]<>]{{0,200}})?",  # noqa: RUF001
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<![\w.,/€$£₹¥%-])(?:\+|\(\+?)?\d[\d ()./\u00a0\u2010-\u2013-]{5,22}\d\)?(?![\w%])(?![.,]\d)", re.ASCII
)
_PHONE_LABEL = re.compile(
    r"(?:\b(?:tel|phone|mobile|mob|cell|fax|telefon|teléfono|téléphone|handy|mobil)\w*|[电话手机号码携帯電☎📞])[.:：\s]*$",  # noqa: RUF001
    re.IGNORECASE,
)
_GROUPS = re.compile(
    r"(?:\+?1[ .-]?)?\(?\d{3}\)?[ .-]?\d{3}[ .-]\d{4}|\d{3}[ .-]\d{4}|1[3-9]\d{9}|1[3-9]\d[ -]\d{4}[ -]\d{4}"
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
HANDLE = re.compile(r"(?<![\w@.])@[A-Za-z][\w.]{2,40}")


def without_reach(text: str) -> str:
    """A line of the body without what one is reached by; addresses that are nobody's profile stay."""
    text = tidied(text, EMAIL.sub("", text))
    text = tidied(text, _PROFILE.sub("", text))
    return tidied(text, _without_phones(text, anywhere=False))


def without_any_reach(text: str) -> str:
    """A line of a head, where every address and every long number is one's own."""
    text = tidied(text, HANDLE.sub("", URL.sub(_url_left, _PROFILE.sub("", EMAIL.sub("", text)))))
    return tidied(text, _without_phones(text, anywhere=True))


def has_reach(text: str) -> bool:
    """Whether somebody can be reached by what stands there."""
    return bool(
        EMAIL.search(text) or _PROFILE.search(text) or URL.search(text) or _without_phones(text, anywhere=True) != text
    )


def has_mail(text: str) -> bool:
    """Whether there is an e-mail address."""
    return EMAIL.search(text) is not None


def _url_left(found: re.Match[str]) -> str:
    """ "Node.js" and "Monday.com" look like addresses too."""
    plain = found.group()
    return plain if "/" not in plain and not plain.startswith("www.") and names_skill(plain) else ""


def _without_phones(text: str, *, anywhere: bool) -> str:
    if sum(letter.isdigit() for letter in text) < 7:
        return text
    return _PHONE.sub(
        lambda found: _bracket(found.group()) if _is_phone(found, anywhere=anywhere) else found.group(), text
    )


def _bracket(number: str) -> str:
    """What is left of a number: the bracket that was opened before it."""
    return ")" if number.endswith(")") and "(" not in number else ""


def _is_phone(found: re.Match[str], *, anywhere: bool) -> bool:
    text = found.group()
    digits = sum(letter.isdigit() for letter in text)
    if not 7 <= digits <= 16:
        return False
    if text[0] != "+" and _is_dates(text):
        return False
    if (
        text[0] in "+("
        or text.startswith("00")
        or _PHONE_LABEL.search(found.string[max(0, found.start() - 24) : found.start()])
    ):
        return True
    if anywhere:
        return digits >= 8 or _GROUPS.fullmatch(text) is not None
    grouped = bool(re.search(r"\D", text))
    return _GROUPS.fullmatch(text) is not None or (text[0] == "0" and digits >= 9 and grouped)


def _is_dates(text: str) -> bool:
    years = len(_YEAR.findall(text))
    return years > 0 and sum(letter.isdigit() for letter in text) <= 8 * years
