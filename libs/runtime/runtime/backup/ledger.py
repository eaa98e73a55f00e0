"""Who was erased, so that no backup brings them back: a file of hashes, kept apart from Postgres and its backups.

It names nobody: an id is a random UUID, and its hash tells only whoever has the id already.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID


class Ledger:
    """The hashes."""

    def __init__(self, hashes: Iterable[str] = ()) -> None:
        self._hashes = set(hashes)

    @classmethod
    def read(cls, path: Path) -> Ledger:
        """Raises OSError, and ValueError for a file that is none."""
        lines = path.read_text(encoding="ascii").split()
        if any(len(line) != 64 for line in lines):
            raise ValueError(f"{path} is no ledger of what was erased")
        return cls(lines)

    def __contains__(self, subject: UUID) -> bool:
        return _hashed(str(subject)) in self._hashes

    def __len__(self) -> int:
        return len(self._hashes)

    def add(self, ids: Iterable[str]) -> None:
        """Note these ids."""
        self._hashes.update(map(_hashed, ids))

    def write(self, path: Path) -> None:
        """In one step: a crash leaves the one before. What is in the file already stays."""
        if path.exists():
            self._hashes |= Ledger.read(path)._hashes
        draft = path.with_name(path.name + ".new")
        with draft.open("w", encoding="ascii") as file:
            file.writelines(f"{each}\n" for each in sorted(self._hashes))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


def _hashed(subject: str) -> str:
    return hashlib.sha256(subject.encode()).hexdigest()
