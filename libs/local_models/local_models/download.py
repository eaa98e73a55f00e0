"""Fetches a file that is too large to fetch twice: goes on where it stopped, and keeps nothing that is not right."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from local_models.installed import digest
from local_models.manifest import File, ModelError

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
Advance = Callable[[int], object]
"""Is told of bytes that came; fewer than none when a file starts again."""
_WORTH_ANOTHER_TRY = frozenset({408, 416, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Patience:
    """Seconds to connect and for the next bytes to come; how often in a row nothing may come; seconds before the next
    try, doubled with each."""

    connect: float = 3.0
    stall: float = 30.0
    tries: int = 5
    pause: float = 1.0


class _Again(Exception):
    """Nothing is wrong that another try could not mend."""


@contextmanager
def connection(mirror: str, patience: Patience) -> Iterator[httpx2.Client]:
    """A client that speaks to nobody without encryption, unless a mirror on this machine was asked for."""
    local = urlsplit(mirror).hostname in LOOPBACK

    def refuse_plain(request: httpx2.Request) -> None:
        if request.url.scheme != "https" and not (local and request.url.host in LOOPBACK):
            raise ModelError(f"{request.url.host} was to be asked without encryption. Nothing was fetched from there.")

    with httpx2.Client(
        timeout=httpx2.Timeout(patience.stall, connect=patience.connect),
        follow_redirects=True,
        # A proxy could not reach this machine's own mirror.
        trust_env=not local,
        event_hooks={"request": [refuse_plain]},
        headers={"User-Agent": "parley-models", "Accept-Encoding": "identity"},
    ) as client:
        yield client


@dataclass
class Download:
    """One file on its way to `target`; what has come so far lies beside it."""

    client: httpx2.Client
    url: str
    file: File
    target: Path
    advance: Advance
    patience: Patience

    def __post_init__(self) -> None:
        self._part = self.target.with_name(f"{self.target.name}.part")
        self._etag = self.target.with_name(f"{self.target.name}.etag")

    def run(self) -> str:
        """Fetch it; its SHA-256. Raises ModelError, after which a new one goes on where this one stopped."""
        tries, came, first = 0, self._size(), self._size()
        self.advance(came)
        while True:
            try:
                return self._attempt()
            except (_Again, httpx2.TransportError) as error:
                size = self._size()
                if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout) and size == first:
                    raise ModelError(f"{self._host} cannot be reached: {_why(error)}.") from None
                tries = 1 if size > came else tries + 1
                came = size
                if tries >= self.patience.tries:
                    raise ModelError(
                        f"{self.file.path} did not come from {self._host}: {_why(error)}. What came is kept; the same"
                        " command goes on from there."
                    ) from None
            time.sleep(self.patience.pause * 2 ** (tries - 1))

    @property
    def _host(self) -> str:
        return urlsplit(self.url).hostname or self.url

    def _size(self) -> int:
        return self._part.stat().st_size if self._part.exists() else 0

    def _attempt(self) -> str:
        etag = self._etag.read_text() if self._etag.exists() else ""
        # Without a hash or a validator nobody could tell a file that was replaced in between.
        if self._size() and not (etag or self.file.sha256):
            self._forget()
        at = self._size()
        if at and at == self.file.bytes:
            return self._finish(digest(self._part))
        headers = {"Range": f"bytes={at}-"} | ({"If-Range": etag} if etag else {}) if at else {}
        with self.client.stream("GET", self.url, headers=headers) as answer:
            self._check(answer, at, etag)
            return self._finish(self._take(answer))

    def _check(self, answer: httpx2.Response, at: int, etag: str) -> None:
        status, validator = answer.status_code, answer.headers.get("ETag", "")
        if status == 206 and at:
            expected = answer.headers.get("Content-Range", "").startswith(f"bytes {at}-")
            if not expected or (etag and validator not in ("", etag)):
                self._forget()
                raise _Again("it sent another part than was asked for")
        elif status == 200:
            self._forget()
            if validator and not validator.startswith("W/"):
                self._etag.write_text(validator)
        elif status in _WORTH_ANOTHER_TRY:
            if status == 416:
                self._forget()
            raise _Again(f"it answered {status}")
        else:
            raise ModelError(f"{self._host} does not give us {self.file.path}: it answered {status}.")

    def _take(self, answer: httpx2.Response) -> hashlib._Hash:
        size = self._size()
        found = digest(self._part) if size else hashlib.sha256()
        with self._part.open("ab") as opened:
            for chunk in answer.iter_raw():
                opened.write(chunk)
                found.update(chunk)
                size += len(chunk)
                self.advance(len(chunk))
                if self.file.bytes is not None and size > self.file.bytes:
                    break
            opened.flush()
            os.fsync(opened.fileno())
        return found

    def _finish(self, digested: hashlib._Hash) -> str:
        size, wanted, found = self._size(), self.file.bytes, digested.hexdigest()
        if wanted is not None and size < wanted:
            raise _Again(f"only {size} of {wanted} bytes came")
        if (wanted is not None and size > wanted) or found != (self.file.sha256 or found):
            self._forget()
            raise ModelError(
                f"{self.file.path} from {self._host} is not the file that we expect (SHA-256 {found}). It was deleted,"
                " and nothing of it is used. Try again later; if it stays so, please report it."
            )
        self._etag.unlink(missing_ok=True)
        self._part.rename(self.target)
        return found

    def _forget(self) -> None:
        self.advance(-self._size())
        self._part.unlink(missing_ok=True)
        self._etag.unlink(missing_ok=True)


def _why(error: Exception) -> str:
    if isinstance(error, _Again):
        return str(error)
    if isinstance(error, httpx2.TimeoutException):
        return "it did not answer in time"
    return "the connection was cut" if not isinstance(error, httpx2.ConnectError) else "there is no connection"


def sentence(error: OSError, directory: Path) -> str:
    """What to tell a person of an error of the disk."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"The disk of {directory} is full. What came is kept: make room, and the same command goes on from there."
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{error.filename or directory} may not be written to. Choose another directory with --dir."
    return f"{error.filename or directory}: {error.strerror or error}."
