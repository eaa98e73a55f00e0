"""Which statuses of errors the gateway's operations can end in, read from its code.

Follows the calls of a route's handler, and of each dependency, through the gateway: names by their imports, methods by
the annotations of parameters and attributes. What it cannot resolve it leaves out, so that it finds too little rather
than too much; the end-to-end tests compare every answer with the description as well (`tools.conformance`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

PROBLEM = "gateway.problems:Problem"
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def _runs_later(function: _Function) -> bool:
    """Whether it makes the body of an answer: what happens in there comes behind the status."""
    return function.returns is not None and ast.unparse(function.returns).startswith("AsyncGenerator")


@dataclass
class Module:
    """A module's names: what it defines, and what its imports stand for."""

    name: str
    tree: ast.Module
    defined: dict[str, ast.AST] = field(default_factory=dict)
    imported: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for node in self.tree.body:
            if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
                self.defined[node.name] = node
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.defined[node.targets[0].id] = node.value
        for each in ast.walk(self.tree):
            if isinstance(each, ast.ImportFrom) and each.module:
                for alias in each.names:
                    self.imported[alias.asname or alias.name] = f"{each.module}:{alias.name}"


class Code:
    """The code of a package; a name is `module:name`, of a method `module:Class.name`."""

    def __init__(self, root: Path, package: str = "gateway") -> None:
        self.modules: dict[str, Module] = {}
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            self.modules[name] = Module(name, ast.parse(path.read_text(encoding="utf-8")))

    def statuses(self, name: str) -> set[int]:
        """What a function, and all that it calls, may refuse with."""
        return self._reached(name, set())

    def _reached(self, name: str, seen: set[str]) -> set[int]:
        if name in seen:
            return set()
        seen.add(name)
        function = self._function(name)
        if function is None or _runs_later(function):
            return set()
        return self._of_body(Scope(self, name, function), function.body, seen)

    def _of_body(self, scope: Scope, body: list[ast.stmt], seen: set[str]) -> set[int]:
        found: set[int] = set()
        for node in body:
            found |= self._of_node(scope, node, seen)
        return found

    def _of_node(self, scope: Scope, node: ast.AST, seen: set[str]) -> set[int]:
        if isinstance(node, ast.Try):
            caught = self._caught(scope, (each.type for each in node.handlers))
            inner = self._of_body(scope, node.body, seen) - caught
            rest = [*node.orelse, *node.finalbody, *(each for handler in node.handlers for each in handler.body)]
            return inner | self._of_body(scope, rest, seen)
        found: set[int] = set()
        if isinstance(node, ast.Call):
            callee = scope.callee(node.func)
            found |= self._raised(scope, callee, node) if callee else set()
            found |= self._reached(callee, seen) if callee else set()
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name):
            raised = scope.resolve(node.exc.id)
            found |= self._raised(scope, raised, None) if raised else set()
        for child in ast.iter_child_nodes(node):
            found |= self._of_node(scope, child, seen)
        if isinstance(node, ast.With | ast.AsyncWith):
            suppressed = [
                argument
                for item in node.items
                if isinstance(item.context_expr, ast.Call) and ast.unparse(item.context_expr.func).endswith("suppress")
                for argument in item.context_expr.args
            ]
            found -= self._caught(scope, suppressed)
        return found

    def _raised(self, scope: Scope, name: str, call: ast.Call | None) -> set[int]:
        """The statuses of an error that is made: of the class itself the number that it is given."""
        if name == PROBLEM:
            return scope.numbers(call.args[0]) if call and call.args else set()
        return {self.status_of(name)} - {0} if PROBLEM in self.bases(name) else set()

    def _caught(self, scope: Scope, types: Iterator[ast.expr | None] | list[ast.expr]) -> set[int]:
        caught: set[int] = set()
        for each in types:
            for part in each.elts if isinstance(each, ast.Tuple) else [each]:
                name = scope.resolve(part.id) if isinstance(part, ast.Name) else None
                if part is None or name == PROBLEM or (isinstance(part, ast.Name) and part.id == "Exception"):
                    return set(range(400, 600))
                if name and PROBLEM in self.bases(name):
                    caught.add(self.status_of(name))
        return caught

    def status_of(self, name: str) -> int:
        """The status of a kind of Problem; 0 where it has none of its own."""
        for each in (name, *self.bases(name)):
            found = self._class(each)
            for node in ast.walk(found) if found else ():
                if isinstance(node, ast.AnnAssign | ast.Assign) and ast.unparse(node).startswith("code"):
                    return int(ast.literal_eval(node.value)) if node.value else 0
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__" and node.args:
                    first = node.args[0]
                    if isinstance(first, ast.Constant):
                        return int(first.value)  # type: ignore[arg-type]
        return 0

    def bases(self, name: str) -> list[str]:
        """The classes that a class derives from, nearest first."""
        found = self._class(name)
        direct = (
            [self.resolve(_module_of(name), base.id) for base in found.bases if isinstance(base, ast.Name)]
            if found
            else []
        )
        return [each for base in direct if base for each in (base, *self.bases(base))]

    def method(self, owner: str, name: str) -> str | None:
        """Where a class has a method from."""
        for each in (owner, *self.bases(owner)):
            if self._function(f"{each}.{name}"):
                return f"{each}.{name}"
        return None

    def attribute(self, owner: str, name: str) -> str | None:
        """The class of an attribute, by its annotation or by what `__init__` puts there."""
        for each in (owner, *self.bases(owner)):
            found, module = self._class(each), _module_of(each)
            for node in found.body if found else ():
                if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
                    return self.type_of(module, node.annotation)
            initial = self._function(f"{each}.__init__")
            for inner in ast.walk(initial) if initial else ():
                if isinstance(inner, ast.Assign) and ast.unparse(inner.targets[0]) == f"self.{name}":
                    return Scope(self, f"{each}.__init__", initial).type_of(inner.value)  # type: ignore[arg-type]
        return None

    def type_of(self, module: str, annotation: ast.expr | None) -> str | None:
        """The class of ours that an annotation names, alone or beside None, or in a generic that wraps it."""
        match annotation:
            case ast.Name(id=name):
                found = self.resolve(module, name)
                node = self._node(found) if found else None
                if isinstance(node, ast.Subscript | ast.BinOp):  # an alias
                    return self.type_of(_module_of(found or ""), node)
                return found if isinstance(node, ast.ClassDef) else None
            case ast.BinOp(left=left, right=right):
                return self.type_of(module, left) or self.type_of(module, right)
            case ast.Subscript(slice=ast.Tuple(elts=[first, *_])) | ast.Subscript(slice=first):
                return self.type_of(module, first)
        return None

    def resolve(self, module: str, name: str) -> str | None:
        """The full name of what a module calls so."""
        known = self.modules.get(module)
        if known is None:
            return None
        if name in known.defined:
            return f"{module}:{name}"
        found = known.imported.get(name)
        if found is None or found.partition(":")[0] not in self.modules:
            return None
        return found if self._node(found) is not None else self.resolve(*found.split(":"))

    def _node(self, name: str) -> ast.AST | None:
        module, _, inner = name.partition(":")
        first, _, method = inner.partition(".")
        node = self.modules[module].defined.get(first) if module in self.modules else None
        if not method or not isinstance(node, ast.ClassDef):
            return node if not method else None
        return next((each for each in node.body if isinstance(each, _FUNCTIONS) and each.name == method), None)

    def _function(self, name: str) -> _Function | None:
        node = self._node(name)
        return node if isinstance(node, _FUNCTIONS) else None

    def _class(self, name: str) -> ast.ClassDef | None:
        node = self._node(name)
        return node if isinstance(node, ast.ClassDef) else None


