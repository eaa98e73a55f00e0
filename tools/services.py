"""The installed services, wired with their default settings but not running."""

from __future__ import annotations

import importlib
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import runtime
import structlog
from pydantic_settings import BaseSettings
from runtime.service import Service
from runtime.settings import RuntimeSettings

from tools.generated import notice

PLACEHOLDER = "a-placeholder-that-is-long-enough-for-any-secret"
"""Stands for settings that have no default: nothing is connected, so nobody reads it."""

_DEFINES_SETTINGS = re.compile(r"^class \w+\([^)]*Settings\b[^)]*\)", re.MULTILINE)


def installed_services() -> list[EntryPoint]:
    """The services of this environment by name. One without its code yet is left out, with a notice."""
    entries = sorted(entry_points(group="parley.services"), key=lambda entry: entry.name)
    present = []
    for entry in entries:
        if find_spec(entry.module) is None:
            notice(f"{entry.name}: is installed, but has no module {entry.module} yet: left out")
        else:
            present.append(entry)
    return present


def settings_classes(package: str) -> list[type[BaseSettings]]:
    """Every settings class that is defined in a package, by module and name."""
    found: dict[tuple[str, str], type[BaseSettings]] = {}
    for module in _modules(package):
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, BaseSettings) and value.__module__ == module.__name__:
                found[module.__name__, value.__name__] = value
    return [found[key] for key in sorted(found)]


def _modules(package: str) -> Iterator[ModuleType]:
    """Those that define a settings class; the others need not be imported to find it."""
    [folder] = map(Path, importlib.import_module(package).__path__)
    for path in sorted(folder.rglob("*.py")):
        if _DEFINES_SETTINGS.search(path.read_text(encoding="utf-8")):
            parts = path.relative_to(folder).with_suffix("").parts
            yield importlib.import_module(".".join([package, *(part for part in parts if part != "__init__")]))


def build(entry: EntryPoint) -> Service:
    """The service as its `main.build` wires it, whatever this process's environment says."""
    package = entry.module.split(".", 1)[0]
    main = importlib.import_module(entry.module)
    settings = getattr(importlib.import_module(f"{package}.settings"), f"{entry.name.title()}Settings")
    if not issubclass(settings, RuntimeSettings):
        raise TypeError(f"{settings.__name__} is no RuntimeSettings")
    with _only_defaults(settings_classes(package)), _quiet():
        service = main.build(settings())
    assert isinstance(service, Service)
    return service


@contextmanager
def _only_defaults(classes: list[type[BaseSettings]]) -> Iterator[None]:
    before = dict(os.environ)
    ours = [*classes, *settings_classes(runtime.__name__)]
    for name in [name for each in ours for name in each.model_fields]:
        for variable in (name, name.upper()):
            os.environ.pop(variable, None)
    for each in classes:
        for name, field in each.model_fields.items():
            if field.is_required():
                os.environ[name.upper()] = PLACEHOLDER
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _quiet() -> Iterator[None]:
    # Wiring a service sets up logging for the whole process.
    handlers, level = list(logging.getLogger().handlers), logging.getLogger().level
    try:
        yield
    finally:
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()
        logging.getLogger().handlers[:] = handlers
        logging.getLogger().setLevel(level)
