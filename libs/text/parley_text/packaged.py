"""The YAML files that come with a package, read by libyaml where it is there: it takes a tenth of the time."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def packaged(package: str, name: str) -> Any:
    """What a file of a package says."""
    return loaded(files(package).joinpath(name).read_text(encoding="utf-8"))


def loaded(text: str) -> Any:
    """What a YAML text says."""
    return yaml.load(text, Loader=_LOADER)
