"""Execute one revision file, in a process of its own, because the user asked for it with ``--import``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from migrator.chain.constants import Constants
from migrator.chain.declared import VARIABLES, Computed, Declared
from migrator.chain.parsing import declared_by, first_paragraph, unreadable
from migrator.chain.statements import Scope

_SECONDS = 60
_PROGRAM = """
import contextlib, importlib.util, json, sys
path, answer, *prepend = sys.argv[1:]
sys.path[:0] = prepend
def plain(value):
    if isinstance(value, (tuple, list, set, frozenset)):
        return {"items": [plain(item) for item in value]}
    return value if value is None or isinstance(value, str) else {"other": repr(value)}
with contextlib.redirect_stdout(sys.stderr):
    spec = importlib.util.spec_from_file_location("revision_file", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
names = ("revision", "down_revision", "branch_labels", "depends_on", "__doc__")
with open(int(answer), "w") as out:
    json.dump({name: plain(getattr(module, name)) for name in names if hasattr(module, name)}, out)
"""


def execute_revision(path: str, read: Declared, *, root: str, prepend: Sequence[str]) -> Declared:
    """The declarations of a file after executing it; its bodies and lines stand as they were read.

    Args:
        path: the revision file.
        read: what reading it gave.
        root: working directory of the process.
        prepend: folders to put on ``sys.path``.

    """
    receiving, sending = os.pipe()
    command = [sys.executable, "-c", _PROGRAM, path, str(sending), *prepend]
    try:
        with open(receiving, encoding="utf-8") as answer:
            try:
                done = subprocess.run(
                    command,
                    cwd=root,
                    pass_fds=(sending,),
                    capture_output=True,
                    text=True,
                    timeout=_SECONDS,
                    check=False,
                )
            finally:
                os.close(sending)
            text = answer.read()
    except subprocess.TimeoutExpired:
        return unreadable(f"was executed and did not end within {_SECONDS} s")
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return unreadable(f"fails when it is executed: {reason}")
    scope = Scope(Constants(()), known={"__file__": path})
    values = json.loads(text)
    for line, name in zip(read.lines, VARIABLES, strict=False):
        if name in values:
            scope.bind(name, _restored(values[name]), line)
    found = declared_by(scope, path)
    doc = values.get("__doc__")
    return read._replace(
        id=found.id,
        parents=found.parents,
        branch_labels=found.branch_labels,
        depends_on=found.depends_on,
        doc=first_paragraph(doc) if isinstance(doc, str) else read.doc,
        problems=found.problems,
    )


def _restored(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple(_restored(item) for item in value["items"]) if "items" in value else Computed(value["other"])
    return value
