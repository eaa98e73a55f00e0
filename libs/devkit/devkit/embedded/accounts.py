"""Which user Postgres runs as when Parley is root, since Postgres refuses to be root itself."""

import ctypes
import os
import pwd
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from devkit.embedded.process import Account, EmbeddedServerError, current_account

_CLONE_NEWUSER = 0x10000000
_INSIDE = 65534
_STAND_INS = ("postgres", "nobody")
# Looked up before any fork: a child must not load libraries between fork and exec.
_unshare = getattr(ctypes.CDLL(None, use_errno=True), "unshare", None) if sys.platform == "linux" else None


def unprivileged_account(probe: Sequence[str]) -> Account:
    """The account to run Postgres under: this user, or for root a way to be somebody else.

    Root gets a user namespace in which it is called "nobody": the files stay root's and a private home stays
    readable. Where namespaces are forbidden (a container) root falls back to another user, who has to own the
    data and be able to reach it. `probe` is a harmless command of the program to run. Raises
    EmbeddedServerError if it does not succeed.
    """
    if os.getuid() != 0:
        return _checked(current_account(), probe)
    try:
        return _checked(replace(current_account(), enter=_enter_user_namespace), probe)
    except subprocess.SubprocessError:  # not allowed; only trying tells
        return _checked(_stand_in(), probe)


def give_to(folder: Path, account: Account) -> None:
    """Make `account` the owner of everything in `folder`, if this process is root and it is not so yet."""
    if os.getuid() != 0 or folder.stat().st_uid == account.uid:
        return
    for root, folders, files in os.walk(folder, topdown=False):
        for entry in (*folders, *files):
            os.chown(Path(root) / entry, account.uid, account.gid, follow_symlinks=False)
    os.chown(folder, account.uid, account.gid)  # last: says that all is done


def _checked(account: Account, probe: Sequence[str]) -> Account:
    try:
        result = _run_as(account, probe)
    except OSError as error:
        raise EmbeddedServerError(f"user {account.uid} cannot run {probe[0]}: {error.strerror}") from error
    if result.returncode != 0:  # a shared library is missing
        raise EmbeddedServerError(f"{probe[0]} does not run here: {result.stderr.strip()}")
    return account


def _run_as(account: Account, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="replace",
        cwd="/",
        user=account.uid if account.switch else None,
        group=account.gid if account.switch else None,
        extra_groups=[] if account.switch else None,
        preexec_fn=account.enter,
    )


def _stand_in() -> Account:
    for name in _STAND_INS:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(user.pw_uid, user.pw_gid, switch=True)
    raise EmbeddedServerError(f"Postgres refuses to be root, and there is no user {' or '.join(_STAND_INS)}")


def _enter_user_namespace() -> None:
    """Become a user without rights who owns root's files. Runs between fork and exec."""
    uid, gid = os.getuid(), os.getgid()
    if _unshare is None or _unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWUSER)")
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{_INSIDE} {uid} 1")
    _write("/proc/self/gid_map", f"{_INSIDE} {gid} 1")


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
