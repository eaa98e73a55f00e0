"""What the seeds name and we do not use: ADR 6 says of each what does its work, and that is so."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
import yaml
from runtime.installed import installed_services

from tests.contract.test_deploy_files import locked
from tools.paths import ROOT

TECHNOLOGIES: list[dict[str, Any]] = yaml.safe_load((ROOT / "tests/contract/technologies.yaml").read_text())
RECORD = ROOT / "docs/adr/0006-what-replaces-the-seeds-technologies.md"


@pytest.fixture(scope="module")
def named() -> list[str]:
    """The first cell of each row of the record."""
    lines = RECORD.read_text(encoding="utf-8").splitlines()
    return [line.split("|")[1].strip() for line in lines if line.startswith("| ")][1:]


@pytest.fixture(scope="module")
def installed() -> set[str]:
    """Every package in any image."""
    return {each for name in ("parley", *(f"parley-{one}" for one in installed_services())) for each in locked(name)}


@pytest.fixture(scope="module")
def asked_for() -> set[str]:
    """What the packages of the workspace depend on by name."""
    found = set[str]()
    for path in (*ROOT.glob("libs/*/pyproject.toml"), *ROOT.glob("services/*/pyproject.toml")):
        project = tomllib.loads(path.read_text())["project"]
        for needed in (project.get("dependencies", ()), *project.get("optional-dependencies", {}).values()):
            found |= {re.split(r"[\[<>=~; ]", each)[0] for each in needed}
    return found


def test_the_list_names_each_once_and_where() -> None:
    names = [each["name"] for each in TECHNOLOGIES]
    assert sorted(set(names)) == names
    assert all(set(each["seeds"]) <= {"000", "001", "002", "003", "004"} and each["seeds"] for each in TECHNOLOGIES)


@pytest.mark.parametrize("technology", TECHNOLOGIES, ids=lambda each: str(each["name"]))
def test_it_has_a_row_is_not_used_and_something_does_its_work(
    technology: dict[str, Any], named: list[str], installed: set[str], asked_for: set[str]
) -> None:
    word = re.compile(rf"(?<!\w){re.escape(technology['name'])}(?!\w)")
    assert any(word.search(row) for row in named), f"ADR 6 has no row for {technology['name']}"
    packages = set(technology.get("packages", ()))
    assert not packages & (installed | asked_for)
    missing = [each for each in technology["instead"] if each not in asked_for and not (ROOT / each).exists()]
    assert technology["instead"] and missing == []
