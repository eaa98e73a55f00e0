"""Puts a model where it belongs: as a whole, or not at all."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx2

from local_models.download import Advance, Download, Patience
from local_models.installed import damage, digest, read_record, write_record
from local_models.manifest import File, Model

Say = Callable[[str], object]
"""Takes a line for a person."""
Fill = Callable[[Path, Mapping[str, str]], dict[str, str]]
"""Puts the files of a model into a folder, given the SHA-256 that each should have where one is known, and returns what
they have: both by path. Raises ModelError."""


def install(model: Model, directory: Path, fill: Fill, say: Say) -> bool:
    """Install a model below `directory`, or mend a damaged one; whether that was needed. Raises ModelError and OSError;
    what was fetched until then is kept for the next time."""
    home = directory / model.id
    home.mkdir(parents=True, exist_ok=True)
    target, staging = home / model.revision, home / f".{model.revision}.partial"
    with _alone(home / ".lock", lambda: say(f"{model.id}: another installer is at work; waiting for it")):
        if target.exists():
            found = damage(target, hashes=True)
            if not found:
                return False
            say(f"{model.id}: mending, since {found[0]}")
            shutil.rmtree(staging, ignore_errors=True)
            target.rename(staging)
        staging.mkdir(exist_ok=True)
        noted = read_record(staging)
        pins = {path: kept.sha256 for path, kept in noted.files.items()} if noted else {}
        digests = fill(staging, pins | {each.path: each.sha256 for each in model.files if each.sha256})
        write_record(model, staging, digests)
        _publish(staging, target)
    return True


def fetching(model: Model, client: httpx2.Client, mirror: str, advance: Advance, patience: Patience, say: Say) -> Fill:
    """Fills from the network. A file that is already there and right is not fetched again."""

    def fetched(file: File, target: Path, pin: str) -> str:
        if target.is_file():
            found = digest(target).hexdigest()
            if found == (pin or found) and target.stat().st_size == (file.bytes or target.stat().st_size):
                advance(target.stat().st_size)
                return found
        target.parent.mkdir(parents=True, exist_ok=True)
        pinned = file.model_copy(update={"sha256": pin})
        found = Download(client, model.address(file, mirror), pinned, target, advance, patience).run()
        if not pin:
            say(f"{model.id}: noted {file.path} as SHA-256 {found}, which nobody had pinned")
        return found

    def fill(staging: Path, pins: Mapping[str, str]) -> dict[str, str]:
        return {each.path: fetched(each, staging / each.path, pins.get(each.path, "")) for each in model.files}

    return fill


@contextmanager
def _alone(path: Path, waiting: Callable[[], object]) -> Iterator[None]:
    """One installer at a time for each model. The kernel frees the lock of one that was killed."""
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _publish(staging: Path, target: Path) -> None:
    for folder in {each.parent for each in staging.rglob("*")}:
        _sync(folder)
    staging.rename(target)
    _sync(target.parent)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
