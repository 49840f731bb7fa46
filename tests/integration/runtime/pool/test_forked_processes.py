"""A process that is forked works on connections of its own, and leaves those of its parent as they are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from applications import MARIADB, POSTGRESQL, Ground
from projects import TinyProject, clean_environment
from servers import REPOSITORY

WAYS = [
    (kind, way)
    for kind in (*POSTGRESQL, *MARIADB)
    for way in ("multiprocessing", "os.fork")
    if way == "multiprocessing" or not kind.asynchronous
]
"""With ``os.fork`` the child goes to the end of the interpreter, where nobody goes from within the parent's loop."""
PROGRAM = Path(__file__).with_name("forking_application.py")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.parametrize(("ground", "way"), WAYS, indirect=["ground"], ids=str)
def test_child_and_parent_each_have_their_own_connections(ground: Ground, way: str, tmp_path: Path) -> None:
    asynchronous = ground.kind.asynchronous
    settings = {"DB_POOL_SIZE": "1", "DB_MAX_OVERFLOW": "0", "DB_POOL_TIMEOUT": "0.1"}
    TinyProject(ground.root, tmp_path).use(ground.profile, **settings)
    ended = subprocess.run(
        [
            sys.executable,
            "-W",
            "always::ResourceWarning",
            PROGRAM,
            ground.root,
            "async" if asynchronous else "sync",
            way,
        ],
        env={**clean_environment(tmp_path), "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == "", "no warning of either process"
    told = json.loads(ended.stdout)
    assert told["before"] == told["after"], "the parent's connection still works"
    assert len({*told["child"]}) == 1
    assert told["child"][0] != told["before"]
    assert told["kept"] == 1, "a transaction that was open meanwhile went on"
    assert told["timeouts"] == 1
    figures = told["figures"]
    assert (figures["idle"], figures["checked_out"], figures["waits"]) == (1, 0, 0), "its own, not the parent's"
