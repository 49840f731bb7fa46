"""Hooks through the command line: what they are told, what they can stop, and what they cannot."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from projects import EXECUTABLE, TinyProject, clean_environment

from migrator.database.connecting import connect
from migrator.profiles.model import Profile

RECORD = """#!/bin/sh
# Writes down what it is told; the moment in $FAIL_AT fails.
echo "$MIGRATOR_HOOK $MIGRATOR_REVISION $MIGRATOR_OUTCOME" >> calls
cat >> reports
echo >> reports
if [ "$MIGRATOR_HOOK" = "$FAIL_AT" ]; then
  echo "no space on the backup device"
  exit 3
fi
"""
OPEN_TRANSACTIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"
)
ALL = {f"MIGRATOR_{name}": "./record.sh" for name in ("BEFORE_RUN", "AFTER_RUN", "BEFORE_REVISION", "AFTER_REVISION")}


@pytest.fixture
def hooked(project: TinyProject, local_database: Profile) -> TinyProject:
    """Two pending revisions and a script that can be any hook."""
    project.use(local_database)
    project.revision("r1")
    project.revision("r2")
    script(project, "record.sh", RECORD)
    return project


def script(project: TinyProject, name: str, text: str) -> None:
    (project.root / name).write_text(text)
    (project.root / name).chmod(0o755)


def calls(project: TinyProject) -> list[str]:
    path = project.root / "calls"
    return [line.rstrip() for line in path.read_text().splitlines()] if path.exists() else []


def reports(project: TinyProject) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (project.root / "reports").read_text().splitlines() if line]


def rows(profile: Profile) -> list[Any]:
    with connect(profile) as connection:
        if connection.fetch("SELECT 1 FROM pg_class WHERE relname = 'alembic_version'") == []:
            return []
        return [row[0] for row in connection.fetch("SELECT version_num FROM alembic_version")]


def test_all_four_are_called_in_their_order_with_the_report(hooked: TinyProject, local_database: Profile) -> None:
    done = hooked.run("upgrade", env=ALL)
    assert done.returncode == 0, done.stderr
    assert calls(hooked) == [
        "before_run",
        "before_revision r1",
        "after_revision r1 done",
        "before_revision r2",
        "after_revision r2 done",
        "after_run  done",
    ]
    told = reports(hooked)
    assert {each["schema"] for each in told} == {"migrator/hook/1"}
    assert told[0] | {"time": ""} == {
        "schema": "migrator/hook/1",
        "hook": "before_run",
        "time": "",
        "direction": "upgrade",
        "target": "heads",
        "profile": "local",
        "location": local_database.location,
        "steps": 2,
        "applied": [],
        "revision": None,
        "outcome": None,
        "seconds": None,
        "error": None,
    }
    assert told[3]["revision"] == {
        "revision": "r2",
        "doc": "create r2",
        "number": 2,
        "steps": 2,
        "outcome": None,
        "seconds": None,
    }
    assert [each["revision"] for each in told[5]["applied"]] == ["r1", "r2"]
    assert told[5]["outcome"] == "done"


def test_with_nothing_to_do_none_is_called(hooked: TinyProject) -> None:
    assert hooked.run("upgrade").returncode == 0
    assert hooked.run("upgrade", env=ALL).returncode == 0
    assert calls(hooked) == []


def test_a_failing_before_run_stops_the_run(hooked: TinyProject, local_database: Profile) -> None:
    done = hooked.run("upgrade", env={**ALL, "FAIL_AT": "before_run"})
    assert done.returncode == 7, done.stderr
    assert "the before_run hook ./record.sh failed: exit code 3" in done.stderr
    assert "  - no space on the backup device" in done.stderr
    assert "Database: nothing was applied" in done.stderr
    assert calls(hooked) == ["before_run", "after_run  failed"]
    assert reports(hooked)[-1]["error"]["exit_code"] == 7
    assert rows(local_database) == []


def test_a_failing_before_revision_stops_before_that_revision(hooked: TinyProject, local_database: Profile) -> None:
    script(hooked, "only_r1.sh", '#!/bin/sh\ntest "$MIGRATOR_REVISION" = r1\n')
    done = hooked.run("upgrade", env={**ALL, "MIGRATOR_BEFORE_REVISION": "./only_r1.sh"})
    assert done.returncode == 8, done.stderr
    assert "the before_revision hook ./only_r1.sh before r2 failed: exit code 1" in done.stderr
    assert "r1 applied before; no further revision was begun" in done.stderr
    assert calls(hooked) == ["before_run", "after_revision r1 done", "after_run  partly_applied"]
    assert rows(local_database) == ["r1"]


@pytest.mark.parametrize("moment", ["after_revision", "after_run"])
@pytest.mark.parametrize("quiet", [[], ["--quiet"]], ids=["", "quiet"])
def test_a_failing_hook_afterwards_is_a_warning(
    moment: str, quiet: list[str], hooked: TinyProject, local_database: Profile
) -> None:
    done = hooked.run("upgrade", *quiet, env={**ALL, "FAIL_AT": moment})
    assert done.returncode == 0, done.stderr
    warning = f"Warning: {moment} hook ./record.sh failed: exit code 3\n  no space on the backup device\n"
    assert warning in done.stderr
    assert (f"{moment}: no space" in done.stderr) == (not quiet)
    assert rows(local_database) == ["r2"]


def test_a_failed_revision_is_told_to_its_hook_and_to_the_run_s(hooked: TinyProject) -> None:
    hooked.revision("r3", 'op.execute("SELECT * FROM nowhere")', "pass")
    done = hooked.run("upgrade", env=ALL)
    assert done.returncode == 8, done.stderr
    assert calls(hooked)[-3:] == ["before_revision r3", "after_revision r3 partly_applied", "after_run  partly_applied"]
    error = reports(hooked)[-1]["error"]
    assert (error["kind"], error["exit_code"]) == ("PartlyApplied", 8)
    assert "nowhere" in error["message"]


@pytest.mark.parametrize("written", ["./missing.sh", "python:json", "python:no_such_package_of_ours:tell"])
def test_a_hook_that_does_not_exist_stops_before_anything_runs(
    written: str, hooked: TinyProject, local_database: Profile
) -> None:
    done = hooked.run("upgrade", env={"MIGRATOR_AFTER_REVISION": written})
    assert done.returncode == 3, done.stderr
    assert f"the after_revision hook `{written}`" in done.stderr
    assert "Where: MIGRATOR_AFTER_REVISION" in done.stderr
    assert rows(local_database) == []


def test_output_and_report_hold_no_secret(hooked: TinyProject, local_database: Profile) -> None:
    hooked.use(local_database, DB_PASS="s3cret-of-ours", MIGRATOR_BEFORE_RUN="./leak.sh")
    script(hooked, "leak.sh", '#!/bin/sh\necho "env: [$DB_PASS]"; echo it is s3cret-of-ours; cat; exit 1\n')
    done = hooked.run("upgrade", env={"DB_PASS": "s3cret-of-ours"})
    assert done.returncode == 7, done.stderr
    assert "before_run: env: []" in done.stderr
    assert "before_run: it is ***" in done.stderr
    assert "s3cret" not in done.stderr + done.stdout


def test_the_output_stays_out_of_the_result(hooked: TinyProject) -> None:
    done = hooked.run("upgrade", "--format", "json", env={"MIGRATOR_BEFORE_RUN": "echo hello there"})
    assert done.json["outcome"] == "done"
    told = [json.loads(line) for line in done.stderr.splitlines()]
    (printed,) = [each for each in told if each["event"] == "hook_printed"]
    assert (printed["hook"], printed["line"]) == ("before_run", "hello there")


def test_a_python_function_of_the_project_is_a_hook(hooked: TinyProject, local_database: Profile) -> None:
    (hooked.root / "ours.py").write_text(
        "def tell(report):\n"
        "    print('about to run', report['revision']['revision'])\n"
        "    if report['revision']['revision'] == 'r2':\n"
        "        raise RuntimeError('not on a Friday')\n"
    )
    done = hooked.run("upgrade", env={"MIGRATOR_BEFORE_REVISION": "python:ours:tell"})
    assert done.returncode == 8, done.stderr
    assert "before_revision: about to run r1" in done.stderr
    assert "failed: RuntimeError: not on a Friday" in done.stderr
    assert rows(local_database) == ["r1"]


def test_an_installed_package_offers_hooks(hooked: TinyProject, tmp_path: Path) -> None:
    site = tmp_path / "site"
    meta = site / "ours-1.0.dist-info"
    meta.mkdir(parents=True)
    (site / "ours_installed.py").write_text("def tell(report):\n    print('installed', report['hook'])\n")
    (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: ours\nVersion: 1.0\n")
    (meta / "entry_points.txt").write_text(
        "[migrator.hooks]\nbefore_run = ours_installed:tell\nafter_run = ours_installed:tell\n"
    )
    done = hooked.run("upgrade", env={"PYTHONPATH": str(site), "MIGRATOR_BEFORE_RUN": "echo configured"})
    assert done.returncode == 0, done.stderr
    heard = [line for line in done.stderr.splitlines() if line.startswith(("before_run", "after_run"))]
    assert heard == ["before_run: installed before_run", "before_run: configured", "after_run: installed after_run"]


def test_no_transaction_is_open_while_a_revision_s_hook_runs(hooked: TinyProject, local_database: Profile) -> None:
    (hooked.root / "ours.py").write_text(
        "import os, psycopg\n"
        "def look(report):\n"
        "    with psycopg.connect(os.environ['LOOK'], autocommit=True) as connection:\n"
        "        open_ = connection.execute(os.environ['QUERY']).fetchone()[0]\n"
        "    print('open transactions:', open_)\n"
    )
    where = f"host={local_database.host} dbname={local_database.database} user={local_database.user}"
    if local_database.port:
        where += f" port={local_database.port}"
    hooks = {"MIGRATOR_BEFORE_REVISION": "python:ours:look", "MIGRATOR_AFTER_REVISION": "python:ours:look"}
    done = hooked.run("upgrade", env={"LOOK": where, "QUERY": OPEN_TRANSACTIONS, **hooks})
    assert done.returncode == 0, done.stderr
    heard = [line for line in done.stderr.splitlines() if "open transactions" in line]
    assert [line.rpartition(" ")[2] for line in heard] == ["0"] * 4


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
@pytest.mark.parametrize("moment", ["MIGRATOR_BEFORE_RUN", "MIGRATOR_BEFORE_REVISION"])
def test_a_signal_ends_the_hook_and_the_run(
    moment: str, number: signal.Signals, code: int, hooked: TinyProject, local_database: Profile
) -> None:
    script(hooked, "slow.sh", "#!/bin/sh\necho $$ > pid.new; mv pid.new pid; sleep 60\n")
    process = subprocess.Popen(
        [str(EXECUTABLE), "upgrade"],
        cwd=hooked.root,
        env=clean_environment(hooked.home, {moment: "./slow.sh", "MIGRATOR_AFTER_RUN": "./record.sh"}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    pid = hooked.root / "pid"
    end = time.monotonic() + 30
    while not pid.exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    began = time.monotonic()
    process.send_signal(number)
    _stdout, stderr = process.communicate(timeout=20)
    assert time.monotonic() - began < 5
    assert process.returncode == code, stderr
    assert alive(int(pid.read_text())) == []
    assert calls(hooked) == [f"after_run  {'terminated' if code == 143 else 'interrupted'}"]
    assert rows(local_database) == []


def alive(group: int) -> list[str]:
    """Processes of a group that still run; a zombie is only waiting for somebody to look at it."""
    states = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            states.append(path.read_text().rpartition(") ")[2].split())
    return [state for state, _parent, of_group, *_ in states if int(of_group) == group and state != "Z"]


def test_a_hook_can_ask_the_tool_itself(hooked: TinyProject) -> None:
    done = hooked.run("upgrade", env={"MIGRATOR_AFTER_RUN": f"{sys.executable} -m migrator.cli.main current"})
    assert done.returncode == 0, done.stderr
    assert "failed" not in done.stderr
