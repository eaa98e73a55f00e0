"""What of Parley is installed in this environment."""

from __future__ import annotations

from importlib.metadata import entry_points


def installed_services() -> list[str]:
    """Names of the services in this environment, in alphabetical order."""
    return sorted(entry.name for entry in entry_points(group="parley.services"))
