"""How long a polite client's reads take beside attackers, as a ratio of its quiet time. `python -m benchmarks.attacks`.

The attackers are processes of their own on this machine, with a bounded number of connections and seconds; they take
a share of its cores as well, which an attacker elsewhere would not. The target is a ratio of 3 at most.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import multiprocessing
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
from devkit.stack import Stack

from benchmarks.turn import Candidate, measure

HOST = "127.0.0.1"
TARGET = 3.0
READERS = 2
HEADS_AT_ONCE = 4
MOST_PER_HEAD = 64 * 1024 * 1024
SLOW_CONNECTIONS = 400
HALF_UPLOADS = 80
BEGIN = b"GET / HTTP/1.1\r\nHost: parley\r\nX-Header: "
UPLOAD = (
    b"POST /files/upload-resume HTTP/1.1\r\nHost: parley\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    b"Content-Length: 100000\r\n\r\n"
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="cv.txt"\r\n\r\n'
)
Attack = Callable[[int, float], None]


def header_flood(port: int, until: float) -> None:
    """One header without an end, on connection after connection."""
    piece = b"a" * 65536
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), 5) as connection:
            connection.sendall(BEGIN)
            sent = 0
            while sent < MOST_PER_HEAD and time.monotonic() < until:
                sent += connection.send(piece)


def slow_loris(port: int, until: float) -> None:
    """Hundreds of heads that drip in; each that is closed is opened again."""
    connections: list[socket.socket] = []
    while time.monotonic() < until:
        connections = [each for each in connections if _drips(each)]
        for _ in range(min(50, SLOW_CONNECTIONS - len(connections))):
            with contextlib.suppress(OSError):
                connections.append(socket.create_connection((HOST, port), 5))
                connections[-1].sendall(BEGIN)
        time.sleep(0.5)


def half_uploads(port: int, until: float) -> None:
    """Uploads that never end; each that is refused is tried again."""
    connections: list[socket.socket] = []
    while time.monotonic() < until:
        connections = [each for each in connections if _drips(each)]
        for _ in range(HALF_UPLOADS - len(connections)):
            with contextlib.suppress(OSError):
                connections.append(socket.create_connection((HOST, port), 5))
                connections[-1].sendall(UPLOAD)
        time.sleep(0.5)


def _drips(connection: socket.socket) -> bool:
    try:
        return connection.send(b"a") == 1
    except OSError:
        connection.close()
        return False


ATTACKS: dict[str, tuple[Attack, int]] = {
    "header flood": (header_flood, HEADS_AT_ONCE),
    "slow-loris": (slow_loris, 1),
    "half uploads": (half_uploads, 1),
}
"""The attacks, and how many processes make each."""


@contextlib.contextmanager
def attacked(attack: Attack, processes: int, port: int, seconds: float) -> Iterator[None]:
    """While an attack goes on; it ends by itself."""
    until = time.monotonic() + seconds
    running: list[Any] = [multiprocessing.Process(target=attack, args=(port, until)) for _ in range(processes)]
    for process in running:
        process.start()
    try:
        yield
    finally:
        for process in running:
            process.join()


async def reads(stack: Stack, seconds: float) -> float:
    """The 99th percentile of reads of an interview's history, in milliseconds."""
    async with aiohttp.ClientSession() as http:
        candidate = Candidate(http, stack.url)
        await candidate.begin()

        async def read() -> None:
            await candidate.get("/interview/history")

        await measure([read] * READERS, min(1.0, seconds))
        return (await measure([read] * READERS, seconds)).percentile(99)


async def compare(stack: Stack, seconds: float) -> None:
    """Print the quiet time, and each attack's beside it."""
    quiet = await reads(stack, seconds)
    print(f"{'quiet':<14} p99 {quiet:7.1f} ms")
    for name, (attack, processes) in ATTACKS.items():
        with attacked(attack, processes, stack.port, seconds + 4):
            await asyncio.sleep(1)
            beside = await reads(stack, seconds)
        verdict = "" if beside <= TARGET * quiet else f"  above the target of {TARGET:g}"
        print(f"{name:<14} p99 {beside:7.1f} ms  ratio {beside / quiet:5.1f}{verdict}")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder), {"LOG_LEVEL": "ERROR"}) as stack:
        asyncio.run(compare(stack, options.seconds))


if __name__ == "__main__":
    main()
