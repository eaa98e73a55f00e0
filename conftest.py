"""Fixtures for all tests, and how what is random can be had again."""

from __future__ import annotations

import ast
import gc
import os
import random
from collections.abc import Iterator

import pytest
from hypothesis import settings

pytest_plugins = ["devkit.fixtures"]

# A failing example can be run again as it was; how long one takes says more about the machine than about the code.
settings.register_profile("parley", print_blob=True, deadline=None)
settings.load_profile("parley")


def pytest_configure() -> None:
    """One seed for a run, which its worker processes inherit."""
    os.environ.setdefault("TEST_SEED", str(random.SystemRandom().randrange(10**6)))
    os.environ["ENV_FILE"] = ""  # a developer's own settings are no part of a test


@pytest.fixture(autouse=True)
def _seeded(request: pytest.FixtureRequest) -> None:
    """What a test takes from `random` depends on the seed and on its name, and on no other test."""
    seed = os.environ["TEST_SEED"]
    random.seed(f"{seed} {request.node.nodeid}")
    request.node.add_report_section("setup", "seed", f"TEST_SEED={seed} draws the same from `random` again")


@pytest.fixture(autouse=True)
def _no_collection(request: pytest.FixtureRequest) -> Iterator[None]:
    """No garbage is collected where a test builds syntax trees. Python 3.11 fails with "AST constructor recursion depth
    mismatch" when a collection runs Python code meanwhile, as hypothesis does to measure it."""
    if getattr(request.module, "ast", None) is not ast:
        yield
        return
    gc.disable()
    yield
    gc.enable()
