"""`python -m devkit up`: run everything on this machine."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from runtime.settings import read_env_file

from devkit.embedded import EmbeddedServerError
from devkit.up import up


def main() -> int:
    """Run Parley until Ctrl-C or SIGTERM; the exit code."""
    read_env_file()  # before the arguments: it may say where
    options = _parser().parse_args()
    try:
        return up(options.data_dir, options.port, dict(each.split("=", 1) for each in options.module))
    except EmbeddedServerError as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m devkit", description="Run Parley on this machine.")
    command = parser.add_subparsers(required=True).add_parser("up", help="run everything on this machine")
    command.add_argument("--port", type=_port, default=os.environ.get("PORT") or "8000")
    command.add_argument("--data-dir", type=Path, default=Path(os.environ.get("DATA_DIR") or ".data"))
    command.add_argument(
        "--module", action="append", default=[], metavar="SERVICE=MODULE", help="run another module in its place"
    )
    return parser


def _port(value: str) -> int:
    if value.isascii() and value.isdigit() and 0 < int(value) < 65536:
        return int(value)
    raise argparse.ArgumentTypeError(f"PORT is a number from 1 to 65535, not {value!r}")


if __name__ == "__main__":
    sys.exit(main())
