"""Runs commands in turn, A B A B, and compares them: wall time and peak memory, as medians and ratios."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SCRIPTS = Path(sysconfig.get_path("scripts"))


@dataclass
class Contestant:
    """A command, and what has to be done before each run of it."""

    name: str
    command: Sequence[str]
    cwd: Path = field(default_factory=Path.cwd)
    prepare: Callable[[], None] = lambda: None
    env: Mapping[str, str] = field(default_factory=dict)
    allowed: tuple[int, ...] = (0,)
    seconds: list[float] = field(default_factory=list)
    mebibytes: list[float] = field(default_factory=list)

    def run(self, *, counted: bool) -> None:
        """Run once in a process of its own; a failure ends the benchmark."""
        self.prepare()
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in self.command],
            cwd=self.cwd,
            env={**os.environ, **self.env},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert process.stderr is not None
        complaint = process.stderr.read().decode(errors="replace")
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stderr.close()
        if process.returncode not in self.allowed:
            sys.exit(f"{self.name} exited with {process.returncode}:\n{complaint}")
        if counted:
            self.seconds.append(time.perf_counter() - started)
            self.mebibytes.append(_mebibytes(usage))


def _mebibytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024)


def compare(title: str, ours: Contestant, theirs: Contestant, *, runs: int, target: float | None = None) -> float:
    """Run both in turn, print a row for each and the ratio of ours to theirs, and return it."""
    for number in range(runs + 1):
        ours.run(counted=number > 0)
        theirs.run(counted=number > 0)
    print(f"\n{title}")
    for each in (ours, theirs):
        print(
            f"  {each.name:<44} {statistics.median(each.seconds):8.3f} s  "
            f"(min {min(each.seconds):.3f}, max {max(each.seconds):.3f})  {statistics.median(each.mebibytes):6.1f} MiB"
        )
    pairs = [mine / other for mine, other in zip(ours.seconds, theirs.seconds, strict=True)]
    ratio = statistics.median(pairs)
    wanted = "" if target is None else f"  (wanted: at most {target:.2f}: {'met' if ratio <= target else 'MISSED'})"
    memory = statistics.median(ours.mebibytes) / statistics.median(theirs.mebibytes)
    print(f"  ratio {ratio:.2f} in time, {memory:.2f} in memory{wanted}")
    return ratio
