"""The YAML files that come with the package."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml

# libyaml reads them ten times as fast as the loader in Python.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def packaged(name: str) -> Any:
    """What a file of the package says."""
    return loaded(files("coach").joinpath(name).read_text(encoding="utf-8"))


def loaded(text: str) -> Any:
    """What a YAML text says."""
    return yaml.load(text, Loader=_LOADER)
