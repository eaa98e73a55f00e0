"""`parley models install`: what a person types, and what they are told."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tqdm import tqdm

from local_models.download import Advance, Patience, connection, sentence
from local_models.install import fetching, install
from local_models.installed import Installed, damage, installed
from local_models.manifest import Kind, Manifest, Model, ModelError, manifest
from local_models.pack import opened_pack, pack
from local_models.settings import LocalModelSettings

_PATIENCE = Patience()


def add(commands: Any) -> None:
    """Add `models` to the subcommands of `parley`."""
    models = commands.add_parser("models", help="install and check models that run on this machine")
    parser = models.add_subparsers(required=True).add_parser(
        "install",
        help="fetch models, or list, check and pack those that are here",
        description="Fetch models that run on this machine. They recognise speech, speak, or tell what sentences mean."
        " What was stopped goes on where it stopped.",
    )
    parser.add_argument(
        "models",
        nargs="*",
        metavar="speech|encoder|ID",
        help="all that speech needs (the default), the encoder, or some",
    )
    parser.add_argument("--stt", metavar="ID", help="recognise with this one instead")
    parser.add_argument("--tts", metavar="ID", help="speak with this one instead")
    parser.add_argument("--dir", default="", help="where they lie: by default PARLEY_MODELS_DIR, or your data folder")
    parser.add_argument(
        "--from", dest="source", type=Path, metavar="FILE", help="install from a pack; no network is used"
    )
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--list", action="store_true", help="say what there is, what is installed, and whose it is")
    action.add_argument("--verify", action="store_true", help="read all that is installed again; 1 where it is damaged")
    action.add_argument("--pack", type=Path, metavar="FILE", help="write what is installed into one file")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, known: Manifest | None = None, patience: Patience = _PATIENCE) -> int:
    """Carry it out; the exit code. `known` are the models that there are."""
    known = known or manifest()
    settings = LocalModelSettings(parley_models_dir=options.dir) if options.dir else LocalModelSettings()
    directory, mirror = settings.models_directory, settings.parley_models_mirror
    try:
        instead: dict[Kind, str] = {}
        if options.stt:
            instead["stt"] = options.stt
        if options.tts:
            instead["tts"] = options.tts
        chosen = known.chosen(options.models, instead)
        if options.list:
            return _list(known, directory)
        if options.verify:
            return _verify(known, directory, {each.id for each in chosen} if options.models else set())
        if options.pack:
            return _pack(known, directory, chosen, options.pack)
        if options.source:
            return _unpack(known, directory, options.source)
        return _fetch(chosen, directory, mirror, patience)
    except ModelError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(sentence(error, directory), file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped. The same command goes on from here.", file=sys.stderr)
        return 130
    return 1


def _fetch(chosen: list[Model], directory: Path, mirror: str, patience: Patience) -> int:
    needed = [each for each in chosen if damage(directory / each.id / each.revision, hashes=True)]
    if not needed:
        _say(f"Already installed in {directory}: {', '.join(each.id for each in chosen)}.")
        return 0
    weighed = ", ".join(f"{each.id} ({_size(each.bytes)})" for each in needed)
    total = sum(each.bytes for each in needed)
    _say(f"To install in {directory}: {weighed}{f', {_size(total)} in all' if total else ''}.")
    with connection(mirror, patience) as client:
        for model in needed:
            with _progress(model) as advance:
                install(model, directory, fetching(model, client, mirror, advance, patience, _say), _say)
            _say(f"{model.id}: installed")
    _say("Done. Services that run already use them within a few seconds.")
    return 0


@contextmanager
def _progress(model: Model) -> Iterator[Advance]:
    """A bar on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with tqdm(total=model.bytes or None, desc=model.id, unit="B", unit_scale=True, leave=False) as bar:
        yield bar.update


def _unpack(known: Manifest, directory: Path, source: Path) -> int:
    with opened_pack(source, known) as opened:
        for model in opened.models:
            fresh = install(model, directory, opened.filling(model), _say)
            _say(f"{model.id}: installed from {source.name}" if fresh else f"{model.id}: already installed")
    return 0


def _pack(known: Manifest, directory: Path, chosen: list[Model], file: Path) -> int:
    there = {(each.id, each.revision): each for each in installed(directory, known)}
    absent = [each.id for each in chosen if (each.id, each.revision) not in there]
    if absent:
        raise ModelError(f"Not installed: {', '.join(absent)}. Run: parley models install {' '.join(absent)}")
    pack([there[each.id, each.revision] for each in chosen], file)
    names = ", ".join(each.id for each in chosen)
    _say(f"{file}: {names}; {_size(file.stat().st_size)}. Where no network is, install it with --from.")
    return 0


def _verify(known: Manifest, directory: Path, names: set[str]) -> int:
    """Of the models with these ids, else of all that are installed."""
    there = [each for each in installed(directory, known) if not names or each.id in names]
    wrong = [f"{name}: not installed" for name in sorted(names - {each.id for each in there})]
    for each in there:
        found = damage(each.folder, hashes=True)
        wrong += found
        _say(f"{each.id} {each.revision}: {'damaged' if found else 'whole'}")
    if not there and not names:
        _say(f"Nothing is installed in {directory}.")
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong:
        print("`parley models install ID` mends a model.", file=sys.stderr)
    return 1 if wrong else 0


def _list(known: Manifest, directory: Path) -> int:
    there: dict[str, list[Installed]] = {}
    for each in installed(directory, known):
        there.setdefault(each.id, []).append(each)
    _say(f"Models in {directory}:")
    for model in known.model:
        states = ", ".join(f"{one.revision}{'' if one.verified else ' (damaged)'}" for one in there.get(model.id, []))
        needed = f", part of `{model.purpose}`" if model.default else ""
        _say(f"\n{model.id} ({model.kind}{needed}), {_size(model.bytes)}: {states or 'not installed'}")
        _say(f"  {model.attribution}. Licence: {model.licence}. {model.home}")
    return 0


def _size(count: int) -> str:
    if not count:
        return "size not known"
    return f"{count / 1e6:.0f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"


def _say(line: str) -> None:
    print(line, flush=True)
