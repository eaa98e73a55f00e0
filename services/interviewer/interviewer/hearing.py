"""What of a conversation was understood for certain. The rest is veiled, so that nobody can quote it or take it up."""

from __future__ import annotations

from contracts.vocabulary.turn import TurnContext
from parley_text.guesses import unveiled, veiled

NOT_UNDERSTOOD = "[not understood]"
"""What a model reads in the place of veiled words."""


def understood(context: TurnContext) -> TurnContext:
    """The context with all words veiled that were hardly understood (see `parley_text.guesses`). Whether somebody is
    ready to begin may be guessed."""
    if context.question.phase == "welcome":
        return context
    said = (each.model_copy(update={"text": veiled(each.text, each.unsure)}) for each in context.transcript)
    answer = veiled(context.answer, context.spoken.unsure) if context.spoken else context.answer
    return context.model_copy(update={"answer": answer, "transcript": tuple(said)})


def for_model(text: str) -> str:
    """A text without veiled words, as a model reads it."""
    return unveiled(text, NOT_UNDERSTOOD)
