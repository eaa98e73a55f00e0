"""What the documents service listens to and views."""

from __future__ import annotations

from contracts.documents.asks import (
    BriefAsk,
    ChunksAsk,
    DeleteAsk,
    DocumentListAsk,
    DocumentTextAsk,
    DocumentViewAsk,
    EncodeAsk,
    GapsAsk,
    RegisterAsk,
    SearchAsk,
)
from faststream.nats import NatsBroker
from runtime.broker import answer, bind

from documents.application import Documents
from documents.encoding import Encoding
from documents.search import Searcher
from documents.views import Views

NAME = "documents"


def subscribe(
    broker: NatsBroker, documents: Documents, views: Views, searcher: Searcher, encoding: Encoding, *, workers: int
) -> None:
    """Bind the durable consumer and the asks."""
    bind(broker, NAME, documents.handle, workers=workers)
    answer(broker, NAME, "register", RegisterAsk, documents.register)
    answer(broker, NAME, "view", DocumentViewAsk, views.view)
    answer(broker, NAME, "list", DocumentListAsk, views.list)
    answer(broker, NAME, "text", DocumentTextAsk, views.text)
    answer(broker, NAME, "chunks", ChunksAsk, views.chunks)
    answer(broker, NAME, "brief", BriefAsk, views.brief)
    answer(broker, NAME, "gaps", GapsAsk, views.gaps)
    answer(broker, NAME, "delete", DeleteAsk, documents.delete)
    answer(broker, NAME, "search", SearchAsk, searcher.search)
    answer(broker, NAME, "encode", EncodeAsk, encoding.encode)
