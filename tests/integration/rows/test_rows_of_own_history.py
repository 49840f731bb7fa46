"""This repository's own revisions, one after the other: each table has rows before the next, and none is in its way."""

from __future__ import annotations

from pathlib import Path

from servers import REPOSITORY, Servers

from migrator.chain.model import Direction
from migrator.database.connecting import connect
from migrator.execution.moves import MoveRequest
from migrator.execution.upgrading import plan, upgrade
from migrator.project import open_project
from migrator.verification.rows.keeper import RowKeeper


def test_each_revision_meets_rows_in_every_table(servers: Servers, tmp_path: Path) -> None:
    with servers.database("embedded-18", folder=tmp_path) as profile:
        project = open_project(start=REPOSITORY).on(profile)
        steps = plan(project, MoveRequest(direction=Direction.UPGRADE, target="heads")).plans[0].steps
        with connect(profile) as connection:
            keeper = RowKeeper(connection, "postgresql")
            for step in steps:
                upgrade(project, step.id)
                assert keeper.fill().unfilled == (), step.id
            held = keeper.contents().tables
    assert {name for _, name in held} >= {"users", "posts", "tags"}
    assert all(each.number >= 2 for each in held.values())
