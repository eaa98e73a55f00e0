"""The process that works on documents: `python -m documents.workers.worker`, started and fed by `pool`.

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
from collections.abc import Callable
from datetime import date
from typing import BinaryIO

from contracts.envelope import Contract

from documents.parsed import Block, Parsed
from documents.parsing.errors import Unreadable
from documents.parsing.parsers import Parse, load
from documents.parsing.sniffing import sniff
from documents.understanding import gaps, refined, understood_from
from documents.workers.frames import READY, WAS_READ, read_frame, write_frame
from documents.workers.tasks import TASK, Compare, Outcome, Read, Refine, Task

_PR_SET_PDEATHSIG = 1
_OPEN_FILES = 64
_SOME_TEXT = Parsed(
    media_type="text",
    pages=1,
    blocks=(Block(kind="paragraph", text="Five years as a developer of payment services in Python."),),
)


def main() -> None:
    """Work until the owner closes its end or the last task is done."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--owner", type=int, required=True, help="process id of the owner")
    parser.add_argument("--parser", required=True)
    parser.add_argument("--seconds", type=float, required=True, help="processor time for each task")
    parser.add_argument("--megabytes", type=int, required=True, help="address space; 0 for no limit")
    parser.add_argument("--tasks", type=int, required=True, help="tasks before the process ends")
    options = parser.parse_args()
    _die_with(options.owner)
    parse = load(options.parser)
    # Loads word lists and language models while there are no limits.
    understood_from(_SOME_TEXT, "resume", date.today())
    _limit(options.megabytes)
    if options.parser == "builtin":  # Docling starts threads, which count
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    # Whatever libraries print must not get between the frames.
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    write_frame(replies, READY)
    _serve(parse, sys.stdin.buffer, replies, options.seconds, options.tasks)


def _serve(parse: Parse, tasks: BinaryIO, replies: BinaryIO, seconds: float, tasks_left: int) -> None:
    for _ in range(tasks_left):
        head, data = read_frame(tasks), None
        if head is not None:
            data = read_frame(tasks)
        if head is None or data is None:
            return
        _allow_processor_time(seconds)
        outcome, result = _carried_out(parse, TASK.validate_json(head), data, lambda: write_frame(replies, WAS_READ))
        write_frame(replies, outcome.model_dump_json().encode())
        if result is not None:
            write_frame(replies, result)
        if outcome.exhausted:
            return


def _carried_out(parse: Parse, task: Task, data: bytes, was_read: Callable[[], None]) -> tuple[Outcome, bytes | None]:
    try:
        return Outcome(), _result(parse, task, data, was_read).model_dump_json().encode()
    except Unreadable as error:
        return Outcome(code=error.code, message=error.message), None
    except MemoryError:
        return Outcome(exhausted=True), None
    except Exception as error:  # a document can break our code in ways that nobody thought of
        return Outcome(failure=type(error).__name__), None


def _result(parse: Parse, task: Task, data: bytes, was_read: Callable[[], None]) -> Contract:
    match task:
        case Read():
            parsed = parse(data, sniff(data, task.filename))
            was_read()
            return understood_from(parsed, task.kind, task.today)
        case Refine():
            return refined(task.kind, task.understanding, task.added, task.text)
        case Compare():
            return gaps(task.resume, task.chunks, task.job)


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
