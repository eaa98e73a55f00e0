"""One order out of two."""

from __future__ import annotations

from uuid import uuid4

import pytest
from documents.search import fused


def test_ranks_are_fused_by_their_reciprocals() -> None:
    row = {"kind": "resume", "parent_section": "x", "chunk_type": "point", "entry_index": None, "body": "b"}
    rows = [
        {**row, "document_id": uuid4(), "chunk_index": place, "domains": [], "primary_domain": None}
        for place in range(3)
    ]
    hits = fused([[rows[0], rows[1]], [rows[1], rows[2]]])
    assert [hit.chunk.chunk_index for hit in hits] == [1, 0, 2]
    assert [hit.score for hit in hits] == pytest.approx([1 / 62 + 1 / 61, 1 / 61, 1 / 62])
