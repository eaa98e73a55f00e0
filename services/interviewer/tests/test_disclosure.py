"""What the introduction says of who interviews and who judges."""

from __future__ import annotations

import asyncio

import pytest
from contracts.vocabulary.disclosure import BUILT_IN, EngineDescription, ModelSource
from interviewer.disclosure import Discloser, disclosure
from interviewer.engines.wording import before_last_sentence
from interviewer.languages import languages
from nats.errors import NoRespondersError
from parley_text.questions import question_of
from parley_text.sentences import asks

LOCAL = ModelSource(model="qwen3:8b", provider="127.0.0.1")
HOSTED = ModelSource(model="gpt-4o", provider="api.example.com")
TAGS = [each.language for each in languages()]


@pytest.mark.parametrize("tag", TAGS)
def test_every_language_names_the_models_and_who_serves_them(tag: str) -> None:
    both = disclosure(tag, EngineDescription(models=(LOCAL, HOSTED)), EngineDescription(models=(HOSTED,)))
    assert both.text.count("gpt-4o") == both.text.count("api.example.com") == 2
    assert both.text.count("qwen3:8b") == both.text.count("127.0.0.1") == 1
    assert not asks(both.text) and "{" not in both.text
    assert both.interviewer and both.interviewer.models == (LOCAL, HOSTED)


@pytest.mark.parametrize("tag", TAGS)
def test_what_is_built_in_is_told_from_a_model_and_from_what_is_unknown(tag: str) -> None:
    known, unknown = disclosure(tag, BUILT_IN, BUILT_IN), disclosure(tag, BUILT_IN, None)
    assert known.text.count("Parley") == 2 and unknown.text.count("Parley") == 1
    assert known.coach == BUILT_IN and unknown.coach is None


def test_it_stands_before_the_question() -> None:
    said = disclosure("en", EngineDescription(models=(HOSTED,)), BUILT_IN).text
    text = before_last_sentence("Hello there. Who are you?", said)
    assert text == f"Hello there. {said} Who are you?" and question_of(text) == "Who are you?"


async def test_the_coach_is_asked_each_time() -> None:
    judges = iter([EngineDescription(models=(LOCAL,)), BUILT_IN])

    async def coach() -> EngineDescription:
        return next(judges)

    discloser = Discloser(BUILT_IN, coach)
    assert "qwen3:8b" in (await discloser.disclose("en")).text
    assert "qwen3:8b" not in (await discloser.disclose("en")).text


async def nobody() -> EngineDescription:
    raise NoRespondersError


async def a_coach_that_hangs() -> EngineDescription:
    await asyncio.sleep(60)
    return BUILT_IN


@pytest.mark.parametrize("coach", [nobody, a_coach_that_hangs])
async def test_a_coach_that_does_not_answer_keeps_no_interview_waiting(coach: object) -> None:
    said = await Discloser(BUILT_IN, coach).disclose("en")  # type: ignore[arg-type]
    assert said.coach is None and "an AI as well" in said.text
