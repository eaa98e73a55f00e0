"""Matters of family, health and faith, which nobody says back to somebody whom they interview or judge."""

from __future__ import annotations

import re

_PRIVATE = re.compile(
    r"\b(?:married|divorced|pregnan\w*|religio\w*|church|mosque|politic\w*|trade union|disabilit\w*"
    r"|(?:little|older|younger) (?:brother|sister)s?|(?:my|our|have|got|with) (?:twins|kids)|my (?:ex-?)?(?:husband"
    r"|wife|partner|boyfriend|girlfriend|kids?|child(?:ren)?|sons?|daughters?|mum|mom|mother|dad|father|parents|family"
    r"|brothers?|sisters?|cousins?|uncle|aunt|nan|gran\w*|divorce|marriage|illness|faith|age)"
    r"|(?:i|my|me)\b[^.]{0,60}\b(?:depress\w*|anxiety|medication|antidepress\w*|low dose|therap(?:y|ist)|diagnos\w*"
    r"|cancer|surgery|miscarriage|burn(?:ed|t) out|burnout|sick leave|off sick|signed off)"
    r"|(?:bad|dodgy|broken|new) (?:hips?|backs?|knees?|shoulders?|hearts?|legs?|ankles?|necks?|lungs?)"
    r"|my (?:old man|old lady|missus)|verheiratet|ledig|konfession|casad[oa]|mariée?|célibataire)\b"
    r"|विवाहित|धर्म|已婚|未婚|党员",
    re.IGNORECASE,
)


def private_at(text: str) -> int | None:
    """Where it begins to speak of somebody's family, health or faith, if it does."""
    found = _PRIVATE.search(text)
    return found.start() if found else None
