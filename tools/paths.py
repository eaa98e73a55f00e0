"""Where things lie in the repository."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS = ROOT / "libs/contracts/schemas"
SAMPLES = ROOT / "libs/contracts/samples"
ASYNCAPI = ROOT / "docs/asyncapi/parley.json"
CONFIGURATION = ROOT / "docs/configuration.md"
EPOCH = ROOT / "libs/contracts/contracts/epoch.toml"
