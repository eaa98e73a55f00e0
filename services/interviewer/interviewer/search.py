"""Looking into the candidate's documents before a new question: in time, or the question is asked without."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import structlog
from contracts.documents.asks import MAX_QUERY, Hit, SearchAnswer, SearchAsk
from contracts.vocabulary.turn import TurnContext
from nats.errors import NoRespondersError
from prometheus_client import Histogram
from runtime.telemetry import failure

from interviewer.documents import documents_of
from interviewer.engine import Guidance, NoPassages, Passages
from interviewer.queries import query_for

log = structlog.get_logger()
LIMIT = 5
SEARCHES = Histogram(
    "parley_document_search_seconds",
    "What a new question waited for a search of the documents, by what came of it.",
    ["result"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 5),
)

Search = Callable[[SearchAsk], Awaitable[SearchAnswer]]
Find = Callable[[], Awaitable[Sequence[Hit]]]


class DocumentSearch:
    """Asks for pieces of the documents that a session names. `timeout` is in seconds."""

    def __init__(self, search: Search, timeout: float) -> None:
        self._search = search
        self._timeout = timeout

    def passages(self, user_id: UUID | None, context: TurnContext, guidance: Guidance) -> Passages:
        """What can be looked up for this turn: nothing without documents, or where no new question may come."""
        named = documents_of(context.config)
        if not named or "new_question" not in guidance.allowed:
            return NoPassages()

        async def find() -> Sequence[Hit]:
            query = query_for(context, guidance)[:MAX_QUERY]
            answer = await self._search(SearchAsk(user_id=user_id, document_ids=named, query=query, limit=LIMIT))
            return [hit for hit in answer.hits if hit.document_id in named][:LIMIT]

        return _Once(lambda: self._in_time(find))

    async def _in_time(self, find: Find) -> Sequence[Hit]:
        started = time.perf_counter()
        hits: Sequence[Hit] = ()
        try:
            async with asyncio.timeout(self._timeout):
                hits = await find()
            result = "found" if hits else "nothing"
        except TimeoutError:
            result = "late"
        except NoRespondersError:
            result = "nobody"
        except Exception as error:  # a question without the documents is better than none
            result = "error"
            log.debug("the search of the documents failed", **failure(error))
        SEARCHES.labels(result).observe(time.perf_counter() - started)
        if not hits:
            log.debug("a question without the documents", result=result)
        return hits


class _Once:
    def __init__(self, look: Find) -> None:
        self._look = look
        self._looking: asyncio.Future[Sequence[Hit]] | None = None

    async def begin(self) -> None:
        self._started()
        await asyncio.sleep(0)  # the request is on its way before whatever comes next

    async def found(self) -> Sequence[Hit]:
        return await asyncio.shield(self._started())

    def _started(self) -> asyncio.Future[Sequence[Hit]]:
        if self._looking is None:
            self._looking = asyncio.ensure_future(self._look())
        return self._looking
