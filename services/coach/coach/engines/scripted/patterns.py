"""Turns of phrase that tell what kind of thing was said. All are matched on lower-case text.

Every repetition is bounded, so that no answer can make a match slow.
"""

from __future__ import annotations

import re


def any_of(*alternatives: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern that matches where one of the alternatives does."""
    return re.compile("|".join(alternatives), flags)


_IT = r"(?:that|this|it|what i (?:just )?said)"
_WRONG = r"(?:wrong|not (?:true|right|correct)|untrue|incorrect|false|a lie|made up)"
_BARELY = r"(?:actually |just |all )?"
RETRACTION = any_of(
    r"^(?:(?:actually|sorry|wait|no|correction|hmm|well|oh|to be honest|honestly|but)[\s,.:-]+){1,3}"
    rf"{_IT}(?:(?:'s| is| was) {_BARELY}{_WRONG}|(?: isn't| wasn't) {_BARELY}(?:true|right|correct))\b",
    rf"^{_IT}(?:'s| is) {_BARELY}{_WRONG}\b",
    r"\bi (?:actually |really |in fact )?(?:did not|didn't|never) (?:actually |really )?"
    r"(?:do|did|build|built|write|use|used|lead|led|say) (?:that|this|(?:any|most) of (?:that|it|this))"
    r"(?=\s*(?:[.,;!?]|$|at all|myself|actually|really|either))",
    r"\bi (?:just )?made (?:that|this|it|all (?:that|this|of (?:that|it|this))) (?:all )?up\b",
    r"\b(?:scratch that|i take (?:that|it) back|forget what i (?:just )?said)\b",
    r"\b(?:that|it|none of (?:that|it|this)) never happened\b|\bnone of (?:that|this|it) is true\b",
)
RETRACTS_ALL = any_of(
    r"\b(?:any|most|none|all) of (?:that|this|it)\b",
    r"\b(?:all (?:that|this)|what i (?:just )?said|everything|made (?:that|this|it) (?:all )?up|the whole)\b",
    r"\bnever happened\b",
)

IGNORANCE = any_of(
    r"\bi(?:'m| am)? (?:really |honestly |just |have |actually )?"
    r"(?:don't|do not|dont|didn't|never|not|no|can't|cannot) (?:really |ever )?"
    r"(?:know|familiar|heard|sure|remember|idea|experience|recall|worked with|used|think of|clue)\b",
    r"\b(?:no idea|no clue|idk|not sure|haven't (?:used|heard|worked|done))\b|^no experience\b",
)
CANNOT_SAY = any_of(
    IGNORANCE.pattern,
    r"^(?:pass|skip)\W*$|\b(?:can't|cannot) (?:answer|say|think)\b|\bnothing comes to mind\b",
)
REFUSAL = any_of(
    r"\bi (?:won't|will not|refuse|do not want|don't want|would rather not|prefer not|am not going)\b.{0,20}"
    r"\b(?:answer|say|talk|discuss|share|tell|respond)\b",
    r"\bi'd (?:rather|prefer) not\b|\bi'm not (?:going to )?answer(?:ing)?\b",
    r"\b(?:none of your business|no comment|next question|skip (?:this|it|that|the question)|let's skip)\b",
    r"\b(?:leave me alone|shut up|waste of (?:my )?time|go away|screw (?:you|this))\b",
)
ASKS_BACK = any_of(
    r"\b(?:can|could|would|will) you (?:please |maybe |kindly )?(?:repeat|rephrase|clarify|explain|elaborate"
    r"|say (?:that|it)|give (?:me )?(?:an example|more context)"
    r"|be more specific|reword|restate|specify|ask)\b",
    r"\bwhat (?:do|did|exactly do) you mean\b|\bdo you mean\b|\bare you asking\b|\bsay that again\b",
    r"\b(?:don't|do not|didn't|did not) (?:quite |fully |really )?(?:understand|get|catch|hear)\b.{0,25}"
    r"\b(?:question|that|you|it)\b",
    r"^(?:sorry|pardon|excuse me|come again|what)\??$|\bplease (?:repeat|rephrase|clarify|explain)\b",
    r"\bshould i (?:talk|focus|answer|assume|describe|give|speak)\b|\bwhat was the question\b",
    r"\bis (?:this|that|the question) about\b",
)
MASHING = any_of(
    r"asdf|sdfg|dfgh|fghj|ghjk|hjkl|qwer|wert|erty|rtyu|tyui|yuio|uiop|zxcv|xcvb|cvbn|vbnm",
    r"(.)\1{3,}|[bcdfghjklmnpqrstvwxz]{5,}|[jkl]j|j[hkq]|zx|x[mk]|[hfgv]j|kx|q[jzw]|[zvw]q|bx",
)
CODE = any_of(
    r"[{};]\s*$",
    r"^\s*(?:def|class|for|while|if|return|import|from|function|const|let|var|public|select)\b.*[:({;=]",
    r"=>|==|\w\(\w*\)",
    flags=re.M | re.I,
)
"""Something that looks like a line of code. Matched on the text as it is."""
