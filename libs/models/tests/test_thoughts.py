"""Thoughts are told from answers, whatever they are marked with, and no piece of one is shown on the way."""

from __future__ import annotations

import pytest
from models.thoughts import answer_in

SAID = "Which part did you build yourself?"
DRAFT = 'They spoke of a system. A draft: {"text": "no"}.'
MARKED = [
    f"<think>{DRAFT}</think>\n\n{SAID}",
    f"<thinking>\n{DRAFT}\n</thinking>\n{SAID}",
    f"\n<seed:think>{DRAFT}</seed:think>{SAID}",
    f"<inner_monologue>\n{DRAFT}</inner_monologue>\n\n{SAID}",
    f"[THINK]{DRAFT}[/THINK]{SAID}",
    f"◁think▷{DRAFT}◁/think▷{SAID}",
    f"<think>{DRAFT}</think><reflection>{DRAFT}</reflection>{SAID}",
    f"<think>{DRAFT}</think>\n<answer>{SAID}</answer>",
    f"<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant<|channel|>final<|message|>{SAID}<|return|>",
    f"<|start|>assistant<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant<|channel|>final<|message|>{SAID}",
]
WITHOUT_OPENING = [
    f"{DRAFT}\n</think>\n\n{SAID}",
    f"{DRAFT}</think>{SAID}",
    f"{DRAFT}\n</inner_monologue>\n{SAID}",
    f"Two of them.\n[/THINK]\n{SAID}",
    f"</think>\n\n{SAID}",
]
NO_ANSWER = [f"<think>{DRAFT}", f"<think>{DRAFT}</think>", f"<|channel|>analysis<|message|>{DRAFT}", "<unused94>so", ""]
ANSWERS = [
    SAID,
    "What does a missing </div> do to a page?",
    'Would you write "a < b" or "b > a"?',
    "You said [REDACTED] was slow. Why?",
    '{"text": "Explain </think>"}',
    '```json\n{"text": "x"}\n```',
]


def on_the_way(text: str, *, plain: bool) -> list[str]:
    return [answer_in(text[:end], whole=False, plain=plain).strip() for end in range(len(text) + 1)]


@pytest.mark.parametrize("text", MARKED)
@pytest.mark.parametrize("plain", [False, True])
def test_what_is_marked_is_left_out(text: str, plain: bool) -> None:
    assert answer_in(text, whole=True).strip() == SAID
    assert all(SAID.startswith(shown) for shown in on_the_way(text, plain=plain))


@pytest.mark.parametrize("text", WITHOUT_OPENING)
def test_what_comes_before_a_lone_closing_tag_is_left_out(text: str) -> None:
    assert answer_in(text, whole=True).strip() == SAID
    assert all(SAID.startswith(shown) for shown in on_the_way(text, plain=False)), "of a model that is not known"


@pytest.mark.parametrize("text", NO_ANSWER)
def test_a_thought_alone_is_no_answer(text: str) -> None:
    assert answer_in(text, whole=True) == "" and not any(on_the_way(text, plain=True))


@pytest.mark.parametrize("text", ANSWERS)
def test_what_has_no_thoughts_stays_as_it_is(text: str) -> None:
    assert answer_in(text, whole=True) == text
    assert all(text.startswith(shown) for shown in on_the_way(text, plain=True))


def test_the_text_of_a_plain_model_is_shown_as_it_comes() -> None:
    shown = on_the_way(SAID, plain=True)
    assert shown[:6] == ["", "W", "Wh", "Whi", "Whic", "Which"] and not any(on_the_way(SAID, plain=False))
