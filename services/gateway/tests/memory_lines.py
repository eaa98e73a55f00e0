"""Lines that were spoken, as Postgres keeps them."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from gateway.bus.spoken_lines import NOBODY, digest


class MemoryLines:
    """Remembers a key, an interview and a digest for each."""

    def __init__(self) -> None:
        self.noted: set[tuple[str, UUID, str]] = set()

    async def note(self, key: str, line: str, session_id: UUID | None) -> None:
        self.noted.add((key, session_id or NOBODY, digest(line)))

    async def forget(self, session_id: UUID, lines: Collection[str]) -> list[str]:
        said = {digest(each) for each in lines}
        own = {k for k, whose, what in self.noted if whose == session_id or (whose == NOBODY and what in said)}
        own -= {k for k, whose, _ in self.noted if whose not in (session_id, NOBODY)}
        self.noted = {each for each in self.noted if each[1] != session_id and each[0] not in own}
        return sorted(own)
