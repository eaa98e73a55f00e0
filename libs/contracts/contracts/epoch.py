"""The contract epoch: data of another one cannot be read."""

from __future__ import annotations

import tomllib
from importlib.resources import files

EPOCH: int = tomllib.loads(files("contracts").joinpath("epoch.toml").read_text(encoding="utf-8"))["epoch"]
