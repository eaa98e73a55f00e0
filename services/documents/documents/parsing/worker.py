"""The process that reads files: `python -m documents.parsing.worker`, started and fed by `documents.parsing.pool`.

A file may be made to crash, to stall or to take over what reads it. So this process has no secrets, a limit on
everything, and dies with its owner.
"""

from __future__ import annotations

import argparse
import ctypes
import math
import os
import resource
import signal
import sys
from typing import BinaryIO

from documents.parsing.errors import Unreadable, broken
from documents.parsing.frames import READY, Result, Task, read_frame, write_frame
from documents.parsing.parsers import Parse, load

_PR_SET_PDEATHSIG = 1
_OPEN_FILES = 64


def main() -> None:
    """Read files until the owner closes its end or the last of them is done."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--owner", type=int, required=True, help="process id of the owner")
    parser.add_argument("--parser", required=True)
    parser.add_argument("--seconds", type=float, required=True, help="processor time for each file")
    parser.add_argument("--megabytes", type=int, required=True, help="address space; 0 for no limit")
    parser.add_argument("--files", type=int, required=True, help="how many are read before the process ends")
    options = parser.parse_args()
    _die_with(options.owner)
    parse = load(options.parser)
    _limit(options.megabytes)
    if options.parser == "builtin":  # Docling starts threads, which count
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    # Whatever libraries print must not get between the frames.
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    write_frame(replies, READY)
    _serve(parse, sys.stdin.buffer, replies, options.seconds, options.files)


def _serve(parse: Parse, tasks: BinaryIO, replies: BinaryIO, seconds: float, files: int) -> None:
    for _ in range(files):
        head, data = read_frame(tasks), None
        if head is not None:
            data = read_frame(tasks)
        if head is None or data is None:
            return
        _allow_processor_time(seconds)
        result = _result(parse, data, Task.model_validate_json(head))
        write_frame(replies, result.model_dump_json().encode())
        if result.exhausted:
            return


def _result(parse: Parse, data: bytes, task: Task) -> Result:
    try:
        return Result(parsed=parse(data, task.media_type))
    except Unreadable as error:
        return Result(code=error.code, message=error.message)
    except MemoryError:
        return Result(exhausted=True)
    except Exception as error:  # a damaged file can break a reader in ways that nobody thought of
        damaged = broken(task.media_type.upper())
        return Result(code=damaged.code, message=damaged.message, failure=type(error).__name__)


def _die_with(owner: int) -> None:
    """Be killed when the owner dies, which only Linux does; elsewhere the closed pipe ends this process."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL))
    if os.getppid() != owner:  # it died before the setting took hold
        sys.exit(1)


def _limit(megabytes: int) -> None:
    """No core dumps, no files, few descriptors, and so much memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    if megabytes:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))


def _allow_processor_time(seconds: float) -> None:
    """From now on; the owner's clock ends what merely waits."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    allowed = math.ceil(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
