"""What one account may have of documents."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.documents.asks import Quota


@dataclass(frozen=True)
class Quotas:
    """Documents that are being read (also those of a caller without an account), documents, and their bytes; None is
    without limit."""

    waiting: int | None = None
    documents: int | None = None
    storage: int | None = None

    def exceeded(self, waiting: int, documents: int, storage: int, size: int) -> Quota | None:
        """What one more document of this size would be too much of, beside those that are there."""
        if self.waiting is not None and waiting >= self.waiting:
            return "waiting"
        if self.documents is not None and documents >= self.documents:
            return "documents"
        if self.storage is not None and storage + size > self.storage:
            return "storage"
        return None
