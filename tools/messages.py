"""The contracts that are no events: questions, their answers, and what is said live."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import contracts
from contracts import Contract

_MODULES = frozenset({"asks", "health", "live"})
"""Names of the modules that hold them, in the packages of their owners."""


def ask_models() -> list[type[Contract]]:
    """All of them by module and name, and with them the classes that several questions share."""
    names = sorted(found.name for found in pkgutil.walk_packages(contracts.__path__, f"{contracts.__name__}."))
    modules = [importlib.import_module(name) for name in names if name.rpartition(".")[2] in _MODULES]
    return [
        model
        for module in modules
        for _, model in inspect.getmembers(module, inspect.isclass)
        if model.__module__ == module.__name__ and issubclass(model, Contract)
    ]
