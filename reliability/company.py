"""Others are there: the holder of the lock dies while seven wait, its statement outlives it, a pooler is in the way."""

from __future__ import annotations

import asyncio

import psycopg

from reliability.pooler import pooled
from reliability.processes import Launcher
from reliability.results import last_words
from reliability.scenario import ScenarioResult, problems_of_next_run, undisturbed, until
from reliability.servers import Address
from reliability.state import leftovers, read_content
from reliability.workspace import Workspace

_PROCESSES = 8
_HOLDERS = (
    "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' "
    "AND l.granted AND a.datname = current_database()"
)
_LOCK_SESSIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND application_name LIKE 'migrator lock%'"
)
_BUILDING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' "
    "AND pid <> pg_backend_pid() AND query LIKE 'CREATE INDEX CONCURRENTLY%' AND wait_event_type = 'Lock'"
)
_REFUSED = 3


def _blocker(database: Address) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=database.host,
        port=database.port,
        user=database.user,
        password=database.password or "",
        dbname=database.database,
    )


async def holder_killed(launcher: Launcher, workspace: Workspace, server: Address, *, times: int = 3) -> ScenarioResult:
    """SIGKILL of the process that migrates while seven others wait for it: one of them takes over."""
    result = ScenarioResult("lock holder killed, 7 waiting", server.label, workspace.driver)
    expected = await undisturbed(launcher, workspace, server)
    for _ in range(times):
        database = server.create()
        await launcher.run(workspace.run("upgrade", "p01_tables", database=database))
        with _blocker(database) as blocker:
            blocker.execute("LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE")
            started = launcher.start_together([workspace.command("upgrade", database)] * _PROCESSES)
            await until(database, _LOCK_SESSIONS, _PROCESSES)
            holder = await asyncio.to_thread(_holder, database)
            victim = next(each for each in started if str(each.pid) in holder)
            victim.kill()
            blocker.rollback()
        ended = await asyncio.gather(*(each.end(120) for each in started))
        others = [each for each in ended if each.code != -9]
        problems = [f"another exits with {each.code}: {last_words(each.output)}" for each in others if each.code]
        problems += [] if len(others) == _PROCESSES - 1 else [f"{_PROCESSES - len(others)} were killed"]
        problems += (await read_content(database)).differences(expected) + leftovers(database)
        result.add("round", None, problems)
        server.drop(database)
    return result


def _holder(database: Address) -> str:
    return " ".join(str(name) for (name,) in database.ask(_HOLDERS))


async def orphaned_build(
    launcher: Launcher, workspace: Workspace, server: Address, *, times: int = 3
) -> ScenarioResult:
    """The client is killed while the server builds an index for it; the next run starts while it still does."""
    result = ScenarioResult("next run meets the statement of a killed one", server.label, workspace.driver)
    expected = await undisturbed(launcher, workspace, server)
    for _ in range(times):
        database = server.create()
        await launcher.run(workspace.run("upgrade", "p03_rows", database=database))
        with _blocker(database) as blocker:
            blocker.execute("UPDATE events SET note = 'blocks' WHERE id = 1")
            running = launcher.start(workspace.command("upgrade", database))
            await until(database, _BUILDING, 1)
            running.kill()
            ended = await running.end()
            following = asyncio.create_task(problems_of_next_run(launcher, workspace, database, expected))
            await asyncio.sleep(1.5)  # the next run meets whatever the first one's session still does
            blocker.rollback()
        result.add("round", ended.code, await following)
        server.drop(database)
    return result


async def poolers(launcher: Launcher, workspace: Workspace, server: Address) -> list[ScenarioResult]:
    """PgBouncer: transaction mode is refused with nothing changed, eight at once get through session mode."""
    expected = await undisturbed(launcher, workspace, server)
    refused = ScenarioResult("PgBouncer, transaction mode: refused", server.label, workspace.driver)
    database = server.create()
    async with pooled(database, "transaction") as way:
        ended = await launcher.run(workspace.command("upgrade", way))
    problems = [] if ended.code == _REFUSED else [f"exit {ended.code}: {last_words(ended.output)}"]
    problems += [f"made {table}" for table in (await read_content(database)).rows]
    refused.add("run", ended.code, problems)
    server.drop(database)

    raced = ScenarioResult("PgBouncer, session mode: 8 at once", server.label, workspace.driver)
    database = server.create()
    async with pooled(database, "session") as way:
        started = launcher.start_together([workspace.command("upgrade", way)] * _PROCESSES)
        ended_all = await asyncio.gather(*(each.end(120) for each in started))
    problems = [f"exit {each.code}: {last_words(each.output)}" for each in ended_all if each.code]
    problems += (await read_content(database)).differences(expected) + leftovers(database)
    raced.add("round", None, problems)
    server.drop(database)
    return [refused, raced]
