"""The last release, from history and in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.base import release_commits
from tools.paths import ROOT


@dataclass(frozen=True)
class Release:
    """A version, where its code is, and its Python."""

    version: str
    root: Path

    @property
    def python(self) -> Path:
        """Of its environment."""
        return self.root / ".venv/bin/python"


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Made from its commit, with the packages that it locked. Without that commit it fails, and is not skipped."""
    version, commit = list(release_commits(ROOT).items())[-1]
    made = Release(version, tmp_path_factory.mktemp("release"))
    archive = subprocess.run(["git", "-C", ROOT, "archive", commit], capture_output=True, check=False)
    if archive.returncode:
        pytest.fail(f"{version} is {commit}, which is not in this clone: fetch the whole history")
    subprocess.run(["tar", "-x", "-C", made.root], input=archive.stdout, check=True)
    command = [Path(sys.executable).with_name("uv"), "sync", "--quiet", "--frozen", "--all-packages", "--all-extras"]
    own = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    subprocess.run([*command, "--python", sys.executable], cwd=made.root, env=own, check=True)
    return made
