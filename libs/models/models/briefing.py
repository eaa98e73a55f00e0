"""What every prompt has in common."""

from __future__ import annotations

from parley_text.contact import REACHABLE, contacts, without

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
CONTACT = "[contact]"
"""What stands in the place of what was taken out."""


def language_name(tag: str) -> str:
    """A language as one says it to a model: "German" for "de-AT"."""
    return _LANGUAGES.get(tag.replace("_", "-").split("-", 1)[0].lower(), f"the language with the tag {tag}")


def without_contact(text: str) -> str:
    """A text that somebody pasted, without e-mail addresses, links and telephone numbers.

    Dates and figures stay: they are most of what a document has to say. So does a number that is written like a figure
    and that nothing marks as a telephone number.
    """
    return without(text, contacts(text, REACHABLE), CONTACT)
