"""A process that forks while its pool has connections. Usage: forking_application.py FOLDER sync|async WAY

Prints as JSON which sessions of the server the parent had before, the child had, and the parent had afterwards.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlalchemy import text

from migrator.runtime import Database, PoolExhausted, SyncDatabase

WHO = {"postgresql": "SELECT pg_backend_pid()", "mysql": "SELECT connection_id()"}


def ask(database: SyncDatabase) -> int:
    with database.session() as session:
        return int(session.scalar(text(WHO[database.profile.dialect])) or 0)


async def ask_async(database: Database) -> int:
    async with database.session() as session:
        return int(await session.scalar(text(WHO[database.profile.dialect])) or 0)


def child(database: Database | SyncDatabase, answer: Connection) -> None:
    """Use the database of the parent: asked twice, so that the connection is pooled; then the pool is closed."""
    if isinstance(database, SyncDatabase):
        mine = [ask(database), ask(database)]
        figures = database.pool_figures().as_dict()
        database.dispose()
    else:
        mine, figures = asyncio.run(_child_async(database))
    answer.send((mine, figures))
    answer.close()


async def _child_async(database: Database) -> tuple[list[int], dict[str, int]]:
    mine = [await ask_async(database), await ask_async(database)]
    figures = database.pool_figures().as_dict()
    await database.dispose()
    return mine, figures


def fork(database: Database | SyncDatabase, way: str) -> Any:
    """Fork, and return what the child says."""
    mine, its = multiprocessing.Pipe(duplex=False)
    if way == "multiprocessing":
        process = multiprocessing.get_context("fork").Process(target=child, args=(database, its))
        process.start()
        process.join()
        assert process.exitcode == 0, process.exitcode
        return mine.recv()
    pid = os.fork()
    if pid == 0:
        child(database, its)
        sys.exit()  # to the end of the interpreter, as a preforked worker does
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    return mine.recv()


def main(folder: Path, way: str) -> Any:
    with SyncDatabase.from_profile(root=folder) as database:
        before = ask(database)
        with database.session() as session, suppress(PoolExhausted):
            session.execute(text("SELECT 1"))
            ask(database)
        timeouts = database.pool_figures().timeouts
        said, figures = fork(database, way)
        after = ask(database)
        with database.session() as session:  # and one that is in use meanwhile, in a transaction
            session.execute(text("CREATE TEMPORARY TABLE mine (id int)"))
            session.execute(text("INSERT INTO mine VALUES (1)"))
            fork(database, "multiprocessing")
            kept = session.scalar(text("SELECT count(*) FROM mine"))
        return {"before": before, "child": said, "figures": figures, "after": after, "kept": kept, "timeouts": timeouts}


async def main_async(folder: Path, way: str) -> Any:
    async with Database.from_profile(root=folder) as database:
        before = await ask_async(database)
        with suppress(PoolExhausted):
            async with database.session() as session:
                await session.execute(text("SELECT 1"))
                await ask_async(database)
        timeouts = database.pool_figures().timeouts
        said, figures = fork(database, way)
        after = await ask_async(database)
        async with database.session() as session:
            await session.execute(text("CREATE TEMPORARY TABLE mine (id int)"))
            await session.execute(text("INSERT INTO mine VALUES (1)"))
            fork(database, "multiprocessing")
            kept = await session.scalar(text("SELECT count(*) FROM mine"))
        return {"before": before, "child": said, "figures": figures, "after": after, "kept": kept, "timeouts": timeouts}


if __name__ == "__main__":
    place, kind, how = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    print(json.dumps(main(place, how) if kind == "sync" else asyncio.run(main_async(place, how))))
