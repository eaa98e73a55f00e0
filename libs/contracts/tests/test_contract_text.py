"""What cannot be stored is refused where it is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from contracts import registered
from contracts.gateway.events import Command, UserMessage
from contracts.vocabulary.bank import BankQuestion
from contracts.vocabulary.configuration import SessionConfig
from pydantic import BaseModel, ValidationError

UNSTORABLE = ["a\0b", "a\ud83d", "\udc00b"]
QUESTION: dict[str, Any] = {"id": "x", "text": "What did you build?", "follow_ups": (), "expects": ()}
EXPECTED = {"point": "A reason", "cues": ()}


@pytest.mark.parametrize("bad", UNSTORABLE)
@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (UserMessage, lambda bad: {"text": bad}),
        (SessionConfig, lambda bad: {"job_role": bad}),
        (SessionConfig, lambda bad: {"domains": ["backend", bad]}),
        (SessionConfig, lambda bad: {"questions": [{**QUESTION, "text": bad}]}),
        (SessionConfig, lambda bad: {"questions": [{**QUESTION, "follow_ups": [f"And why {bad}?"]}]}),
        (BankQuestion, lambda bad: {**QUESTION, "expects": [{**EXPECTED, "cues": [bad]}]}),
        (BankQuestion, lambda bad: {**QUESTION, "expects": [{**EXPECTED, "point": bad}]}),
    ],
)
def test_text_that_cannot_be_stored_is_refused_in_a_sentence(model, fields, bad) -> None:
    with pytest.raises(ValidationError, match="characters that cannot be stored"):
        model(**fields(bad))


def test_any_other_text_is_taken() -> None:
    text = "R\u00e9sum\u00e9 \U0001f600 \u4f60\u597d\t\n\x1b"
    assert UserMessage(text=text).text == text


def test_every_command_of_a_client_refuses_it() -> None:
    commands = [each for each in registered().values() if each.TYPE.startswith("gateway.")]
    assert commands and all(issubclass(each, Command) for each in commands)
    for command in commands:
        for name in texts_of(command):
            with pytest.raises(ValidationError, match="characters that cannot be stored"):
                command(**{name: "a\0b"})


def texts_of(model: type[BaseModel]) -> Iterator[str]:
    return (name for name, field in model.model_fields.items() if field.annotation in (str, str | None))
