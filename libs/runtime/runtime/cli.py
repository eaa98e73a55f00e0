"""The operator's command: `parley up`, `parley provision`, `parley nats-config`, `parley dead-letters`."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import nats
from contracts.topology import HANDLERS
from nats.js import JetStreamContext

from runtime import deadletters
from runtime.backlog import Backlog
from runtime.provision import ProvisionSettings, provision
from runtime.settings import RuntimeSettings
from runtime.telemetry import configure_logging


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; exits with its code."""
    options = _parser().parse_args(arguments)
    sys.exit(options.run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="parley", description="Run and look after Parley.")
    commands = parser.add_subparsers(required=True)
    up = commands.add_parser("up", help="run everything on this machine")
    up.add_argument("--port", type=_port, default=os.environ.get("PORT") or "8000")
    up.add_argument("--data-dir", type=Path, default=Path(os.environ.get("DATA_DIR") or ".data"))
    up.add_argument(
        "--module", action="append", default=[], metavar="SERVICE=MODULE", help="run another module in its place"
    )
    up.set_defaults(run=_up)
    provisioner = commands.add_parser("provision", help="create or update streams, consumers and tables")
    provisioner.add_argument("--create-database", action="store_true", help="create the database first")
    provisioner.set_defaults(run=lambda options: asyncio.run(_provision(options.create_database)))
    users = commands.add_parser("nats-config", help="print what each service may do, for a NATS server's configuration")
    users.set_defaults(run=lambda _: _nats_config())
    consumers = commands.add_parser("consumers", help="what each durable consumer still has to handle")
    consumers.set_defaults(run=lambda _: asyncio.run(_consumers()))
    letters = commands.add_parser("dead-letters", help="list, replay or delete messages that were given up")
    letters.add_argument("action", choices=("list", "replay", "delete"))
    letters.add_argument("--durable", default="*", help="only those of one consumer")
    letters.add_argument("--sequence", type=int, help="only this one")
    letters.set_defaults(run=lambda options: asyncio.run(_dead_letters(options)))
    return parser


def _port(value: str) -> int:
    if value.isascii() and value.isdigit() and 0 < int(value) < 65536:
        return int(value)
    raise argparse.ArgumentTypeError(f"PORT is a number from 1 to 65535, not {value!r}")


def _up(options: argparse.Namespace) -> int:
    from runtime.embedded import EmbeddedServerError
    from runtime.supervisor import up

    try:
        return up(options.data_dir, options.port, dict(each.split("=", 1) for each in options.module))
    except EmbeddedServerError as error:
        print(error, file=sys.stderr)
        return 1


async def _provision(create_database: bool) -> int:
    settings = ProvisionSettings()
    configure_logging("provision", RuntimeSettings())
    if create_database:
        await _ensure_database(settings.database_admin_url)
    await provision(settings)
    return 0


async def _ensure_database(admin_url: str) -> None:
    server, _, database = admin_url.rpartition("/")
    connection = await asyncpg.connect(f"{server}/postgres")
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
            await connection.execute(f'CREATE DATABASE "{database}"')
    finally:
        await connection.close()


def _nats_config() -> int:
    from runtime.embedded.nats import ADMIN, NatsUser, authorization
    from runtime.permissions import nats_user
    from runtime.supervisor import installed_services

    users = [NatsUser(ADMIN, "$NATS_ADMIN_PASSWORD", (">",), (">",))]
    users += [nats_user(name, f"$NATS_PASSWORD_{name.upper()}") for name in sorted(installed_services())]
    # The server itself reads the passwords from its environment, if these names are not in quotes.
    print("# Written by `parley nats-config`.")
    print(re.sub(r'"(\$NATS_[A-Z_]+)"', r"\1", authorization(users)), end="")
    return 0


@asynccontextmanager
async def _as_administrator() -> AsyncIterator[JetStreamContext]:
    settings = ProvisionSettings()
    login = {"user": settings.nats_admin_user, "password": settings.nats_admin_password}
    connection = await nats.connect(settings.nats_url.split(","), **(login if settings.nats_admin_user else {}))
    try:
        yield connection.jetstream()
    finally:
        await connection.close()


async def _dead_letters(options: argparse.Namespace) -> int:
    async with _as_administrator() as js:
        count = await _for_each_letter(js, options)
    print(f"{count} dead letters", file=sys.stderr)
    return 0


async def _consumers() -> int:
    """A line for each durable; 1 when a message waits that was delivered again and again, or will never be."""
    stuck = False
    async with _as_administrator() as js:
        for each in HANDLERS:
            backlog = await Backlog.of(js, each)
            print(backlog.describe())
            stuck = stuck or backlog.ahead or backlog.redelivered > 0
    return 1 if stuck else 0


async def _for_each_letter(js: JetStreamContext, options: argparse.Namespace) -> int:
    count = 0
    async for letter in deadletters.letters(js, options.durable):
        if options.sequence not in (None, letter.sequence):
            continue
        count += 1
        print(deadletters.describe(letter))
        if options.action == "replay":
            await deadletters.replay(js, letter)
        elif options.action == "delete":
            await deadletters.forget(js, letter)
    return count
