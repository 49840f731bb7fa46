"""Proof that a revision file just written can be used: it compiles, imports, and every name in it is defined."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from migrator.findings import Finding, Severity
from migrator.project import Project

_SECONDS = 60


def check_written_file(project: Project, path: Path) -> tuple[Finding, ...]:
    """Import a revision file in a process of its own; the file is never changed or deleted.

    Returns:
        What is wrong with it: ``written-file-broken`` or ``missing-import``, the latter with the line to add.

    """
    shown = project.display(str(path))
    command = [sys.executable, "-m", "migrator.execution.import_probe", str(path)]
    command += [str(folder) for folder in project.layout.prepend_sys_path]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ended = subprocess.run(
            command, cwd=project.root, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
        answer: dict[str, Any] = json.loads(ended.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError) as failure:
        return (_broken(shown, None, f"importing it did not end as it should: {type(failure).__name__}"),)
    if answer["error"]:
        return (_broken(shown, answer["line"], answer["error"]),)
    return tuple(_missing(shown, found) for found in answer["missing"])


def _broken(path: str, line: int | None, reason: str) -> Finding:
    return Finding(
        rule="written-file-broken",
        severity=Severity.ERROR,
        message=f"the file that was written cannot be imported: {reason}",
        path=path,
        line=line,
        cause="no command that loads this revision can work",
        remedy="correct the file, and script.py.mako when the mistake comes from there",
    )


def _missing(path: str, found: dict[str, Any]) -> Finding:
    module = found["module"]
    return Finding(
        rule="missing-import",
        severity=Severity.ERROR,
        message=f"the file that was written uses {found['name']}, which it does not import",
        path=path,
        line=found["line"],
        cause="running this revision would end with NameError",
        remedy=f"import {module}" if module else f"add the import that defines {found['name']}",
    )
