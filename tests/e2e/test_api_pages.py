"""What the pages of the APIs show works as it stands there: curl, and JavaScript as a browser runs it."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path

import pytest
from devkit.stack import Stack

PAGES = Path(__file__).parents[2] / "docs/api"
HERE = "http://127.0.0.1:8000"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
NAMES = sorted(page.stem for page in PAGES.glob("*.md") if page.stem != "README")
RESUME = """Anne Example

Experience

Backend Developer, Northwind
2019 - Present
- Built it in Go.

Skills
Go, Python
"""
JOB = "Backend Engineer\n\nRequirements\n- At least 5 years of experience with Go\n"


def blocks(name: str) -> dict[str, str]:
    found = BLOCK.findall((PAGES / f"{name}.md").read_text(encoding="utf-8"))
    assert [kind for kind, _ in found] == ["sh", "js"]
    return dict(found)


async def output(folder: Path, *command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, errors = await asyncio.wait_for(process.communicate(), 90)
    assert process.returncode == 0, errors.decode()
    return said.decode()


def test_every_page_is_listed() -> None:
    index = (PAGES / "README.md").read_text(encoding="utf-8")
    assert NAMES and all(f"({name}.md)" in index for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
async def test_the_commands_of_a_page(stack: Stack, tmp_path: Path, name: str) -> None:
    (tmp_path / "resume.txt").write_text(RESUME)
    (tmp_path / "job.txt").write_text(JOB)
    script = blocks(name)["sh"].replace(HERE, stack.url)
    said = await output(tmp_path, "bash", "-euo", "pipefail", "-c", script)
    shown = [line for line in said.splitlines() if line.strip()]
    assert len(shown) >= 2 and "None" not in shown


@pytest.mark.parametrize("name", NAMES)
async def test_the_javascript_of_a_page(stack: Stack, tmp_path: Path, name: str) -> None:
    node = shutil.which("node")
    assert node, "Node.js is needed to run the documented clients"
    (tmp_path / "page.mjs").write_text(blocks(name)["js"].replace(HERE, stack.url))
    version = int((await output(tmp_path, node, "--version")).strip("v").partition(".")[0])
    sockets = ["--experimental-websocket"] if version < 22 else []
    said = (await output(tmp_path, node, *sockets, "page.mjs")).splitlines()
    assert sum(line.startswith("Interviewer:") for line in said) >= 3
    assert "judged" in said[-1], "the summary"
