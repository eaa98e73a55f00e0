"""Models as one file, for machines that reach no network."""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from local_models.install import Fill
from local_models.installed import Installed, Record, damage, read_record
from local_models.manifest import RECORD, Manifest, Model, ModelError

_CHUNK = 1 << 20
_LARGEST_RECORD = 1 << 20
"""Bytes of an `installed.json`; a larger one is none."""


def pack(models: Iterable[Installed], file: Path) -> None:
    """Write installed models into a tar. Raises ModelError for one that is damaged, and OSError."""
    part = file.with_name(f"{file.name}.part")
    with part.open("wb") as opened, tarfile.open(fileobj=opened, mode="w") as tar:
        for each in models:
            record, found = read_record(each.folder), damage(each.folder, hashes=True)
            if record is None or found:
                raise ModelError(f"{each.id} is damaged, so it is not packed: {found[0]}.")
            for path in (RECORD, *record.files):
                tar.add(each.folder / path, f"{each.id}/{each.revision}/{path}", recursive=False, filter=_nobodys)
        tar.close()
        opened.flush()
        os.fsync(opened.fileno())
    part.rename(file)


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o644
    return member


@dataclass(frozen=True)
class Pack:
    """A pack that was opened; it holds nothing but files of models that are known."""

    name: str
    models: list[Model]
    _tar: tarfile.TarFile
    _members: Mapping[tuple[str, str], tarfile.TarInfo]

    def filling(self, model: Model) -> Fill:
        """Fills from the pack. Nothing is written but the files that the manifest names, each checked as it comes."""

        def fill(staging: Path, pins: Mapping[str, str]) -> dict[str, str]:
            wanted = self._pins(model) | dict(pins)
            return {
                each.path: self._extract(model.id, each.path, staging, wanted.get(each.path, ""))
                for each in model.files
            }

        return fill

    def _pins(self, model: Model) -> dict[str, str]:
        try:
            record = Record.model_validate_json(self._open(model.id, RECORD).read(_LARGEST_RECORD))
        except ValueError:
            raise ModelError(f"{self.name} does not say what {model.id} should be: it is damaged.") from None
        return {path: kept.sha256 for path, kept in record.files.items()}

    def _extract(self, name: str, path: str, staging: Path, pin: str) -> str:
        target, found = staging / path, hashlib.sha256()
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as opened:
            source = self._open(name, path)
            while chunk := source.read(_CHUNK):
                found.update(chunk)
                opened.write(chunk)
            opened.flush()
            os.fsync(opened.fileno())
        if found.hexdigest() != pin:
            target.unlink()
            raise ModelError(f"{path} of {name} in {self.name} is damaged. Nothing of that model was installed.")
        return pin

    def _open(self, name: str, path: str) -> IO[bytes]:
        member = self._members.get((name, path))
        opened = self._tar.extractfile(member) if member else None
        if opened is None:
            raise ModelError(f"{self.name} has no {path} for {name}: it is not complete.")
        return opened


@contextmanager
def opened_pack(file: Path, known: Manifest) -> Iterator[Pack]:
    """Open a pack. Raises ModelError for one that cannot be read, or holds anything but files of known models."""
    try:
        with tarfile.open(file, "r:") as tar:
            members = {_place(each, file.name, known): each for each in tar}
            names = {name for name, _ in members}
            yield Pack(file.name, [each for each in known.model if each.id in names], tar, members)
    except (tarfile.TarError, EOFError) as error:
        raise ModelError(f"{file} cannot be read as a pack of models: {error}.") from None


def _place(member: tarfile.TarInfo, pack_name: str, known: Manifest) -> tuple[str, str]:
    """Which model and which of its files a member is."""
    name, _, rest = member.name.partition("/")
    revision, _, path = rest.partition("/")
    for model in known.model:
        sizes = {each.path: each.bytes for each in model.files}
        if model.id == name and model.revision == revision and member.isreg() and path in {RECORD, *sizes}:
            if sizes.get(path) in (None, member.size):
                return name, path
            raise ModelError(f"{path} of {name} in {pack_name} has the wrong size. Nothing was installed.")
    raise ModelError(
        f"{pack_name} holds {member.name!r}, which is no file of a model that this version of Parley knows. Nothing was"
        " installed."
    )
