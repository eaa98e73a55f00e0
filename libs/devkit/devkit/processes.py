"""Processes as tests look at them: any may end between two looks, and be a zombie until somebody asks how it ended."""

from __future__ import annotations

import psutil

_GONE = (psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied)


def command_of(process: psutil.Process) -> list[str]:
    """Its command line; nothing once it has ended."""
    try:
        return list(process.cmdline())
    except _GONE:
        return []


def lives(process: psutil.Process) -> bool:
    """Whether it runs; a zombie does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except _GONE:
        return False


def runs(pid: int) -> bool:
    """The same by its number."""
    try:
        return lives(psutil.Process(pid))
    except _GONE:
        return False


def children_running(word: str) -> list[psutil.Process]:
    """The processes that this one started, directly or not, with this word in their command line."""
    found = psutil.Process().children(recursive=True)
    return [each for each in found if word in " ".join(command_of(each)) and lives(each)]
