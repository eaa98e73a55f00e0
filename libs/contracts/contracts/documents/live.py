"""What the documents service shows while it works."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from contracts.envelope import Contract

Stage = Literal["received", "scanning", "reading", "understanding", "indexing"]


class DocumentProgress(Contract):
    """How far the processing of a document is; `percent` is 0 to 100."""

    stage: Stage
    percent: int = Field(ge=0, le=100)
