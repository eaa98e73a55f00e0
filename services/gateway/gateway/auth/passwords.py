"""Password hashing: argon2id off the event loop, with the same work for unknown accounts."""

import asyncio
import secrets
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

# OWASP's minimum for argon2id: 2 passes over 19 MiB, one lane.
TIME_COST = 2
MEMORY_KIB = 19 * 1024
PARALLELISM = 1

THREADS = 2  # each takes 19 MiB and a core while it works; more would only queue in the kernel


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the password is right, and whether its stored hash has outdated parameters."""

    correct: bool
    outdated: bool = False


def _prepared(password: str) -> bytes:
    # NIST SP 800-63B: keyboards and systems compose the same character differently.
    return unicodedata.normalize("NFKC", password).encode()


class Passwords:
    """Hashes and verifies in a thread pool of its own; `close()` it with the application."""

    def __init__(
        self, time_cost: int = TIME_COST, memory_kib: int = MEMORY_KIB, parallelism: int = PARALLELISM
    ) -> None:
        self._hasher = PasswordHasher(time_cost, memory_kib, parallelism, type=Type.ID)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        # What an unknown account is verified against, so that addresses cannot be probed by timing.
        self._nobody = self._hasher.hash(secrets.token_bytes(16))

    async def hash(self, password: str) -> str:
        """The argon2id hash to store."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._hasher.hash, _prepared(password))

    async def verify(self, password: str, stored: str | None) -> Verdict:
        """Compare with the stored hash; `None` (no such account) is never correct but costs as much."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._verify, _prepared(password), stored)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password: bytes, stored: str | None) -> Verdict:
        try:
            self._hasher.verify(stored or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return Verdict(correct=False)
        if stored is None:
            return Verdict(correct=False)
        return Verdict(correct=True, outdated=self._hasher.check_needs_rehash(stored))