@dataclass
class Scope:
    """The names within one function."""

    code: Code
    name: str
    function: _Function

    @property
    def module(self) -> str:
        """The module that the function stands in."""
        return _module_of(self.name)

    @cached_property
    def _types(self) -> dict[str, str | None]:
        arguments = self.function.args
        known = {
            each.arg: self.code.type_of(self.module, each.annotation)
            for each in (*arguments.args, *arguments.kwonlyargs)
        }
        owner = self.name.rpartition(".")[0] if "." in self.name.partition(":")[2] else None
        return known | ({"self": owner} if owner else {})

    def type_of(self, node: ast.expr) -> str | None:
        """The class of an expression."""
        match node:
            case ast.Name(id=name):
                return self._types.get(name) or self._assigned(name)
            case ast.Await(value=value):
                return self.type_of(value)
            case ast.Attribute(value=value, attr=attr):
                owner = self.type_of(value)
                return self.code.attribute(owner, attr) if owner else None
            case ast.Call(func=func):
                callee = self.callee(func)
                if callee is None or callee.endswith(".__init__"):
                    return callee and callee.removesuffix(".__init__")
                found = self.code._function(callee)
                return self.code.type_of(_module_of(callee), found.returns) if found else callee
        return None

    def _assigned(self, name: str) -> str | None:
        for node in ast.walk(self.function):
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
                value = node.value
            elif isinstance(node, ast.withitem) and node.optional_vars and ast.unparse(node.optional_vars) == name:
                value = node.context_expr
            else:
                continue
            if not any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(value)):
                return self.type_of(value)
        return None

    def callee(self, node: ast.expr) -> str | None:
        """The full name of what is called."""
        match node:
            case ast.Name(id=name):
                return self.resolve(name)
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if name in self._modules:
                return f"{self._modules[name]}:{attr}"
            case ast.Attribute(value=value, attr=attr):
                owner = self.type_of(value)
                return self.code.method(owner, attr) if owner else None
        return None

    @cached_property
    def _modules(self) -> dict[str, str]:
        imported = self.code.modules[self.module].imported
        spelled = {name: found.replace(":", ".") for name, found in imported.items()}
        return {name: found for name, found in spelled.items() if found in self.code.modules}

    def resolve(self, name: str) -> str | None:
        """The full name of what the function calls so."""
        return self.code.resolve(self.module, name)

    def numbers(self, node: ast.expr) -> set[int]:
        """The statuses that an expression may come to."""
        if isinstance(node, ast.Name):
            values = [
                each.value
                for each in ast.walk(self.function)
                if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == node.id
            ]
            return {number for value in values for number in self.numbers(value)}
        found = {each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and type(each.value) is int}
        return {number for number in found if 400 <= number < 600}


def _module_of(name: str) -> str:
    return name.partition(":")[0]
