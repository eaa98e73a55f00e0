"""What the documents service listens to and answers."""

from __future__ import annotations

from contracts.documents.asks import (
    BriefAsk,
    ChunksAsk,
    DeleteAsk,
    DocumentListAsk,
    DocumentTextAsk,
    DocumentViewAsk,
    GapsAsk,
    RegisterAsk,
    SearchAsk,
)
from faststream.nats import NatsBroker
from runtime.broker import answer, bind

from documents.answers import Answers
from documents.processing import Processing
from documents.search import Searcher

NAME = "documents"


def subscribe(
    broker: NatsBroker, processing: Processing, answers: Answers, searcher: Searcher, *, workers: int
) -> None:
    """Bind the durable consumer and the asks."""
    bind(broker, NAME, processing.handle, workers=workers)
    answer(broker, NAME, "register", RegisterAsk, answers.register)
    answer(broker, NAME, "view", DocumentViewAsk, answers.view)
    answer(broker, NAME, "list", DocumentListAsk, answers.list)
    answer(broker, NAME, "text", DocumentTextAsk, answers.text)
    answer(broker, NAME, "chunks", ChunksAsk, answers.chunks)
    answer(broker, NAME, "brief", BriefAsk, answers.brief)
    answer(broker, NAME, "gaps", GapsAsk, answers.gaps)
    answer(broker, NAME, "delete", DeleteAsk, answers.delete)
    answer(broker, NAME, "search", SearchAsk, searcher.search)
