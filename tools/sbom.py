"""Writes what is in each image, as CycloneDX: `python -m tools.sbom DIR`.

From the lock file, by the same selection as the Dockerfile's: Python packages with their versions and hashes. What the
base image holds (Debian's packages, Python itself) is not in it; a scanner of images tells that.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from runtime.installed import installed_services

from tools.paths import ROOT

PROVISION = "provision"


def selection(image: str) -> list[str]:
    """What the Dockerfile installs for an image, as `uv` is told it."""
    if image == PROVISION:
        return ["--package", "parley"]
    return ["--package", f"parley-{image}", *(["--extra", "encoder"] if image == "documents" else [])]


def bill(image: str) -> str:
    """The bill of materials of an image. Raises CalledProcessError."""
    command = [str(Path(sys.executable).with_name("uv")), "export", "--quiet", "--frozen", "--no-dev"]
    command += ["--format", "cyclonedx1.5", *selection(image)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def main() -> int:
    """Write them all; the exit code."""
    if len(sys.argv) != 2:
        print(f"usage: {Path(sys.argv[0]).stem} DIR", file=sys.stderr)
        return 2
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for image in (*installed_services(), PROVISION):
        (folder / f"{image}.cdx.json").write_text(bill(image), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
