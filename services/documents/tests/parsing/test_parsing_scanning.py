"""Files are scanned by a command or by clamd before they are read."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from devkit.processes import children_running
from documents.parsing import Unreadable, scanner_from
from documents.parsing.scanning import ClamdScanner, CommandScanner

DATA = bytes(range(256)) * 1000
Answer = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


# A command


async def test_a_command_that_ends_with_0_accepts() -> None:
    await CommandScanner("sh -c 'cat > /dev/null'").scan(DATA)


async def test_a_command_gets_the_whole_file(tmp_path: Path) -> None:
    await CommandScanner(f"sh -c 'cat > {tmp_path}/got'").scan(DATA)
    assert (tmp_path / "got").read_bytes() == DATA


@pytest.mark.parametrize("command", ["sh -c 'cat > /dev/null; exit 1'", "false"])
async def test_a_command_that_ends_with_1_refuses(command: str) -> None:
    with pytest.raises(Unreadable) as refused:
        await CommandScanner(command).scan(DATA * 20)
    assert refused.value.code == "rejected" and refused.value.message.endswith(".")


@pytest.mark.parametrize("command", ["sh -c 'exit 2'", "sh -c 'kill -9 $$'", "/does/not/exist -", "/etc/hostname"])
async def test_a_command_that_fails_says_nothing_of_the_file(command: str) -> None:
    with pytest.raises(ConnectionError):
        await CommandScanner(command).scan(DATA)


@pytest.mark.parametrize("command", ["sleep 30", "sh -c 'sleep 30; true'"])
async def test_a_command_that_takes_too_long_is_killed_with_all_that_it_started(command: str) -> None:
    with pytest.raises(TimeoutError):
        await CommandScanner(command, seconds=0.3).scan(DATA)
    assert children_running("sleep") == []


async def test_a_command_is_killed_when_its_caller_is_cancelled() -> None:
    scanning = asyncio.create_task(CommandScanner("sleep 30").scan(b""))
    await asyncio.sleep(0.2)
    scanning.cancel()
    await asyncio.gather(scanning, return_exceptions=True)
    assert children_running("sleep") == []


# clamd


@asynccontextmanager
async def clamd(answer: Answer) -> AsyncIterator[str]:
    """A server that takes a file as clamd does, and answers. Yields its address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readuntil(b"\x00") == b"zINSTREAM\x00"
        data = b""
        while length := struct.unpack(">I", await reader.readexactly(4))[0]:
            data += await reader.readexactly(length)
        await answer(data, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def saying(*parts: bytes) -> Answer:
    async def answer(data: bytes, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.02)

    return answer


async def test_clamd_accepts_and_has_got_the_whole_file() -> None:
    got: list[bytes] = []

    async def answer(data: bytes, writer: asyncio.StreamWriter) -> None:
        got.append(data)
        writer.write(b"stream: OK\x00")

    async with clamd(answer) as url:
        await ClamdScanner(url).scan(DATA)
        await ClamdScanner(url).scan(b"")
    assert got == [DATA, b""]


@pytest.mark.parametrize(
    "parts", [(b"stream: Eicar-Test-Signature FOUND\x00",), (b"stream: Eic", b"ar FOUND", b"\x00")]
)
async def test_clamd_refuses(parts: tuple[bytes, ...]) -> None:
    async with clamd(saying(*parts)) as url:
        with pytest.raises(Unreadable) as refused:
            await ClamdScanner(url).scan(DATA)
    assert refused.value.code == "rejected"
    assert "Eicar" not in refused.value.message


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (b"stream: O",),
        (b"INSTREAM size limit exceeded. ERROR\x00",),
        (b"stream: lstat() failed. ERROR\x00",),
        (b"x" * 100_000,),
    ],
)
async def test_clamd_that_does_not_say_says_nothing_of_the_file(parts: tuple[bytes, ...]) -> None:
    async with clamd(saying(*parts)) as url:
        with pytest.raises(ConnectionError):
            await ClamdScanner(url).scan(DATA)


async def test_clamd_that_is_not_there_says_nothing_of_the_file(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for url in (f"tcp://127.0.0.1:{port}", f"unix://{tmp_path}/none.sock"):
        with pytest.raises(ConnectionError):
            await ClamdScanner(url).scan(DATA)


async def test_clamd_that_hangs_up_in_the_middle_says_nothing_of_the_file() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.transport.abort()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        with pytest.raises(ConnectionError):
            await ClamdScanner(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}").scan(DATA * 100)


async def test_clamd_that_never_answers_is_given_up() -> None:
    async def silent(data: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(1)

    async with clamd(silent) as url:
        with pytest.raises(TimeoutError):
            await ClamdScanner(url, seconds=0.2).scan(DATA)


async def test_clamd_at_a_socket_of_the_machine(tmp_path: Path) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await reader.readuntil(b"words\x00\x00\x00\x00"))
        writer.write(b"stream: OK\x00")
        writer.close()

    got: list[bytes] = []
    path = tmp_path / "clamd.sock"
    async with await asyncio.start_unix_server(serve, path):
        await ClamdScanner(f"unix://{path}").scan(b"words")
    assert got == [b"zINSTREAM\x00\x00\x00\x00\x05words\x00\x00\x00\x00"]


# The setting


def test_the_setting_chooses() -> None:
    assert scanner_from("") is None and scanner_from("  ") is None
    assert isinstance(scanner_from("tcp://scan:3310"), ClamdScanner)
    assert isinstance(scanner_from("unix:///run/clamd.sock"), ClamdScanner)
    assert isinstance(scanner_from("clamdscan --no-summary -"), CommandScanner)


@pytest.mark.parametrize("setting", ["tcp://scan", "tcp://scan:port", "unix://", "'unclosed", "tcp://scan:99999"])
def test_a_wrong_setting_is_said_at_once(setting: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        scanner_from(setting)
