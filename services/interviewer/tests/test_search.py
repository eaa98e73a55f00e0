"""What is looked for in the documents, when, and what happens when nothing comes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from contracts.documents.asks import SearchAnswer, SearchAsk
from contracts.subjects import ask_subject, event_subject
from contracts.vocabulary.turn import TurnContext
from document_pairs import pair
from interviewer.director import guide
from interviewer.engine import Guidance, NoPassages
from interviewer.queries import keywords, query_for
from interviewer.reading import read
from interviewer.search import LIMIT, SEARCHES, DocumentSearch
from interviewer.settings import InterviewerSettings
from interviewer_simulation import RICH, SESSION, SHY, answer, begin
from nats.errors import NoRespondersError
from search_cases import PERSON, context_after


def counted(result: str) -> float:
    found = SEARCHES.labels(result)._buckets
    return sum(bucket.get() for bucket in found)


def guidance_for(context: TurnContext) -> Guidance:
    return guide(context, read(context.answer, context))


# --- when, and for what ---


async def test_the_documents_of_the_session_are_searched_for_the_sessions_owner() -> None:
    documents, context = pair("backend"), await context_after()
    found = await DocumentSearch(documents.search, 5).passages(PERSON, context, guidance_for(context)).found()
    (ask,) = documents.asked
    assert (ask.user_id, ask.limit, ask.domains) == (PERSON, LIMIT, ())
    assert ask.document_ids == (documents.resume_id, documents.job_description_id)
    assert {"Kafka", "ledger", "partitioned"} <= set(ask.query.split())
    assert 0 < len(found) <= LIMIT


async def test_before_the_first_question_the_topic_is_looked_for() -> None:
    context = await context_after("I am Mara, and I like sailing.", introduced=False)
    words = query_for(context, guidance_for(context)).split()
    assert words[:3] == ["resume", "Backend", "Engineer"]


async def test_an_answer_that_says_nothing_is_not_looked_for() -> None:
    context = await context_after("I don't know.")
    assert "know" not in query_for(context, guidance_for(context)).split()


async def test_lines_that_were_not_spoken_of_take_turns() -> None:
    context = await context_after()
    found = set()
    for asked in range(8):
        budget = context.budget.model_copy(update={"asked": asked})
        later = context.model_copy(update={"budget": budget})
        found.add(query_for(later, guidance_for(later)))
    assert len(found) == 8


def test_keywords_are_tools_first_and_no_common_words() -> None:
    assert keywords("We have used these with Redis and some other queues in 2019") == [
        "Redis",
        "used",
        "queues",
        "2019",
    ]
    assert keywords("主导商家后台从单体页面拆分为十二个微前端应用")[0] == "主导商家后台从单体页面拆分为十二"


async def test_without_documents_nobody_is_asked() -> None:
    documents = pair("backend")
    context = await context_after(resume_id=None, job_description_id=None)
    passages = DocumentSearch(documents.search, 5).passages(PERSON, context, guidance_for(context))
    await passages.begin()
    assert isinstance(passages, NoPassages) and await passages.found() == () and not documents.asked


@pytest.mark.parametrize("text", ["What do you mean?", "asdf asdf", "I would like to stop here, please."])
async def test_before_fixed_phrases_nobody_is_asked(text: str) -> None:
    documents, context = pair("backend"), await context_after(text)
    assert isinstance(DocumentSearch(documents.search, 5).passages(PERSON, context, guidance_for(context)), NoPassages)


async def test_a_follow_up_of_the_scripted_engine_needs_no_search() -> None:
    documents = pair("backend")
    interview = await begin(documents.config(target_question_count=10))
    look_up = DocumentSearch(documents.search, 5).passages
    await answer(interview, SHY, look_up=look_up)
    assert len(documents.asked) == 1
    assert (await answer(interview, RICH.format(n=1), look_up=look_up)).question.kind == "follow_up"
    assert len(documents.asked) == 1


async def test_it_is_looked_for_once_and_beside_other_work() -> None:
    begun = asyncio.Event()

    async def search(ask: SearchAsk) -> SearchAnswer:
        assert not begun.is_set(), "once"
        begun.set()
        await asyncio.sleep(0.05)
        return SearchAnswer()

    context = await context_after()
    passages = DocumentSearch(search, 5).passages(PERSON, context, guidance_for(context))
    await passages.begin()
    assert begun.is_set(), "on its way, while the engine does something else"
    assert await asyncio.gather(passages.found(), passages.found()) == [[], []]


async def test_pieces_of_other_documents_are_left_out() -> None:
    other = pair("nurse")

    async def search(ask: SearchAsk) -> SearchAnswer:
        return SearchAnswer(hits=tuple(other.pieces.values())[:5])

    context = await context_after()
    assert await DocumentSearch(search, 5).passages(PERSON, context, guidance_for(context)).found() == []


# --- when nothing comes ---


async def late(ask: SearchAsk) -> SearchAnswer:
    await asyncio.Event().wait()
    return SearchAnswer()


async def nobody(ask: SearchAsk) -> SearchAnswer:
    raise NoRespondersError


async def broken(ask: SearchAsk) -> SearchAnswer:
    raise ValueError("what it says stays out of the log")


@pytest.mark.parametrize(("search", "result"), [(late, "late"), (nobody, "nobody"), (broken, "error")])
async def test_whatever_goes_wrong_the_question_is_asked_without_and_counted(search: Any, result: str) -> None:
    context, before = await context_after("I don't know."), counted(result)
    guidance = guidance_for(context)
    passages = DocumentSearch(search, 0.05).passages(PERSON, context, guidance)
    assert list(await passages.found()) == []
    assert counted(result) == before + 1


def test_it_waits_150_ms_by_default() -> None:
    assert InterviewerSettings().document_search_timeout == 0.15


def test_the_subject_is_the_documents_services() -> None:
    assert ask_subject("documents", "search") == "ask.documents.search"
    assert event_subject("interviewer.replied.v1", SESSION).startswith("evt.interviewer.replied")
