"""`parley-gateway`: run the service, or say who is an admin."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from runtime.database import make_engine
from sqlalchemy.ext.asyncio import async_sessionmaker

from gateway import main as service
from gateway.auth.accounts import Accounts
from gateway.auth.errors import IdentityError
from gateway.auth.fields import normalised_email
from gateway.settings import GatewaySettings


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; exits with its code."""
    options = _parser().parse_args(arguments)
    sys.exit(options.run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="parley-gateway", description="The gateway.")
    parser.set_defaults(run=lambda _: service.main())
    commands = parser.add_subparsers()
    commands.add_parser("run", help="run the service (the default)")
    admin = commands.add_parser("admin", help="say who is an admin").add_subparsers(required=True)
    for name, role, words in (("grant", "admin", "make an account an admin"), ("revoke", "user", "make it none")):
        command = admin.add_parser(name, help=words)
        command.add_argument("email")
        command.set_defaults(run=lambda options, role=role: asyncio.run(_grant(options.email, role)))
    return parser


async def _grant(email: str, role: str) -> int:
    settings = GatewaySettings()
    engine = make_engine(settings.database_url, settings)
    try:
        await Accounts(async_sessionmaker(engine), changed=lambda: None).grant(normalised_email(email), role)
    except IdentityError as error:
        print(error.detail, file=sys.stderr)
        return 1
    finally:
        await engine.dispose()
    print(f"The account is {'an admin' if role == 'admin' else 'no admin'} now.")
    return 0
