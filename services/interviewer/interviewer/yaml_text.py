"""YAML, read by libyaml where it is there: the packaged files take ten times as long without."""

from __future__ import annotations

from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def loaded(text: str) -> Any:
    """What a YAML text says."""
    return yaml.load(text, Loader=_LOADER)
