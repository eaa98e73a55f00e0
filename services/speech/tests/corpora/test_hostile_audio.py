"""Whatever is in a file, it ends in samples that are numbers or in a sentence, in the memory that it may have, and
nothing else is read for it."""

from __future__ import annotations

import ctypes
import os
import resource
import socket
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import psutil
import pytest
from hostile_audio import KINDS, damaged, disguised, film, good, hour_of_silence, lying, numberless, others, pointing
from speech.decoding import Decoder, Undecodable
from speech.decoding.owner import MEGABYTES
from speech.decoding.stream import SoundStream
from speech.ports import SAMPLE_RATE, Samples

SECONDS = 60.0
NOWHERE = (Path("/nowhere"), 9)
_OPENED = 0x20
_NONBLOCK, _CLOEXEC = os.O_NONBLOCK, os.O_CLOEXEC


class Canary:
    """A file and a port that nobody has a reason to open."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "canary.wav"
        self.file.write_bytes(good("wav"))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        libc = ctypes.CDLL(None, use_errno=True)
        self._watch: int = libc.inotify_init1(_NONBLOCK | _CLOEXEC)
        assert libc.inotify_add_watch(self._watch, str(self.file).encode(), _OPENED) > 0

    def touched(self) -> bool:
        """Whether anybody did since this was asked last."""
        touched = False
        for look in (lambda: os.read(self._watch, 4096), lambda: self._listener.accept()[0].close()):
            try:
                look()
                touched = True
            except BlockingIOError:
                pass
        return touched

    def close(self) -> None:
        self._listener.close()
        os.close(self._watch)


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Canary]:
    made = Canary(tmp_path_factory.mktemp("canary"))
    yield made
    made.close()


async def decoded(data: bytes) -> Samples | Undecodable:
    """What becomes of it. Neither this process nor its child may grow by more than they are allowed."""
    before = psutil.Process().memory_info().rss
    found: Samples | Undecodable
    try:
        found = await Decoder(1, SECONDS).decode(data)
        assert 0 < len(found) <= SECONDS * SAMPLE_RATE and found.dtype == np.float32
        assert np.isfinite(found).all() and np.abs(found).max() <= 1
    except Undecodable as error:
        found = error
    if isinstance(found, Undecodable):
        assert found.reason in ("unreadable", "too_long") and str(found).endswith(".")
    assert psutil.Process().memory_info().rss - before < 64 << 20
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss <= MEGABYTES << 10
    return found


def reason(found: Samples | Undecodable) -> str:
    return found.reason if isinstance(found, Undecodable) else f"{len(found)} samples"


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_right_is_read(kind: str) -> None:
    found = await decoded(good(kind))
    assert not isinstance(found, Undecodable)
    assert len(found) == pytest.approx(2 * SAMPLE_RATE, rel=0.1) and np.abs(found).max() == pytest.approx(0.5, abs=0.1)


async def test_the_sound_of_a_film_is_read() -> None:
    found = await decoded(film())
    assert not isinstance(found, Undecodable) and len(found) == pytest.approx(SAMPLE_RATE, rel=0.1)


async def test_what_comes_after_damage_is_read() -> None:
    tagged = b"ID3\x04\0\0\0\0\0\x20" + bytes(32) + good("mp3")
    found = await decoded(tagged + tagged)
    assert not isinstance(found, Undecodable) and len(found) == pytest.approx(4 * SAMPLE_RATE, rel=0.1)


@pytest.mark.parametrize("name", damaged())
async def test_what_is_damaged_is_read_as_far_as_it_goes_or_refused(name: str) -> None:
    found = await decoded(damaged()[name])
    if name.endswith("cut before the end"):
        assert not isinstance(found, Undecodable) or name.startswith("m4a"), "an M4A has its index there"
    if name.endswith(("cut after 4", "cut after 11")):
        assert reason(found) == "unreadable"


@pytest.mark.parametrize("name", lying())
async def test_lies_are_not_believed(name: str) -> None:
    await decoded(lying()[name])


@pytest.mark.parametrize("name", disguised(*NOWHERE))
async def test_what_is_no_audio_is_refused_and_nothing_in_it_is_followed(name: str, canary: Canary) -> None:
    assert reason(await decoded(disguised(canary.file, canary.port)[name])) == "unreadable"
    assert not canary.touched()


@pytest.mark.parametrize("name", pointing(*NOWHERE))
async def test_sound_that_lies_elsewhere_is_not_fetched(name: str, canary: Canary) -> None:
    found = await decoded(pointing(canary.file, canary.port)[name])
    assert isinstance(found, Undecodable) or "alias" not in name, "only of an alias FFmpeg knows that it lies elsewhere"
    assert not canary.touched()


def test_the_canary_notices(canary: Canary, tmp_path: Path) -> None:
    assert not canary.touched()
    file = tmp_path / "list"
    file.write_bytes(f"ffconcat version 1.0\nfile '{canary.file}'\n".encode())
    with av.open(file, "r", format="concat", options={"safe": "0"}):
        assert canary.touched()
    alias = tmp_path / "alias.m4a"
    alias.write_bytes(pointing(canary.file, canary.port)["m4a that is an alias"])
    with av.open(alias, "r", format="mov", options={"enable_drefs": "1", "use_absolute_path": "1"}):
        assert canary.touched()
    with socket.create_connection(("127.0.0.1", canary.port)):
        assert canary.touched()


@pytest.mark.parametrize("name", others())
async def test_only_the_codecs_of_the_list_are_read(name: str) -> None:
    assert reason(await decoded(others()[name])) == "unreadable"


@pytest.mark.parametrize(("data", "is_read"), [(good("webm"), True), (others()["ac3 in matroska"], False)])
async def test_that_holds_for_what_is_heard_live(data: bytes, is_read: bool) -> None:
    sound = SoundStream("matroska")
    await sound.feed(data)
    await sound.end()
    pieces = []
    while (piece := await sound.next()) is not None:
        pieces.append(piece)
    await sound.close()
    assert sum(map(len, pieces)) == pytest.approx(2 * SAMPLE_RATE if is_read else 0, rel=0.1)


@pytest.mark.parametrize("name", numberless())
async def test_what_is_no_number_becomes_one(name: str) -> None:
    assert not isinstance(await decoded(numberless()[name]), Undecodable)


async def test_an_hour_of_silence_in_a_small_file_is_too_long() -> None:
    silence = hour_of_silence()
    assert len(silence) < 2_000_000 and reason(await decoded(silence)) == "too_long"


def test_there_are_more_than_a_hundred() -> None:
    kinds = (damaged(), lying(), disguised(*NOWHERE), pointing(*NOWHERE), others(), numberless())
    assert sum(map(len, kinds)) > 150
