"""Writes what is in each image, as CycloneDX: `python -m tools.sbom DIR`.

From the lock file, by the same selection as the Dockerfile's: Python packages with their versions and hashes. Debian's
packages are those of the base image, as its own `dpkg-query` says where a container engine has it; the Dockerfile adds
none. Without one they are left out, and the bill says so.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from runtime.installed import installed_services

from tools.paths import ROOT

PROVISION = "provision"
BASE = "python:3.11-slim"
"""What the Dockerfile begins with."""
DEBIAN = "parley:debian-packages"
"""The property of a bill that says where its Debian packages are from, or why there are none."""


def selection(image: str) -> list[str]:
    """What the Dockerfile installs for an image, as `uv` is told it."""
    if image == PROVISION:
        return ["--package", "parley"]
    return ["--package", f"parley-{image}", *(["--extra", "encoder"] if image == "documents" else [])]


def debian_packages() -> list[dict[str, str]]:
    """Those of the base image; none where no container engine has it."""
    engine = shutil.which("docker")
    if (
        engine is None
        or subprocess.run([engine, "image", "inspect", BASE], capture_output=True, check=False).returncode
    ):
        return []
    fields = r"${Package}\t${Version}\t${Architecture}\n"
    command = [engine, "run", "--rm", "--network", "none", "--entrypoint", "dpkg-query", BASE, "-W", "-f", fields]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return [_debian_package(*line.split("\t")) for line in lines]


def _debian_package(name: str, version: str, architecture: str) -> dict[str, str]:
    address = f"pkg:deb/debian/{quote(name)}@{quote(version)}?arch={architecture}"
    return {"type": "library", "bom-ref": address, "name": name, "version": version, "purl": address}


def bill(image: str, debian: Sequence[dict[str, str]] = ()) -> str:
    """The bill of materials of an image, with these packages of Debian's. Raises CalledProcessError."""
    command = [str(Path(sys.executable).with_name("uv")), "export", "--quiet", "--frozen", "--no-dev"]
    command += ["--format", "cyclonedx1.5", *selection(image)]
    exported = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found: dict[str, Any] = json.loads(exported)
    found["components"] += debian
    told = f"as dpkg-query of {BASE} has them" if debian else f"left out: no container engine had {BASE}"
    found["metadata"].setdefault("properties", []).append({"name": DEBIAN, "value": told})
    return json.dumps(found, indent=2) + "\n"


def main() -> int:
    """Write them all; the exit code."""
    if len(sys.argv) != 2:
        print(f"usage: {Path(sys.argv[0]).stem} DIR", file=sys.stderr)
        return 2
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    debian = debian_packages()
    if not debian:
        print(f"Debian's packages are left out: no container engine has {BASE}", file=sys.stderr)
    for image in (*installed_services(), PROVISION):
        (folder / f"{image}.cdx.json").write_text(bill(image, debian), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
