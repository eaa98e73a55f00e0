"""Which models there are: where they come from, what they weigh, and whose work they are."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Kind = Literal["stt", "tts", "vad", "turn", "encoder"]
"""Recognises speech, speaks, tells speech from silence, tells whether somebody has finished, or makes vectors of what
sentences mean."""
PURPOSES: Mapping[str, frozenset[Kind]] = {
    "speech": frozenset({"stt", "tts", "vad", "turn"}),
    "encoder": frozenset({"encoder"}),
}
"""What models are installed for, and the kinds that it takes."""
RECORD = "installed.json"
"""What is noted beside the files of an installed model."""


class ModelError(Exception):
    """A model cannot be had. The message is a sentence for the person who asked for it."""


def stays_inside(path: str) -> str:
    """The path of a file below a folder. Raises ValueError for one that leaves it, or that is ours."""
    parts = PurePosixPath(path).parts
    if not parts or path != "/".join(parts) or "\\" in path or path == RECORD:
        raise ValueError(f"{path!r} is no path of a file")
    if any(part.startswith((".", "/")) for part in parts):
        raise ValueError(f"{path!r} leaves its folder, or is hidden")
    return path


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class File(_Frozen):
    """One file of a model. Where nobody has measured `bytes` or computed `sha256`, what comes first is kept."""

    path: str
    url: str = ""
    bytes: int | None = Field(None, gt=0)
    sha256: str = Field("", pattern=r"^([0-9a-f]{64})?$")

    _stays_inside = field_validator("path")(stays_inside)


class Model(_Frozen):
    """One model at one revision. `languages` are codes, and none stands for any."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    kind: Kind
    default: bool = False
    revision: str = Field(pattern=r"^[A-Za-z0-9][\w.-]*$")
    home: str
    base: str
    licence: str
    attribution: str
    languages: tuple[str, ...] = ()
    files: tuple[File, ...] = Field(min_length=1)

    @property
    def purpose(self) -> str:
        """What it is installed for."""
        return purpose_of(self.kind)

    @property
    def bytes(self) -> int:
        """What it weighs, as far as that is known."""
        return sum(each.bytes or 0 for each in self.files)

    def address(self, file: File, mirror: str = "") -> str:
        """Where a file is fetched from. A mirror has everything below one address."""
        if mirror:
            return f"{mirror.rstrip('/')}/{self.id}/{self.revision}/{file.path}"
        return file.url or self.base + file.path


class Manifest(_Frozen):
    """All models, in the order in which they are preferred."""

    model: tuple[Model, ...]

    def of(self, kind: Kind) -> list[Model]:
        """Those of one kind."""
        return [each for each in self.model if each.kind == kind]

    def named(self, name: str, kind: Kind | None = None) -> Model:
        """By its id. Raises ModelError, which names those that there are."""
        known = {each.id: each for each in (self.of(kind) if kind else self.model)}
        if name not in known:
            raise ModelError(f"There is no model {name!r} to choose here. There are: {', '.join(known)}.")
        return known[name]

    def chosen(self, names: Iterable[str], instead: Mapping[Kind, str]) -> list[Model]:
        """Models by id or by purpose: `speech` stands for all that speech needs, and so do no names. `instead` replaces
        the default of a kind. Raises ModelError for an unknown one."""
        found = [self.named(name, kind) for kind, name in instead.items()]
        for name in list(names) or ["speech"]:
            if name in PURPOSES:
                wanted = PURPOSES[name] - instead.keys()
                found += [each for each in self.model if each.default and each.kind in wanted]
            else:
                found.append(self.named(name))
        return [each for each in self.model if each in found]


def purpose_of(kind: Kind) -> str:
    """What models of a kind are installed for."""
    return next(name for name, kinds in PURPOSES.items() if kind in kinds)


@cache
def manifest() -> Manifest:
    """The models that this version of Parley knows."""
    return Manifest.model_validate(tomllib.loads((files(__package__) / "manifest.toml").read_text("utf-8")))
