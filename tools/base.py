"""The commit that work started from: the merge base with origin/main, else HEAD."""

from __future__ import annotations

import os
import subprocess
import tomllib
from pathlib import Path


def git(root: Path, *command: str) -> str | None:
    """What a git command says about the repository of `root`; None where it fails, or there is no git."""
    # A hook sets variables that would name another repository than that of `root`.
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(["git", "-C", str(root), *command], capture_output=True, text=True, check=False, env=env)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def base_of(root: Path) -> str:
    """The commit; empty without a repository or a commit yet."""
    base = git(root, "merge-base", "HEAD", "origin/main") or git(root, "rev-parse", "--verify", "HEAD")
    return (base or "").strip()


def at_base(root: Path, path: Path) -> str | None:
    """A file as it was committed there; None where it was not."""
    base = base_of(root)
    return git(root, "show", f"{base}:./{path.relative_to(root).as_posix()}") if base else None


def release_commits(root: Path) -> dict[str, str]:
    """The commit of each released version, oldest first, as `deploy/releases.toml` has them: a clone may lack tags."""
    path = root / "deploy/releases.toml"
    commits: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))["releases"] if path.exists() else {}
    return commits


def releases(root: Path) -> list[str]:
    """Released versions, oldest first, then tags of releases."""
    return [*release_commits(root), *(git(root, "tag", "--list", "v*", "--sort", "creatordate") or "").split()]
