"""Lines of a document without what one is reached by."""

from __future__ import annotations

from parley_text.contact import ALL, PERSONAL, Contact, contacts, without

from documents.understanding.lineparts import tidied
from documents.understanding.skills import names_skill


def without_reach(text: str) -> str:
    """A line of the body without what one is reached by; addresses that are nobody's profile stay."""
    return tidied(text, without(text, contacts(text, PERSONAL)))


def without_any_reach(text: str) -> str:
    """A line of a head, where every address and every long number is one's own."""
    found = contacts(text, ALL, everywhere=True)
    return tidied(text, without(text, (each for each in found if not _is_name(text, each))))


def has_reach(text: str) -> bool:
    """Whether somebody can be reached by what stands there."""
    return bool(contacts(text, ALL, everywhere=True))


def _is_name(text: str, contact: Contact) -> bool:
    """ "Node.js" and "Monday.com" look like addresses too."""
    name = text[contact.start : contact.end]
    return contact.kind == "site" and "/" not in name and names_skill(name)
