"""Finds out how the bytes of a text stand for its characters."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CANDIDATES = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r", "gb18030", "big5", "shift_jis",
    "euc_jp", "euc_kr", "iso2022_jp", "cp874", "cp1257", "iso8859_2", "mac_roman",
]  # fmt: skip
"""What people's files are written in; rarer charsets would only be guessed by mistake."""
_LANGUAGE_MATTERS = 0.1
"""How much it counts that the letters are as frequent as in some language, where their mess counts 1."""
_SIGNS = "–—‘’‚“”„«»…•·°€£§©®¿¡"  # noqa: RUF001
_WESTERN = ("äöüß", "àâæçéèêëîïôœùûüÿ", "áéíñóúü", "áâãàçéêíóôõú", "àèéìíòóù", "åäöéæø", "éëïóöüèá", "áðéíóúýþæö")
_CENTRAL = ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž", "äöüß")
_LATIN = {
    "cp1252": _WESTERN,
    "cp1250": _CENTRAL,
    "cp1254": ("çğıi\u0307öşüâîû",),  # noqa: RUF001
    "cp1257": ("āčēģīķļņšūž", "ąčęėįšųūž", "äöõüšž"),
    "iso8859_2": _CENTRAL,
    "mac_roman": _WESTERN,
}
"""Letters of the languages that are written in each charset of Latin letters, the most common charset first."""
_ENOUGH = 60_000
"""Bytes that are enough to guess from."""
_START = 1000
"""Characters."""
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def decoded(data: bytes) -> str | None:
    """The text that `data` stands for; None when it is not text. A few damaged bytes become U+FFFD."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _plausible(data.decode(encoding, "replace"))
    wide = _wide(data)
    if wide:
        return _plausible(data.decode(wide, "replace"))
    if data.startswith(b"\x1b$") or b"\x1b$B" in data:
        return _plausible(data.decode("iso2022_jp", "replace"))
    try:
        return _plausible(codecs.getincrementaldecoder("utf-8")().decode(data))
    except UnicodeDecodeError as error:
        if _mostly_utf8(data, error.start):
            return _plausible(data.decode("utf-8", "replace"))
    return _plausible(data.decode(_guessed(data[:_ENOUGH]), "replace"))


def _guessed(data: bytes) -> str:
    found = from_bytes(data, cp_isolation=_CANDIDATES, enable_fallback=False)
    best = max(found, key=lambda each: _LANGUAGE_MATTERS * each.coherence - each.chaos, default=None)
    if best is None or best.encoding in _LATIN:
        return max(_LATIN, key=lambda encoding: _latin_share(data, encoding))
    return best.encoding


def _latin_share(data: bytes, encoding: str) -> float:
    """The share of characters beyond ASCII that are used in one language: in that which uses most of them."""
    seen = [char.lower() for char in data.decode(encoding, "replace") if char > "\x7f" and not char.isspace()]
    known = (sum(char in alphabet or char in _SIGNS for char in seen) for alphabet in _LATIN[encoding])
    return max(known) / max(len(seen), 1)


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark at its start shows in the zeros of its line breaks and spaces."""
    sample = data[:4096]
    if len(sample) < 4 or b"\x00" not in sample:
        return None
    pairs = {"utf-16-le": (b"\n\x00", b" \x00"), "utf-16-be": (b"\x00\n", b"\x00 ")}
    units = [sample[i : i + 2] for i in range(0, len(sample) - 1, 2)]
    hits = {name: sum(unit in marks for unit in units) for name, marks in pairs.items()}
    best = max(hits, key=lambda name: hits[name])
    return best if hits[best] * 50 >= len(units) and units.count(b"\x00\x00") == 0 else None


def _mostly_utf8(data: bytes, first_error: int) -> bool:
    """One damaged byte in a long UTF-8 text does not make it something else."""
    text = data.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    right = sum(ord(char) > 127 for char in text) - wrong
    return first_error > 0 and right > 20 * wrong


def _plausible(text: str) -> str | None:
    """`text`, unless it has the control characters of a binary file, most of which have them at their start."""
    return None if _is_binary(text, 500) or _is_binary(text[:_START], 100) else text


def _is_binary(text: str, few: int) -> bool:
    """More than one in a `few` characters is a control character."""
    return len(_CONTROLS.findall(text)) * few > len(text)
