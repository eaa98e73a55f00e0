"""What every prompt has in common."""

from __future__ import annotations

import re

_LANGUAGES = {
    "en": "English",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "hi": "Hindi",
    "zh": "Chinese",
    "pt": "Portuguese",
    "it": "Italian",
    "nl": "Dutch",
    "pl": "Polish",
    "ja": "Japanese",
    "ko": "Korean",
}
_CONTACT = re.compile(r"\S+@\S+|https?://\S+|www\.\S+|\+?\d[\d ()/.-]{8,}\d")


def language_name(tag: str) -> str:
    """A language as one says it to a model: "German" for "de-AT"."""
    return _LANGUAGES.get(tag.replace("_", "-").split("-", 1)[0].lower(), f"the language with the tag {tag}")


def without_contact(text: str) -> str:
    """A text that somebody pasted, without e-mail addresses, links and telephone numbers."""
    return _CONTACT.sub("[contact]", text)
