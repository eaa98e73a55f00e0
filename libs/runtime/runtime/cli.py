"""The operator's command: `parley provision`, `nats-config`, `consumers`, `dead-letters`, and what packages add."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import nats
from contracts.topology import HANDLERS
from nats.js import JetStreamContext

from runtime import deadletters
from runtime.backlog import Backlog
from runtime.backup import backup, restore
from runtime.backup.ledger import Ledger
from runtime.backup.rows import NotEmpty, UnknownVersion
from runtime.backup.stored import erased_ids
from runtime.installed import installed_commands, installed_services
from runtime.nats_users import administrator, authorization
from runtime.permissions import nats_user
from runtime.provision import KEEPING, ProvisionSettings, provision, rewind
from runtime.settings import RuntimeSettings, read_env_file
from runtime.sql.migrations import SECOND, DatabaseAdmin
from runtime.telemetry import configure_logging


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; exits with its code."""
    options = _parser().parse_args(arguments)
    read_env_file()
    sys.exit(options.run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="parley", description="Look after Parley.")
    commands = parser.add_subparsers(required=True)
    provisioner = commands.add_parser("provision", help="create or update streams, consumers and tables")
    provisioner.add_argument("--create-database", action="store_true", help="create the database first")
    provisioner.set_defaults(run=lambda options: asyncio.run(_provision(options.create_database)))
    users = commands.add_parser("nats-config", help="print what each service may do, for a NATS server's configuration")
    users.add_argument(
        "--second", action="store_true", help="and a second login for each, <service>_second, to change passwords"
    )
    users.add_argument(
        "--passwords", metavar="FILE", help="read passwords from FILE beside it, before the environment, at each reload"
    )
    users.set_defaults(run=lambda options: _nats_config(second=options.second, passwords=options.passwords))
    consumers = commands.add_parser("consumers", help="what each durable consumer still has to handle")
    consumers.set_defaults(run=lambda _: asyncio.run(_consumers()))
    letters = commands.add_parser("dead-letters", help="list, replay or delete messages that were given up")
    letters.add_argument("action", choices=("list", "replay", "delete"))
    letters.add_argument("--durable", default="*", help="only those of one consumer")
    letters.add_argument("--sequence", type=int, help="only this one")
    letters.set_defaults(run=lambda options: asyncio.run(_dead_letters(options)))
    saver = commands.add_parser("backup", help="write Postgres, files and recordings to a folder, while Parley runs")
    saver.add_argument("folder", type=Path)
    saver.add_argument("--ledger", type=Path, help="also note in this file what was erased: keep it apart from backups")
    saver.set_defaults(run=lambda options: asyncio.run(_backup(options)))
    putter = commands.add_parser("restore", help="put a backup back, while no service runs")
    putter.add_argument("folder", type=Path)
    putter.add_argument("--ledger", type=Path, help="what was erased since: it stays erased")
    putter.add_argument("--without-ledger", action="store_true", help="there is none, and erased people may come back")
    putter.add_argument("--overwrite", action="store_true", help="also where there is something already: it is lost")
    putter.set_defaults(run=lambda options: asyncio.run(_restore(options)))
    eraser = commands.add_parser("ledger", help="note in a file what was erased: to do often, apart from backups")
    eraser.add_argument("file", type=Path)
    eraser.set_defaults(run=lambda options: asyncio.run(_ledger(options.file)))
    rewinder = commands.add_parser("rewind", help="after Postgres alone was put back: handle again what came since")
    rewinder.add_argument(
        "--to", type=_moment, required=True, help="the moment that it is at, such as 2026-11-30T10:00Z"
    )
    rewinder.set_defaults(run=lambda options: asyncio.run(_rewind(options.to)))
    for entry in installed_commands():
        entry.load()(commands)
    return parser


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


def _nats_config(*, second: bool, passwords: str | None) -> int:
    users = [administrator("$NATS_ADMIN_PASSWORD")]
    for name in installed_services():
        user = nats_user(name, f"$NATS_PASSWORD_{name.upper()}")
        users.append(user)
        if second:
            users.append(replace(user, name=name + SECOND, password=user.password + SECOND.upper()))
    # The server itself reads the passwords from its environment, if these names are not in quotes.
    print("# Written by `parley nats-config`.")
    if passwords:
        print(f"include {json.dumps(passwords)}")
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


async def _backup(options: argparse.Namespace) -> int:
    async with _as_administrator() as js:
        try:
            manifest = await backup(ProvisionSettings().database_admin_url, js, options.folder)
        except FileExistsError:
            print(f"{options.folder} is there already: name another folder", file=sys.stderr)
            return 1
    if options.ledger:
        await _ledger(options.ledger)
    count = sum(each["rows"] for each in manifest["postgres"]["tables"].values())
    files = sum(map(len, manifest["objects"].values()))
    print(f"{options.folder}: {count} rows as of {manifest['postgres']['at']}, {files} files")
    return 0


async def _restore(options: argparse.Namespace) -> int:
    if not (options.ledger or options.without_ledger):
        print("Name the ledger of what was erased since, or say that there is none: --without-ledger", file=sys.stderr)
        return 2
    settings = ProvisionSettings()
    admin = DatabaseAdmin(settings.database_admin_url, settings.service_db_password, settings.database_passwords)
    try:
        ledger = Ledger.read(options.ledger) if options.ledger else Ledger()
        async with _as_administrator() as js:
            done = await restore(
                admin, js, options.folder, ledger, lambda: provision(settings), overwrite=options.overwrite
            )
    except NotEmpty as error:
        print(f"{error} holds something: --overwrite loses it", file=sys.stderr)
        return 1
    except UnknownVersion as error:
        print(f"The backup is of a later version than this one: {error}", file=sys.stderr)
        return 1
    print(f"{done.rows} rows as of {done.at}, {done.objects} files; {done.erased} stay erased")
    return 0


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or moment > datetime.now(UTC):
        raise argparse.ArgumentTypeError("say the time zone, and a moment that is over")
    return moment


async def _rewind(to: datetime) -> int:
    async with _as_administrator() as js:
        await rewind(js, to)
    print(f"{', '.join(KEEPING)} begin again with what was published since {to.isoformat()}")
    return 0


async def _ledger(path: Path) -> int:
    ledger = Ledger()
    async with _as_administrator() as js:
        ledger.add(await erased_ids(js))
    ledger.write(path)
    print(f"{path}: {len(ledger)} were erased")
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
