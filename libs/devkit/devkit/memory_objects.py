"""An object store for tests: it keeps objects here, and says what it holds."""

from __future__ import annotations

from dataclasses import dataclass, field

from runtime.objects import ObjectNotFound


@dataclass
class MemoryObjects:
    """Keeps objects in `kept`."""

    kept: dict[str, bytes] = field(default_factory=dict)

    async def put(self, key: str, data: bytes) -> None:
        """As an ObjectStore."""
        self.kept[key] = data

    async def get(self, key: str) -> bytes:
        """As an ObjectStore."""
        if key not in self.kept:
            raise ObjectNotFound(key)
        return self.kept[key]

    async def has(self, key: str) -> bool:
        """As an ObjectStore."""
        return key in self.kept

    async def delete(self, key: str) -> None:
        """As an ObjectStore."""
        self.kept.pop(key, None)

    async def sweep(self, seconds: float) -> int:
        """Nothing is ever left over."""
        return 0
