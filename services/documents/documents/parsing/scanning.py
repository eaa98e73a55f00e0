"""Has files scanned for viruses before they are read."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import struct
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from typing import Protocol
from urllib.parse import urlsplit

from documents.parsing.errors import Unreadable

SECONDS = 30.0
_CHUNK = 64 * 1024
_LENGTH = struct.Struct(">I")


class Scanner(Protocol):
    """Looks for what must not be stored."""

    async def scan(self, data: bytes) -> None:
        """Return when nothing was found.

        Raises Unreadable `rejected` when something was, and ConnectionError or TimeoutError when the scan itself
        failed: then the file is neither clean nor infected, and the scan is worth another try.
        """


class CommandScanner:
    """Runs a command such as `clamdscan --no-summary -`: it gets the file on standard input and exits with 0 when it
    is clean and with 1 when it is not. Every other exit is a failure of the scan."""

    def __init__(self, command: str, *, seconds: float = SECONDS) -> None:
        self._command = shlex.split(command)
        self._seconds = seconds
        if not self._command:
            raise ValueError("the scan command is empty")

    async def scan(self, data: bytes) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True
            )
        except OSError as error:
            raise ConnectionError(f"the scan command cannot be run: {error.strerror}") from error
        try:
            async with asyncio.timeout(self._seconds):
                await process.communicate(data)
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)  # with what the command has started itself
                await asyncio.shield(process.wait())
        if process.returncode == 1:
            raise _rejected()
        if process.returncode != 0:
            raise ConnectionError(f"the scan command failed with exit code {process.returncode}")


class ClamdScanner:
    """Asks clamd at `tcp://host:port` or `unix:///path`, with its INSTREAM command."""

    def __init__(self, url: str, *, seconds: float = SECONDS) -> None:
        self._url = urlsplit(url)
        self._seconds = seconds
        if not (self._url.scheme == "tcp" and self._url.port) and not (self._url.scheme == "unix" and self._url.path):
            raise ValueError(f"not an address of clamd: {url!r}; write tcp://host:port or unix:///path")

    async def scan(self, data: bytes) -> None:
        async with asyncio.timeout(self._seconds):
            reply = await self._ask(data)
        if reply.endswith("FOUND"):
            raise _rejected()
        if not reply.endswith("OK"):
            raise ConnectionError("clamd did not scan the file")

    async def _ask(self, data: bytes) -> str:
        try:
            reader, writer = await self._connected()
        except OSError as error:
            raise ConnectionError(f"clamd cannot be reached: {error.strerror}") from error
        try:
            await self._send(writer, data)
            return (await _reply(reader)).decode("utf-8", "replace").strip("\x00\n ")
        except OSError as error:
            raise ConnectionError("clamd hung up") from error
        finally:
            writer.close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._url.scheme == "unix":
            return await asyncio.open_unix_connection(self._url.path)
        return await asyncio.open_connection(self._url.hostname, self._url.port)

    async def _send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        """Chunks, each with its length before it, and one of no length at the end.

        clamd replies early and hangs up when a file is beyond its limit: the reply says more than the broken pipe.
        """
        try:
            writer.write(b"zINSTREAM\x00")
            for start in range(0, len(data), _CHUNK):
                chunk = data[start : start + _CHUNK]
                writer.write(_LENGTH.pack(len(chunk)) + chunk)
                await writer.drain()
            writer.write(_LENGTH.pack(0))
            await writer.drain()
        except ConnectionError:
            return


async def _reply(reader: asyncio.StreamReader) -> bytes:
    """What clamd says until a zero byte, or until it hangs up."""
    try:
        return await reader.readuntil(b"\x00")
    except asyncio.IncompleteReadError as error:
        return error.partial
    except asyncio.LimitOverrunError as error:
        raise ConnectionError("clamd does not speak as expected") from error


def scanner_from(setting: str, *, seconds: float = SECONDS) -> Scanner | None:
    """The scanner that a setting names: an address of clamd or a command; None when it is empty. Raises ValueError."""
    if not setting.strip():
        return None
    if setting.startswith(("tcp://", "unix://")):
        return ClamdScanner(setting, seconds=seconds)
    return CommandScanner(setting, seconds=seconds)


def _rejected() -> Unreadable:
    return Unreadable("rejected", "The virus scan refused this file. Please check it, and upload another one.")
