"""What is installed, and whether it is whole. The service opens these folders, and never a network."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError, field_validator

from local_models.manifest import RECORD, Kind, Manifest, Model, manifest, purpose_of, stays_inside

_CHUNK = 1 << 20


class Kept(BaseModel):
    """A file as it was installed."""

    bytes: int
    sha256: str


class Record(BaseModel):
    """What `installed.json` says: which files a model has, and whose work it is."""

    id: str
    revision: str
    kind: Kind
    home: str
    licence: str
    attribution: str
    files: dict[str, Kept]

    @field_validator("files")
    @classmethod
    def _stay_inside(cls, value: dict[str, Kept]) -> dict[str, Kept]:
        return {stays_inside(path): kept for path, kept in value.items()}


@dataclass(frozen=True)
class Installed:
    """A model in a folder. `verified`: every file is there and has the size it was installed with; whether it is the
    same to the byte, only `parley models install --verify` tells."""

    id: str
    kind: Kind
    revision: str
    folder: Path
    verified: bool


def find(directory: Path, kind: Kind, wanted: str = "", known: Manifest | None = None) -> Installed | None:
    """The model of a kind to use: `wanted` by its id, else the most preferred that is there. Whole ones go first, then
    the revision of this version of Parley, then the newest other. None where there is none: `missing` says what to do.
    """
    candidates = [each for each in installed(directory, known) if each.kind == kind and wanted in ("", each.id)]
    return min(candidates, key=lambda each: not each.verified, default=None)


def missing(kind: Kind) -> str:
    """What to type where there is none of a kind."""
    names = ", ".join(each.id for each in manifest().of(kind))
    return f"No {kind} model is installed ({names}). Run: parley models install {purpose_of(kind)}"


def installed(directory: Path, known: Manifest | None = None) -> list[Installed]:
    """Every known model that is there, in the order in which they are preferred."""
    return [each for model in (known or manifest()).model for each in _revisions(directory / model.id, model)]


def _revisions(home: Path, model: Model) -> Iterator[Installed]:
    records = sorted(home.glob(f"[!.]*/{RECORD}"), key=_newest, reverse=True)
    for path in sorted(records, key=lambda path: path.parent.name != model.revision):
        record = read_record(path.parent)
        if record is not None and record.kind == model.kind:
            whole = not damage(path.parent, hashes=False)
            yield Installed(model.id, model.kind, path.parent.name, path.parent, whole)


def _newest(path: Path) -> float:
    return path.stat().st_mtime


def read_record(folder: Path) -> Record | None:
    """What was noted of the model in a folder; None where nothing was, or it cannot be read."""
    try:
        return Record.model_validate_json((folder / RECORD).read_bytes())
    except (OSError, ValidationError):
        return None


def write_record(model: Model, folder: Path, digests: Mapping[str, str], revision: str = "") -> None:
    """Note what was installed: SHA-256 by path. On disk when it returns."""
    record = Record(
        id=model.id,
        revision=revision or model.revision,
        kind=model.kind,
        home=model.home,
        licence=model.licence,
        attribution=model.attribution,
        files={path: Kept(bytes=(folder / path).stat().st_size, sha256=sha) for path, sha in digests.items()},
    )
    with (folder / RECORD).open("w", encoding="utf-8") as file:
        json.dump(record.model_dump(), file, indent=2)
        file.flush()
        os.fsync(file.fileno())


def damage(folder: Path, *, hashes: bool) -> list[str]:
    """What is wrong with the model in a folder: a line for each file that is not as it was installed."""
    record = read_record(folder)
    if record is None:
        return [f"{folder / RECORD} is missing or cannot be read"]
    found = []
    for path, kept in record.files.items():
        file = folder / path
        if not file.is_file():
            found.append(f"{file} is missing")
        elif file.stat().st_size != kept.bytes:
            found.append(f"{file} has {file.stat().st_size} bytes and not {kept.bytes}")
        elif hashes and digest(file).hexdigest() != kept.sha256:
            found.append(f"{file} has changed since it was installed")
    return found


def digest(file: Path) -> hashlib._Hash:
    """The SHA-256 of a file so far, to go on with."""
    found = hashlib.sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            found.update(chunk)
    return found
