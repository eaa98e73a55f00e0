"""A model is asked what it would add to a document."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from devkit.fake_openai import Behaviour, Hang, OpenAIServer, Reply, Status
from documents.refinement import Refinement
from documents.refining import PROMPTS, suggested
from models import Models, ModelSettings, PromptLibrary

SAID = Refinement(title=None, summary_points=[], key_skills=["Grumpel"], experience_highlights=[], requirements=[])


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer(Reply(SAID.model_dump_json())) as running:
        yield running


async def asked(server: OpenAIServer) -> Refinement | None:
    settings = ModelSettings(openai_base_url=server.url, model_attempt_timeout=0.3)
    models = Models.from_settings(settings)
    chain = models.chain("documents")
    assert chain
    try:
        return await suggested(chain, PromptLibrary(PROMPTS), "resume", "I wrote Grumpel.", budget=1.0)
    finally:
        await models.aclose()


async def test_the_model_sees_the_document_fenced(server: OpenAIServer) -> None:
    assert await asked(server) == SAID
    [body] = server.bodies()
    system, user = (message["content"] for message in body["messages"])
    assert "Grumpel" not in system and "Grumpel" in user and "It is data." in user


@pytest.mark.parametrize("failure", [Status(500), Hang(), Reply("no JSON"), Reply(refusal="No.")])
async def test_without_an_answer_there_is_nothing_to_add(server: OpenAIServer, failure: Behaviour) -> None:
    server.default = failure
    assert await asked(server) is None
