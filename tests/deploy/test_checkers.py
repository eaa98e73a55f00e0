"""Others' eyes: policies of checkov, hadolint, both clients of compose."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nats
import pytest
import yaml
from devkit.embedded.process import free_port
from runtime.installed import installed_services
from runtime.provision import ProvisionSettings

from tests.deploy.conftest import BIN, K8S, rendered_text
from tools.paths import ROOT

CHECKOV = ("tool", "run", "--quiet", "--from", "checkov==3.3.30", "checkov")


@pytest.mark.parametrize("overlay", ["staging", "production"])
def test_checkov_finds_nothing_but_what_is_excepted_with_a_reason(overlay: str, tmp_path: Path) -> None:
    (tmp_path / "rendered.yaml").write_text(rendered_text(K8S / "overlays" / overlay))
    # Without --skip-download it calls home.
    command = [BIN / "uv", *CHECKOV, "--config-file", K8S / "checkov.yaml", "-f", "rendered.yaml", "--skip-download"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_checkov_would_find_something(tmp_path: Path) -> None:
    text = rendered_text(K8S / "overlays/local").replace(
        "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false"
    )
    (tmp_path / "rendered.yaml").write_text(text)
    command = [BIN / "uv", *CHECKOV, "--config-file", K8S / "checkov.yaml", "-f", "rendered.yaml", "--skip-download"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "CKV_K8S_22" in done.stdout, done.stdout + done.stderr


def test_the_dockerfile_is_as_hadolint_wants_it() -> None:
    done = subprocess.run([BIN / "hadolint", "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("client", ["docker-compose 2", "docker-compose 1.29"])
def test_compose_reads_its_file(client: str) -> None:
    command = BIN / "docker-compose" if client.endswith("2") else shutil.which("docker-compose", path="/usr/bin")
    if command is None:
        pytest.skip("Debian's docker-compose 1.29 is not installed: the containers' tests use it where it is")
    done = subprocess.run([command, "config", "-q"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr


@pytest.fixture
def nats_of_kubernetes(secrets: dict[str, dict[str, str]], tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Where a server listens that was given the secret of NATS while passwords change, as a pod is; and that secret."""
    second = {f"NATS_PASSWORD_{name.upper()}_SECOND": '"20261201"' for name in installed_services()}
    held = secrets["parley-nats"] | second
    users = [sys.executable, "-m", "runtime", "nats-config", "--second"]
    (tmp_path / "users.conf").write_text(subprocess.run(users, capture_output=True, text=True, check=True).stdout)
    address = f"127.0.0.1:{free_port()}"
    (tmp_path / "nats.conf").write_text(f'listen: "{address}"\ninclude "users.conf"\n')
    command = [BIN / "nats-server", "-c", tmp_path / "nats.conf"]
    server = subprocess.Popen(command, env=os.environ | held, stderr=subprocess.DEVNULL)
    yield address, held
    server.terminate()
    server.wait()


async def test_nats_takes_both_logins_of_each_service(nats_of_kubernetes: tuple[str, dict[str, str]]) -> None:
    address, held = nats_of_kubernetes
    for name in installed_services():
        first = held[f"NATS_PASSWORD_{name.upper()}"].strip('"')
        for login in (f"{name}:{first}", f"{name}_second:20261201"):
            client = await nats.connect(f"nats://{login}@{address}", reconnect_time_wait=0.1)
            await client.close()
    with pytest.raises(nats.errors.Error):
        await nats.connect(f"nats://session:20261201@{address}", allow_reconnect=False)


def test_second_logins_are_those_of_every_service() -> None:
    """What services are given while passwords change is what `provision` and `nats-config --second` make."""
    command = [BIN / "docker-compose", "-f", "docker-compose.yml", "-f", "deploy/second-logins.yml"]
    held = {f"NATS_PASSWORD_{name.upper()}_SECOND": f"of-{name}" for name in installed_services()}
    environment = os.environ | held | {"SERVICE_DB_PASSWORD_SECOND": "of-the-roles", "COMPOSE_PROFILES": "proxy"}
    done = subprocess.run([*command, "config"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr
    services = yaml.safe_load(done.stdout)["services"]
    roles = {name for name in ProvisionSettings.model_fields if name.endswith("_second")}
    given = {name for name in services["provision"]["environment"] if name.endswith("_SECOND")}
    assert given == {name.upper() for name in roles}
    for name in (*installed_services(), "gateway-second"):
        own, seen = name.removesuffix("-second"), services[name]["environment"]
        assert (seen["NATS_USER"], seen["NATS_PASSWORD"]) == (f"{own}_second", f"of-{own}")
        if f"database_password_{own}_second" in roles:
            assert f"//parley_{own}_second:of-the-roles@" in seen["DATABASE_URL"]
    done = subprocess.run([*command, "config", "-q"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 0, "without passwords nothing starts"
