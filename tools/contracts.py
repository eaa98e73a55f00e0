"""Keeps the committed schemas and samples of the contracts true.

`--check` compares what the code says with the committed schemas, and with the schemas at the commit that this
work started from: editing a committed schema by hand does not help. `--write` never writes over an
incompatible change: that needs a new major version, which is a new name. Until the first release a new contract
epoch is the other way (docs/adr/0022-contract-epochs.md): across two epochs nothing is compared.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from contracts import Contract, Event, Payload, encode, registered
from contracts.registry import decode

from tools.base import at_base, base_of, git, releases
from tools.compatibility import SCHEMA_VERSION, Schema, contract_problems
from tools.generated import arguments, as_json, notice, report, shown, staleness, write
from tools.messages import ask_models
from tools.paths import EPOCH, ROOT, SAMPLES, SCHEMAS
from tools.samples import sample_events

WRITE = "python -m tools.contracts --write"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


@cache
def present_schemas() -> dict[str, Schema]:
    """The schemas of all contracts as the code has them: events, the envelope, asks and their answers."""
    events = {
        name: {**_schema(payload), SCHEMA_VERSION: payload.SCHEMA_VERSION} for name, payload in registered().items()
    }
    # Bases are no messages themselves.
    asks = {f"asks.{model.__name__}": _schema(model) for model in ask_models() if not model.__subclasses__()}
    return {**events, "envelope": _schema(Event[Payload]), **asks}


def _schema(model: type[Contract]) -> Schema:
    return {"$schema": _DIALECT, **model.model_json_schema()}


def committed_schemas(folder: Path) -> dict[str, Schema]:
    """The schemas in a folder, by name."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}


def base_schemas(root: Path, folder: Path) -> dict[str, Schema] | None:
    """The schemas as committed where this work started: the merge base with origin/main, else HEAD.

    None when there is no git, no repository or no commit yet.
    """
    base = base_of(root)
    if not base:
        return None
    where = folder.relative_to(root).as_posix()
    listing = git(root, "ls-tree", "--name-only", base, f"{where}/") or ""
    found = {}
    for path in listing.splitlines():
        if path.endswith(".json"):
            found[Path(path).stem] = json.loads(git(root, "show", f"{base}:./{path}") or "{}")
    return found


def incompatibilities(
    present: Mapping[str, Schema], *, root: Path = ROOT, folder: Path = SCHEMAS, epoch: Path = EPOCH
) -> list[str]:
    """What breaks with the committed schemas, here and at the base; in a new epoch, what forbids it."""
    base = base_schemas(root, folder)
    if base is None:
        notice("no commit to compare with: the schemas are compared with the files in the tree only")
        return contract_problems(committed_schemas(folder), present)
    before = at_base(root, epoch)
    if _number(before) != _number(epoch.read_text(encoding="utf-8")):
        return epoch_findings(root, epoch, before)
    found = contract_problems(committed_schemas(folder), present)
    return list(dict.fromkeys([*found, *contract_problems(base, present)]))


def _number(epoch: str | None) -> int:
    """The first epoch had no file."""
    return int(tomllib.loads(epoch)["epoch"]) if epoch else 1


def epoch_findings(root: Path, epoch: Path, before: str | None) -> list[str]:
    """Why the epoch may not be another than the one of the base."""
    new = tomllib.loads(epoch.read_text(encoding="utf-8"))
    adr = root / new["adr"]
    found = []
    if new["epoch"] != _number(before) + 1:
        found.append(f"{shown(epoch)}: the epoch after {_number(before)} is {_number(before) + 1}, not {new['epoch']}")
    if tags := releases(root):
        found.append(f"{shown(epoch)}: there is a release ({tags[0]}): an incompatible change needs a new name")
    if not adr.is_file() or f"contract epoch {new['epoch']}" not in adr.read_text(encoding="utf-8").lower():
        found.append(f"{shown(epoch)}: {new['adr']} does not say why contract epoch {new['epoch']} begins")
    return found


def check(*, root: Path = ROOT, folder: Path = SCHEMAS, samples: Path = SAMPLES) -> list[str]:
    """All findings, one line each."""
    present = present_schemas()
    found = incompatibilities(present, root=root, folder=folder)
    for name, schema in sorted(present.items()):
        found += staleness(folder / f"{name}.json", as_json(schema), WRITE)
    return found + sample_findings(samples)


def sample_findings(folder: Path) -> list[str]:
    """Samples that are missing or no longer say what they said."""
    found = []
    for name, payload in sorted(registered().items()):
        path = folder / f"{name}.json"
        if not path.exists():
            found.append(f"{shown(path)}: is missing; add it to tools/samples.py and run {WRITE}")
        elif encode(decode(path.read_bytes())) != path.read_bytes().rstrip(b"\n"):
            found.append(f"{shown(path)}: does not survive being read and written; run {WRITE}")
        for version in range(1, payload.SCHEMA_VERSION):
            old = old_sample(folder, name, version)
            if not old.exists():
                found.append(f"{shown(old)}: is missing; a stored event of that version has to be kept")
            elif not _readable(old):
                found.append(f"{shown(old)}: cannot be read any more; write an upcaster from version {version}")
    return found


def _readable(sample: Path) -> bool:
    try:
        event = decode(sample.read_bytes())
    except ValueError:
        return False
    return decode(encode(event)) == event


def old_sample(folder: Path, name: str, version: int) -> Path:
    """Where the sample of an earlier schema version is kept."""
    return folder / "old" / f"{name}.schema{version}.json"


def write_schemas(present: Mapping[str, Schema], folder: Path = SCHEMAS) -> None:
    """Write all schemas. Call only when nothing is incompatible."""
    for name, schema in present.items():
        write(folder / f"{name}.json", as_json(schema))


def write_samples(folder: Path = SAMPLES) -> None:
    """Write missing samples; one of an earlier schema version moves to `old` and is never touched again."""
    for name, event in sample_events().items():
        path = folder / f"{name}.json"
        if path.exists():
            version = json.loads(path.read_bytes())["schema_version"]
            if version == event.schema_version:
                continue
            write(old_sample(folder, name, version), path.read_text(encoding="utf-8"))
        write(path, encode(event).decode() + "\n")


def main() -> int:
    """The exit code: 1 when there are findings."""
    if arguments(__doc__).check:
        return report(check())
    present = present_schemas()
    if report(incompatibilities(present)):
        notice("nothing was written: an incompatible change is a new major version, under a new name")
        return 1
    write_schemas(present)
    write_samples()
    return report(sample_findings(SAMPLES))


if __name__ == "__main__":
    sys.exit(main())
