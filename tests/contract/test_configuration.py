"""`docs/configuration.md` says what can be set, all of it, and no secret."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from runtime.settings import read_env_file

from tools import configuration
from tools.paths import ROOT

Tool = Callable[..., CompletedProcess[str]]
SEED_NAMES = {
    "ALLOWED_ORIGINS", "ASSEMBLYAI_API_KEY", "DATABASE_URL", "GOOGLE_API_KEY", "HOST", "JWT_SECRET",
    "LLM_API_KEY", "LOG_LEVEL", "PORT", "REDIS_URL", "SERPER_API_KEY", "STORAGE_PATH", "SUPABASE_JWT_SECRET",
    "SUPABASE_SERVICE_KEY", "SUPABASE_URL", "USE_MOCK_AUTH",
}  # fmt: skip


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs/configuration.md").read_text(encoding="utf-8")


def rows(page: str) -> Iterator[list[str]]:
    for line in page.splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def test_page_is_current_and_describes_every_setting(tool: Tool) -> None:
    done = tool("configuration", "--check")
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_environment_of_the_caller_changes_nothing(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://someone:hidden@elsewhere/db")
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    assert tool("configuration", "--check").returncode == 0


def test_every_name_of_the_seeds_is_there(page: str) -> None:
    assert {row[0].strip("`") for row in rows(page)} >= SEED_NAMES


def test_no_secret_has_a_default_on_the_page(page: str) -> None:
    secrets = [row for row in rows(page.split("## Names from the seeds")[0]) if "PASSWORD" in row[0]]
    secrets += [row for row in rows(page) if row[0] in {"`JWT_SECRET`", "`JWT_SECRET_PREVIOUS`"} and len(row) > 3]
    assert secrets
    assert {row[1] for row in secrets} <= {"", "required", "not shown", "001"}
    assert not re.search(r"://[^/@`\s]*:[^/@`\s]+@", page)


def test_every_variable_that_the_libraries_read_is_there(root: Path, page: str) -> None:
    named = {row[0].strip("`") for row in rows(page)}
    read = {
        name
        for path in (root / "libs").rglob("*.py")
        if "tests" not in path.parts
        for name in variables(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert read
    assert read <= named


def variables(tree: ast.AST) -> Iterator[str]:
    """Literal names in `os.environ[...]` and `os.environ.get(...)`."""
    for node in ast.walk(tree):
        key: ast.expr | None = None
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            key = node.slice
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"os.environ.get", "os.getenv"}:
            key = node.args[0]
        if isinstance(key, ast.Constant):
            yield str(key.value)


def test_the_example_of_an_env_file_names_only_what_is_read() -> None:
    text = (ROOT / ".env.example").read_text()
    named = re.findall(r"^#? ?([A-Z_]+)=", text, re.MULTILINE)
    found, _ = configuration.collect()
    known = {each.name.upper() for each in found} | {"PORT", "DATA_DIR"}
    compose = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert len(named) > 20
    assert [name for name in named if name not in known | compose] == []
    # As it is, it sets nothing.
    assert [line for line in text.splitlines() if line and not line.startswith("#")] == []


def test_an_env_file_is_read_and_the_environment_counts_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("ENV_FILE", "WORKERS", "LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".env").write_text('WORKERS=7\nLOG_LEVEL="DEBUG"\n')
    with monkeypatch.context() as patched:
        patched.setenv("LOG_LEVEL", "ERROR")
        patched.setenv("WORKERS", "")  # so that it is taken away again
        patched.delenv("WORKERS")
        read_env_file()
        assert (os.environ["WORKERS"], os.environ["LOG_LEVEL"]) == ("7", "ERROR")
        del os.environ["WORKERS"]
        patched.setenv("ENV_FILE", "")
        read_env_file()
        assert "WORKERS" not in os.environ
