"""Where the time of a turn goes: samples of each service under load, by function."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from devkit.stack import Stack

from benchmarks import turn

SERVICES = ("gateway", "session", "interviewer", "coach")


async def profile(stack: Stack, seconds: float, sessions: int = 50) -> None:
    """Print, for each service, the share of its busy time by function (itself and with what it calls)."""
    with tempfile.TemporaryDirectory() as folder:
        async with turn.parley_turns(stack.url, sessions) as turns:
            pids = {name: stack.pid_of(turn.INSTANT.get(name, name)) for name in SERVICES}
            samplers = [_sample(pid, Path(folder) / name, seconds) for name, pid in pids.items()]
            measured = await turn.measure(turns, seconds + 2)
            for sampler in samplers:
                sampler.wait()
        print(f"{measured.per_second:.0f} turns/s under the profiler")
        for name in SERVICES:
            _print(name, (Path(folder) / name).read_text())


def _sample(pid: int | None, output: Path, seconds: float) -> subprocess.Popen[bytes]:
    command = [
        str(Path(sys.executable).parent / "py-spy"), "record", "-p", str(pid), "-d", str(int(seconds)), "-r", "250",
        "--gil", "-f", "raw", "-o", str(output),
    ]  # fmt: skip
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _print(name: str, stacks: str) -> None:
    own: Counter[str] = Counter()
    total: Counter[str] = Counter()
    samples = 0
    for line in stacks.splitlines():
        frames, _, count = line.rpartition(" ")
        functions = frames.split(";")
        samples += int(count)
        own[functions[-1]] += int(count)
        for function in set(functions):
            total[function] += int(count)
    print(f"\n{name}: {samples} busy samples; by function, itself")
    for function, count in own.most_common(14):
        print(f"  {count / samples:6.1%} {function}")
    print("  with what it calls")
    for function, count in total.most_common(60)[6:44]:
        print(f"  {count / samples:6.1%} {function}")
