"""Commands as hooks: told, heard, and never waited for longer than they run."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest

from migrator.telemetry.hook_calls import HookFailed, call_function
from migrator.telemetry.hook_commands import run_command


def run(script: str, folder: Path, report: object = None, end: float | None = None) -> list[str]:
    lines: list[str] = []
    run_command(
        [sys.executable, "-c", script],
        {"schema": "migrator/hook/1", "filler": report},
        folder=folder,
        variables={"MIGRATOR_HOOK": "before_run"},
        printed=lines.append,
        end=end,
    )
    return lines


def test_it_is_told_on_its_input_and_in_its_environment(tmp_path: Path) -> None:
    script = (
        "import json, os, sys; print(json.load(sys.stdin)['schema'], os.environ['MIGRATOR_HOOK'], os.getcwd());"
        "print('beside', file=sys.stderr)"
    )
    assert sorted(run(script, tmp_path)) == ["beside", f"migrator/hook/1 before_run {tmp_path}"]


def test_a_report_that_nobody_reads_blocks_nobody(tmp_path: Path) -> None:
    assert run("print('done')", tmp_path, report="x" * 1_000_000) == ["done"]


def test_a_failure_is_told_with_the_last_lines(tmp_path: Path) -> None:
    with pytest.raises(HookFailed, match="exit code 3") as caught:
        run("import sys; [print(n) for n in range(100)]; sys.exit(3)", tmp_path)
    assert caught.value.output == tuple(str(n) for n in range(80, 100))


def test_the_signal_that_ended_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(HookFailed, match="ended by SIGKILL"):
        run("import os; os.kill(os.getpid(), 9)", tmp_path)


def test_a_child_in_the_background_is_not_waited_for(tmp_path: Path) -> None:
    began = time.monotonic()
    script = "import subprocess; subprocess.Popen(['sleep', '30']); print('started')"
    assert run(script, tmp_path) == ["started"]
    assert time.monotonic() - began < 15


def test_it_is_ended_with_its_children_when_the_time_is_over(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    script = (
        "import pathlib, subprocess; child = subprocess.Popen(['sleep', '60']);"
        f"pathlib.Path({str(pid)!r}).write_text(str(child.pid)); child.wait()"
    )
    with pytest.raises(HookFailed, match="no more time"):
        run(script, tmp_path, end=time.monotonic() + 4)
    end = time.monotonic() + 20
    while _is_alive(int(pid.read_text())):
        assert time.monotonic() < end
        time.sleep(0.02)


def _is_alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_what_is_no_program_is_said(tmp_path: Path) -> None:
    program = tmp_path / "broken"
    program.write_text("no shebang\x00")
    program.chmod(0o755)
    with pytest.raises(HookFailed, match="could not be started"):
        run_command([str(program)], {}, folder=tmp_path, variables={}, printed=print, end=None)


def test_a_function_gets_the_report_and_its_prints_are_heard() -> None:
    heard: list[str] = []
    told: list[object] = []

    def tell(report: dict[str, object]) -> None:
        told.append(report)
        print("one\ntwo", end="")

    call_function(tell, {"schema": "migrator/hook/1"}, printed=heard.append)
    assert (heard, json.dumps(told)) == (["one", "two"], '[{"schema": "migrator/hook/1"}]')


@pytest.mark.parametrize("error", [ValueError("no backup"), SystemExit("no backup")])
def test_a_function_that_raises_has_failed(error: BaseException) -> None:
    def tell(report: object) -> None:
        raise error

    with pytest.raises(HookFailed, match=f"{type(error).__name__}: no backup"):
        call_function(tell, {}, printed=print)
