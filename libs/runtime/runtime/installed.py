"""What of Parley is installed in this environment."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points


def installed_services() -> list[str]:
    """Names of the services in this environment, in alphabetical order."""
    return sorted(entry.name for entry in entry_points(group="parley.services"))


def installed_commands() -> list[EntryPoint]:
    """What adds a command to `parley`: each loads to a function that takes argparse's subcommands. In alphabetical
    order."""
    return sorted(entry_points(group="parley.commands"), key=lambda entry: entry.name)
