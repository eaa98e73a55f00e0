"""What was released is named, can be had from history, and can be read by what is here."""

from __future__ import annotations

import json

import pytest
from contracts.registry import registered

from tools.base import git, release_commits
from tools.contracts import contract_problems, present_schemas
from tools.paths import ROOT, SCHEMAS

RELEASES = release_commits(ROOT)


def test_there_is_a_release_and_the_changelog_tells_of_each() -> None:
    told = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert RELEASES
    assert [version for version in RELEASES if f"\n## {version}\n" not in told] == []


@pytest.mark.parametrize("version", RELEASES)
def test_its_contracts_can_still_be_read(version: str) -> None:
    commit = RELEASES[version]
    listing = git(ROOT, "ls-tree", "--name-only", commit, f"{SCHEMAS.relative_to(ROOT).as_posix()}/")
    assert listing, (
        f"{version} is {commit}, which is not in this clone: fetch the whole history (a shallow clone has none)"
    )
    paths = [path for path in listing.splitlines() if path.endswith(".json")]
    schemas = {path.rsplit("/", 1)[1][:-5]: json.loads(git(ROOT, "show", f"{commit}:{path}") or "") for path in paths}
    assert len(schemas) > 50
    assert contract_problems(schemas, present_schemas()) == []
    assert set(registered()) <= set(present_schemas())


@pytest.mark.parametrize("version", RELEASES)
def test_its_migrations_are_the_beginning_of_ours(version: str) -> None:
    """A migration that a database has run must never change: the next one would build on something else."""
    commit = RELEASES[version]
    listing = git(ROOT, "ls-tree", "-r", "--name-only", commit, "services") or ""
    migrations = [path for path in listing.splitlines() if "/migrations/" in path and path.endswith(".py")]
    assert len(migrations) > 10
    for path in migrations:
        now = ROOT / path
        assert now.is_file(), f"{path} was released with {version}, and is gone"
        assert now.read_text(encoding="utf-8") == git(ROOT, "show", f"{commit}:{path}"), (
            f"{path} was released, and changed"
        )
