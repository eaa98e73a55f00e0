"""Finding pieces of documents: by words in any language, by meaning, and never those of others."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import pytest
from contracts.documents.asks import SearchAsk
from document_helpers import a_document
from documents.embeddings import EmbeddingFailed
from documents.search import Searcher
from documents.store import DocumentStore, StoredDocument
from runtime.database import Database

ANNE, BEN, EVE = uuid4(), uuid4(), uuid4()
LINES = (
    "Built a payment service in Go that handles 900 requests a second.",
    "Ran forty Postgres servers and halved their costs.",
    "Taught C++ and C# to twelve apprentices.",
    "Wrote the Node.js gateway for invoices.",
)


class Meaning:
    """Vectors by hand, for what a query means without sharing a word."""

    model = "by hand"

    def __init__(self, delay: float = 0, fails: bool = False) -> None:
        self._delay = delay
        self._fails = fails

    async def embed(self, texts: Sequence[str]) -> list[Sequence[float]]:
        await asyncio.sleep(self._delay)
        if self._fails:
            raise EmbeddingFailed("no")
        return [self.of(text) for text in texts]

    async def aclose(self) -> None:
        """Nothing to close."""

    @staticmethod
    def of(text: str) -> list[float]:
        about = {"database": ("postgres", "storage"), "teaching": ("taught", "mentor"), "money": ("payment", "invoice")}
        vector = [float(any(word in text.lower() for word in words)) for words in about.values()]
        return [*vector, 0.1]


def asked(query: str, *documents: StoredDocument, **rest: object) -> SearchAsk:
    user = rest.pop("user_id", documents[0].user_id)
    return SearchAsk(user_id=user, document_ids=[each.id for each in documents], query=query, **rest)


async def found(searcher: Searcher, ask: SearchAsk) -> list[str]:
    return [hit.chunk.text for hit in (await searcher.search(ask)).hits]


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("payments", 0),
        ("How many requests did it handle?", 0),
        ("what did the servers cost", 1),
        ("C++", 2),
        ("c#", 2),
        ("node.js", 3),
        ("invoice", 3),
        ("'; DROP TABLE documents.chunks; -- postgres", 1),
        ('"apprentices" & | ! <-> (', 2),
    ],
)
async def test_pieces_are_found_by_their_words(store: DocumentStore, opened: Database, query: str, place: int) -> None:
    document = await a_document(store, ANNE, LINES)
    assert (await found(Searcher(opened, None, 0.1), asked(query, document)))[0] == LINES[place]


@pytest.mark.parametrize(
    ("language", "lines", "query", "place"),
    [
        ("de", ("Leitete die Einführung von Zahlungsdiensten.", "Betreute Datenbanken."), "Datenbank", 1),
        ("fr", ("J'ai dirigé les équipes de vente.", "Développement d'applications mobiles."), "une équipe", 0),
        ("es", ("Diseñé servicios de pago.", "Enseñé matemáticas."), "servicio de pagos", 0),
        ("ru", ("Руководил командой разработчиков.", "Писал тесты."), "команда", 0),
        ("zh", ("负责支付系统的架构设计", "管理数据库团队"), "数据库", 1),
        ("ja", ("決済システムを開発しました", "採用を担当しました"), "採用について", 1),
        ("ko", ("결제 시스템을 개발했습니다", "데이터베이스를 관리했습니다"), "데이터베이스", 1),
        ("ar", ("طورت نظام الدفع", "أدرت قواعد البيانات"), "البيانات", 1),
        ("hi", ("भुगतान प्रणाली बनाई", "डेटाबेस का प्रबंधन किया"), "डेटाबेस", 1),
        (None, ("Zbudowałem system płatności.", "Uczyłem matematyki."), "płatności", 0),
    ],
)
async def test_pieces_are_found_in_any_language(
    store: DocumentStore, opened: Database, language: str | None, lines: tuple[str, ...], query: str, place: int
) -> None:
    document = await a_document(store, ANNE, lines, language=language)
    assert (await found(Searcher(opened, None, 0.1), asked(query, document)))[0] == lines[place]


@pytest.mark.parametrize("query", ["", "   ", "the of and", "!!! ???", "\x00", "x" * 2000, "zebra"])
async def test_a_query_that_says_nothing_finds_nothing(store: DocumentStore, opened: Database, query: str) -> None:
    document = await a_document(store, ANNE, LINES)
    assert await found(Searcher(opened, None, 0.1), asked(query, document)) == []


async def test_meaning_finds_what_words_do_not(store: DocumentStore, opened: Database) -> None:
    vectors = [Meaning.of(line) for line in LINES]
    document = await a_document(store, ANNE, LINES, model=Meaning.model, vectors=vectors)
    answer = await Searcher(opened, Meaning(), 0.5).search(asked("were you ever a mentor", document))
    assert answer.by == "words and meaning" and answer.hits[0].chunk.text == LINES[2]
    by_words = await Searcher(opened, None, 0.5).search(asked("were you ever a mentor", document))
    assert by_words.by == "words" and by_words.hits == ()


async def test_what_both_ways_find_comes_first(store: DocumentStore, opened: Database) -> None:
    vectors = [Meaning.of(line) for line in LINES]
    document = await a_document(store, ANNE, LINES, model=Meaning.model, vectors=vectors)
    answer = await Searcher(opened, Meaning(), 0.5).search(asked("storage in postgres servers", document, limit=2))
    assert len(answer.hits) == 2 and answer.hits[0].chunk.chunk_index == 1
    assert answer.hits[0].score > answer.hits[1].score and answer.hits[0].kind == "resume"


@pytest.mark.parametrize("embedder", [Meaning(delay=5), Meaning(fails=True)], ids=["slow", "failing"])
async def test_without_a_vector_in_time_words_serve(store: DocumentStore, opened: Database, embedder: Meaning) -> None:
    vectors = [Meaning.of(line) for line in LINES]
    document = await a_document(store, ANNE, LINES, model=Meaning.model, vectors=vectors)
    answer = await asyncio.wait_for(Searcher(opened, embedder, 0.05).search(asked("payment", document)), 3)
    assert (answer.by, answer.hits[0].chunk.text) == ("words", LINES[0])


async def test_vectors_of_another_model_or_length_are_never_compared(store: DocumentStore, opened: Database) -> None:
    document = await a_document(store, ANNE, LINES, model="another", vectors=[[1.0, 0.0]] * 4)
    answer = await Searcher(opened, Meaning(), 0.5).search(asked("mentor", document))
    assert answer.by == "words" and answer.hits == ()


async def test_a_query_of_another_length_goes_by_words(store: DocumentStore, opened: Database) -> None:
    document = await a_document(store, ANNE, LINES, model=Meaning.model, vectors=[[1.0, 0.0]] * 4)
    answer = await Searcher(opened, Meaning(), 0.5).search(asked("payments", document))
    assert (answer.by, [hit.chunk.text for hit in answer.hits]) == ("words", [LINES[0]])


async def test_documents_and_domains_are_kept_apart(store: DocumentStore, opened: Database) -> None:
    one = await a_document(store, ANNE, ("Payments in Go.",), domains=("backend",))
    other = await a_document(store, ANNE, ("Payments in Excel.",), domains=("finance",))
    searcher = Searcher(opened, None, 0.1)
    assert await found(searcher, asked("payments", one)) == ["Payments in Go."]
    assert sorted(await found(searcher, asked("payments", one, other))) == ["Payments in Excel.", "Payments in Go."]
    assert await found(searcher, asked("payments", one, other, domains=("finance",))) == ["Payments in Excel."]
    assert await found(searcher, asked("payments", one, other, domains=("design",))) == []


async def test_nobody_finds_what_is_another_persons(store: DocumentStore, opened: Database) -> None:
    vectors = [Meaning.of(line) for line in LINES]
    annes = await a_document(store, ANNE, LINES, model=Meaning.model, vectors=vectors)
    bens = await a_document(store, BEN, LINES, model=Meaning.model, vectors=vectors)
    searcher = Searcher(opened, Meaning(), 0.5)
    for stranger in (EVE, None):
        assert await found(searcher, asked("payment", annes, bens, user_id=stranger)) == []
    hits = (await searcher.search(asked("payment", annes, bens, user_id=BEN))).hits
    assert {hit.document_id for hit in hits} == {bens.id}


async def test_a_deleted_document_is_not_found(store: DocumentStore, opened: Database) -> None:
    document = await a_document(store, ANNE, LINES)
    await store.begin_deleting(document.id, ANNE)
    assert await found(Searcher(opened, None, 0.1), asked("payment", document)) == []
