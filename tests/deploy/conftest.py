"""Manifests as kustomize renders them. `make lint-deploy` runs these tests: they need its tools."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine import deselect
from tools.paths import ROOT

K8S = ROOT / "deploy/k8s"
BIN = Path(sys.executable).parent
RENDERED = sorted(
    path.parent for folder in ("overlays", "tests") for path in K8S.glob(f"{folder}/*/kustomization.yaml")
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without its tools they cannot run: `make lint-deploy` installs them, and asks for these tests by their folder."""
    if not (BIN / "kubectl").exists():
        deselect(config, items, Path(__file__).parent)


@pytest.fixture(scope="session")
def secrets() -> dict[str, dict[str, str]]:
    """What `secrets.sh` makes: the data of each secret."""
    made = subprocess.run([K8S / "secrets.sh"], capture_output=True, text=True, check=True).stdout
    return {each["metadata"]["name"]: each["stringData"] for each in yaml.safe_load_all(made) if each}


@cache
def rendered_text(folder: Path) -> str:
    """What `kubectl apply` would be given."""
    done = subprocess.run([BIN / "kubectl", "kustomize", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # A field of old that kustomize moves by itself today, and a merge that it cannot make, are said on standard error.
    assert not done.stderr, done.stderr
    return done.stdout


def rendered(folder: Path) -> list[dict[str, Any]]:
    """The same, read anew each time."""
    return list(yaml.safe_load_all(rendered_text(folder)))
