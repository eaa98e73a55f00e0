"""Checks that everything Parley needs to run may be used and passed on under Apache-2.0.

Walks what the packages of this workspace require, as it is installed here, with their extras and the markers
of this platform. Tools for development and testing are not passed on, and not walked.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.generated import arguments, report
from tools.paths import ROOT

ALLOWED = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "CNRI-Python", "HPND",
        "ISC", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PostgreSQL", "PSF-2.0", "Python-2.0", "Unlicense",
        "Zlib",
    }
)  # fmt: skip

EXCEPTIONS: Mapping[str, tuple[str, str]] = {
    "pypdfium2": ("(Apache-2.0 OR BSD-3-Clause) AND BSD-3-Clause", "LICENSES; those of PDFium in BUILD_LICENSES"),
    "wordllama": ("MIT", "LICENSE; an extra, and in no image"),
}
"""Distributions whose metadata does not say enough: the licence that their files name, and where."""

_NOT_PASSED_ON = frozenset({"dev", "test", "testing"})
"""Extras that are for our own tests."""

_CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "CMU License (MIT-CMU)": "MIT-CMU",
    "Historical Permission Notice and Disclaimer (HPND)": "HPND",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "PostgreSQL License": "PostgreSQL",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "zlib/libpng License": "Zlib",
    "GNU Affero General Public License v3": "AGPL-3.0-only",
    "GNU Affero General Public License v3 or later (AGPLv3+)": "AGPL-3.0-or-later",
    "GNU General Public License (GPL)": "GPL-1.0-or-later",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v2 (LGPLv2)": "LGPL-2.0-only",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL-2.0-or-later",
}
_LOOSE = {
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache license version 2.0": "Apache-2.0",
    "apache-2": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "mit license": "MIT",
    "the mit license": "MIT",
    "new bsd": "BSD-3-Clause",
    "psfl": "PSF-2.0",
    "postgresql license": "PostgreSQL",
}
"""How the free License field is written where nothing better is given."""


@dataclass(frozen=True)
class Verdict:
    """The licence of one distribution, as an SPDX expression, empty when it cannot be told."""

    name: str
    version: str
    expression: str

    @property
    def allowed(self) -> bool:
        """Some way of taking the expression consists of allowed licences only."""
        return bool(self.expression) and allowed(self.expression)

    def __str__(self) -> str:
        return f"{self.name} {self.version}: {self.expression or 'licence unknown'} is not on the list"


def workspace() -> list[str]:
    """The distributions that are built here."""
    names: list[str] = []
    for project in sorted([*ROOT.glob("libs/*/pyproject.toml"), *ROOT.glob("services/*/pyproject.toml")]):
        found = re.search(r'^name = "([^"]+)"', project.read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            names.append(canonicalize_name(found[1]))
    return names


def closure(roots: Iterable[str]) -> tuple[dict[str, Distribution], list[str]]:
    """What is needed to run `roots` with all their extras, and findings about what is not installed."""
    own = set(roots)
    todo = [(name, extra) for name in own for extra in ["", *_extras(name)]]
    seen: set[tuple[str, str]] = set()
    found: dict[str, Distribution] = {}
    missing: list[str] = []
    while todo:
        name, extra = todo.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            missing.append(f"{name}: is required and not installed, so its licence is unknown")
            continue
        for requirement in _requirements(found[name], extra):
            needed = canonicalize_name(requirement.name)
            todo += [(needed, each) for each in ["", *requirement.extras]]
    return {name: found[name] for name in sorted(found.keys() - own)}, sorted(set(missing))


def _extras(name: str) -> list[str]:
    try:
        extras = distribution(name).metadata.get_all("Provides-Extra") or []
    except PackageNotFoundError:
        return []
    return [extra for extra in extras if extra not in _NOT_PASSED_ON]


def _requirements(installed: Distribution, extra: str) -> Iterator[Requirement]:
    for text in installed.requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            yield requirement


def verdict(installed: Distribution) -> Verdict:
    """What an installed distribution says about itself, or what we found out about it."""
    name = canonicalize_name(installed.metadata["Name"])
    if name in EXCEPTIONS:
        return Verdict(name, installed.version, EXCEPTIONS[name][0])
    expressions, classifiers, fields = (
        installed.metadata.get_all(key) or [] for key in ("License-Expression", "Classifier", "License")
    )
    expression = classify("".join(expressions), classifiers, "".join(fields))
    return Verdict(name, installed.version, expression)


def classify(expression: str, classifiers: Iterable[str], field: str) -> str:
    """The SPDX expression that a distribution's metadata amounts to; empty when it cannot be told."""
    if expression:
        return _spdx(expression)
    names = [each.rsplit(" :: ", 1)[-1] for each in classifiers if each.startswith("License :: ")]
    named = [name for name in names if name not in {"OSI Approved", "DFSG approved"}]
    if named and all(name in _CLASSIFIERS for name in named):
        # Several classifiers do not say whether they are a choice: all of them have to be fine.
        return " AND ".join(sorted(_CLASSIFIERS[name] for name in named))
    if named:
        return ""
    text = field.strip()
    return _LOOSE.get(text.lower(), "") or (_spdx(text) if "\n" not in text else "")


def _spdx(text: str) -> str:
    try:
        return str(canonicalize_license_expression(text))
    except InvalidLicenseExpression:
        return ""


def allowed(expression: str) -> bool:
    """Whether an SPDX expression can be met with allowed licences: one side of an OR, both of an AND."""
    return _Expression(expression).value()


class _Expression:
    """A reader of `A AND (B OR C WITH D)`; AND binds tighter."""

    def __init__(self, text: str) -> None:
        self._tokens = re.findall(r"[()]|[^\s()]+", text)

    def value(self) -> bool:
        """The whole expression."""
        result = self._either()
        return result and not self._tokens

    def _either(self) -> bool:
        result = self._both()
        while self._taken("OR"):
            other = self._both()
            result = result or other
        return result

    def _both(self) -> bool:
        result = self._one()
        while self._taken("AND"):
            other = self._one()
            result = result and other
        return result

    def _one(self) -> bool:
        if self._taken("("):
            result = self._either()
            return self._taken(")") and result
        token = self._tokens.pop(0) if self._tokens else ""
        if self._taken("WITH"):
            self._tokens.pop(0)  # an exception only permits more
        return token in ALLOWED

    def _taken(self, token: str) -> bool:
        if self._tokens[:1] == [token]:
            del self._tokens[0]
            return True
        return False


def check() -> list[str]:
    """One line for each distribution that may not be passed on, or of which nobody can tell."""
    found, missing = closure(workspace())
    verdicts = [verdict(each) for each in found.values()]
    unneeded = [f"{name}: is an exception that nothing needs" for name in EXCEPTIONS.keys() - found.keys()]
    return [*missing, *(str(each) for each in verdicts if not each.allowed), *sorted(unneeded)]


def main() -> int:
    """The exit code: 1 when there are findings."""
    arguments(__doc__, can_write=False)
    return report(check())


if __name__ == "__main__":
    sys.exit(main())
