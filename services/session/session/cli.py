"""`parley-session`: run the service, or look after its data."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from runtime.broker import connect
from runtime.database import Database

from session import main as service
from session.erasure import apply_tombstones
from session.rebuild import rebuild
from session.settings import SessionSettings


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; exits with its code."""
    options = _parser().parse_args(arguments)
    sys.exit(options.run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="parley-session", description="The session service.")
    parser.set_defaults(run=lambda _: service.main())
    commands = parser.add_subparsers()
    commands.add_parser("run", help="run the service (the default)")
    rebuilder = commands.add_parser("rebuild", help="compare the read models with the events")
    rebuilder.add_argument("--write", action="store_true", help="put right what differs")
    rebuilder.set_defaults(run=lambda options: asyncio.run(_rebuild(write=options.write)))
    tombstones = commands.add_parser("apply-tombstones", help="after a restore: erase again what had been erased")
    tombstones.set_defaults(run=lambda _: asyncio.run(_apply_tombstones()))
    return parser


async def _rebuild(*, write: bool) -> int:
    """The exit code: 1 when something differs and was left so."""
    settings = SessionSettings()
    database = Database(settings)
    async with database.open():
        result = await rebuild(database, settings.timeouts, write=write)
    done = "put right" if write else "differ"
    print(f"{result.events} events of {result.sessions} sessions; {result.different} sessions {done}")
    return 1 if result.different and not write else 0


async def _apply_tombstones() -> int:
    settings = SessionSettings()
    database = Database(settings)
    connection = await connect(settings, "session")
    try:
        async with database.open():
            count = await apply_tombstones(database, connection.jetstream())
    finally:
        await connection.close()
    print(f"{count} sessions will be erased again by the running service")
    return 0
