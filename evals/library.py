"""A résumé and a job description in pieces, and a search of them in memory, as the documents service would answer."""

from __future__ import annotations

from uuid import UUID

from contracts.documents.asks import Hit, SearchAnswer, SearchAsk
from contracts.documents.understanding import Chunk
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.document import DocumentKind
from interviewer.words import words_of

RESUME_ID = UUID("0d9a5b1e-0000-4000-8000-00000000000a")
DESCRIPTION_ID = UUID("0d9a5b1e-0000-4000-8000-00000000000b")
_RESUME = (
    ("summary", None, "section", "Eleven years in operations, the last five with responsibility for a team"),
    ("experience", 0, "entry", "Head of Operations, Norrland Freight"),
    ("experience", 0, "point", "Led the move of three depots to one planning process within a year"),
    ("experience", 0, "point", "Reduced late deliveries by 35 percent without adding vehicles"),
    ("experience", 0, "point", "Negotiated a new contract with the two largest carriers"),
    ("experience", 0, "point", "Introduced a weekly review of incidents that the board now attends"),
    ("experience", 1, "entry", "Operations Analyst, Kestrel Parcel"),
    ("experience", 1, "point", "Built the forecast of parcel volumes that every depot plans with"),
    ("experience", 1, "point", "Trained eleven colleagues and wrote the handbook that is still in use"),
    ("experience", 1, "point", "Replaced forty spreadsheets with reports from Postgres"),
    ("projects", 0, "entry", "Open map of cycling accidents"),
    ("projects", 0, "point", "Collected and cleaned nine years of police records with volunteers"),
    ("education", 0, "entry", "BSc Industrial Engineering, Chalmers"),
    ("skills", None, "section", "Kafka, Postgres, Excel and Salesforce in daily use"),
)
_DESCRIPTION = (
    ("responsibilities", None, "point", "Own the plan of the quarter and explain it when it changes"),
    ("responsibilities", None, "point", "Build a team that works without being watched"),
    ("requirements", None, "point", "You have experience with Kafka and with stakeholder workshops"),
    ("requirements", None, "point", "You have led change that not everybody wanted at first"),
    ("nice_to_have", None, "point", "Knowledge of privacy law is a plus"),
)


def _hits(document_id: UUID, kind: DocumentKind, pieces: tuple[tuple[str, int | None, str, str], ...]) -> list[Hit]:
    return [
        Hit(
            document_id=document_id,
            kind=kind,
            chunk=Chunk.model_validate(
                {
                    "chunk_index": at,
                    "parent_section": section,
                    "entry_index": entry,
                    "chunk_type": chunk_type,
                    "text": text,
                }
            ),
            score=1,
        )
        for at, (section, entry, chunk_type, text) in enumerate(pieces)
    ]


_HITS = [*_hits(RESUME_ID, "resume", _RESUME), *_hits(DESCRIPTION_ID, "job_description", _DESCRIPTION)]
PIECES = {(hit.document_id, hit.chunk.chunk_index): hit.chunk.text for hit in _HITS}


def with_documents(config: SessionConfig) -> SessionConfig:
    """The session as the gateway makes it from the two documents."""
    fields = {
        "resume_id": RESUME_ID,
        "job_description_id": DESCRIPTION_ID,
        "resume_content": "\n".join(text for _, _, _, text in _RESUME),
        "job_description": "\n".join(text for _, _, _, text in _DESCRIPTION),
    }
    return config.model_copy(update=fields)


async def search(ask: SearchAsk) -> SearchAnswer:
    """The pieces with the largest share of words in common."""
    wanted = words_of(ask.query)
    found = [hit.model_copy(update={"score": _share(hit.chunk.text, wanted)}) for hit in _HITS]
    best = sorted((hit for hit in found if hit.score), key=lambda hit: -hit.score)
    return SearchAnswer(hits=tuple(best[: ask.limit]))


def _share(text: str, wanted: frozenset[str]) -> float:
    words = words_of(text)
    return len(words & wanted) / (4 + len(words))
