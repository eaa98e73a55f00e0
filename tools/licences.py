"""Checks that everything Parley needs to run may be used and passed on under Apache-2.0.

What that is, uv knows: the lock with all packages of this workspace and their extras, as far as this platform takes
them. Tools for development and testing are not passed on, and not looked at. `pip-licenses` would not do: it knows no
lock, passes over what is not installed, and is content when one of several licences is allowed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement

from tools.generated import arguments, report
from tools.paths import ROOT

ALLOWED = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0",
        "Zlib",
        # As classifiers and free text have it.
        "3-Clause BSD License", "Apache Software License", "MIT License", "Mozilla Public License 2.0 (MPL 2.0)",
        "Python Software Foundation License", "The Unlicense (Unlicense)",
    }
)  # fmt: skip

EXCEPTIONS: Mapping[str, str] = {
    "httpx": "BSD-3-Clause, by its LICENSE.md",
    "pypdfium2": "(Apache-2.0 OR BSD-3-Clause) AND BSD-3-Clause, by its LICENSES; those of PDFium in BUILD_LICENSES",
    "wordllama": "MIT, by its LICENSE; an extra, and in no image",
}
"""Distributions whose metadata does not say enough, and what their files say."""

_LOCKED = (
    "uv", "export", "--quiet", "--frozen", "--offline", "--all-packages", "--all-extras", "--no-extra=testing",
    "--no-dev", "--no-emit-workspace", "--no-hashes", "--no-header", "--no-annotate",
)  # fmt: skip


def needed() -> list[str]:
    """The distributions that this platform needs to run all packages of the workspace with all their extras."""
    done = subprocess.run([sys.executable, "-m", *_LOCKED], cwd=ROOT, check=True, capture_output=True, text=True)
    requirements = [Requirement(line) for line in done.stdout.splitlines() if line]
    return sorted({each.name for each in requirements if each.marker is None or each.marker.evaluate()})


def finding(name: str) -> str | None:
    """What keeps a distribution from being passed on."""
    try:
        metadata = distribution(name).metadata
    except PackageNotFoundError:
        return f"{name}: is required and not installed, so its licence is unknown"
    expressions, classifiers, fields = (
        metadata.get_all(key) or [] for key in ("License-Expression", "Classifier", "License")
    )
    named = licences("".join(expressions), classifiers, "".join(fields))
    if name in EXCEPTIONS or (named and named <= ALLOWED):
        return None
    return f"{name}: {', '.join(sorted(named)) or 'licence unknown'} is not on the list"


def licences(expression: str, classifiers: Iterable[str], field: str) -> frozenset[str]:
    """Every licence that a distribution names, in the best place where it names any. A choice is not made here."""
    classified = {each.rsplit(" :: ", 1)[-1] for each in classifiers if each.startswith("License :: ")}
    classified -= {"OSI Approved", "DFSG approved"}
    if classified and not expression:
        return frozenset(classified)
    parts = re.split(r"\bAND\b|\bOR\b|[()]", expression or field)
    return frozenset(part.strip() for part in parts if part.strip())


def check() -> list[str]:
    """One line for each distribution that may not be passed on, or of which nobody can tell."""
    names = needed()
    unneeded = [f"{name}: is an exception that nothing needs" for name in EXCEPTIONS if name not in names]
    return [*(found for name in names if (found := finding(name))), *unneeded]


def main() -> int:
    """The exit code: 1 when there are findings."""
    arguments(__doc__, can_write=False)
    return report(check())


if __name__ == "__main__":
    sys.exit(main())
