"""What a database holds in the end: its schema as pg_dump prints it, every row, invalid indexes, the tool's tables."""

from __future__ import annotations

import asyncio
import os
import re
from dataclasses import dataclass

from migrator.database.embedded.binaries import installed
from reliability.servers import Address

_NOT_COMPARED = re.compile(
    r"^(--|\\(un)?restrict |SET |SELECT pg_catalog\.set_config|$|"
    r"ALTER TABLE ONLY \S+ ALTER COLUMN \S+ SET \(pg_attver=\d+\);)"
)
"""Remarks, settings, tokens of each dump, and a number that some builds of the server give to each new column."""
_TABLES = (
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY 1"
)
_OWN_TABLES = (
    "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relname IN ('migrator_ledger', 'migrator_journal') AND c.relkind = 'r'"
)


@dataclass(frozen=True)
class DatabaseContent:
    """Everything that two runs must agree about."""

    schema: str
    rows: dict[str, list[str]]
    invalid_indexes: list[str]

    def differences(self, other: DatabaseContent) -> list[str]:
        """What is otherwise here than in an undisturbed run."""
        found = []
        if self.schema != other.schema:
            mine, theirs = set(self.schema.splitlines()), set(other.schema.splitlines())
            found.append(f"schema: too much {sorted(mine - theirs)}, missing {sorted(theirs - mine)}")
        found += [
            f"rows of {table}: {self.rows.get(table)} instead of {rows}"
            for table, rows in other.rows.items()
            if self.rows.get(table) != rows
        ]
        if self.invalid_indexes:
            found.append(f"invalid indexes: {self.invalid_indexes}")
        return found


async def read_content(database: Address) -> DatabaseContent:
    """Read what a database holds."""
    if database.dialect != "postgresql":
        return await asyncio.to_thread(_read_mariadb, database)
    schema = await _dump(database)
    rows, invalid = await asyncio.to_thread(_read_rows, database)
    return DatabaseContent(schema, rows, invalid)


async def _dump(database: Address) -> str:
    program = installed(18) / "pg_dump"
    process = await asyncio.create_subprocess_exec(
        str(program),
        "--schema-only",
        "--schema=public",
        "--no-owner",
        f"--host={database.host}",
        f"--port={database.port}",
        f"--username={database.user}",
        f"--dbname={database.database}",
        env={"PATH": os.defpath, "PGPASSWORD": database.password or "", "LC_ALL": "C"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, complaint = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"pg_dump: {complaint.decode(errors='replace')}")
    return "\n".join(line for line in output.decode().splitlines() if not _NOT_COMPARED.match(line))


def _read_rows(database: Address) -> tuple[dict[str, list[str]], list[str]]:
    with database._postgresql() as connection:  # noqa: SLF001
        tables = [row[0] for row in connection.execute(_TABLES)]
        rows = {
            table: sorted(str(row) for row in connection.execute(f'SELECT * FROM public."{table}"'))
            for table in tables
            if not table.startswith("migrator_")
        }
        invalid = [
            str(row[0]) for row in connection.execute("SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid")
        ]
    return rows, invalid


def _read_mariadb(database: Address) -> DatabaseContent:
    tables = [
        str(row[0])
        for row in database.ask("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()")
        if not str(row[0]).startswith("migrator_")
    ]
    schema = "\n".join(str(database.ask(f"SHOW CREATE TABLE `{table}`")[0][1]) for table in sorted(tables))
    rows = {table: sorted(str(row) for row in database.ask(f"SELECT * FROM `{table}`")) for table in tables}
    return DatabaseContent(schema, rows, [])


def leftovers(database: Address) -> list[str]:
    """What the tool itself should not have left: journal rows, and revisions that its ledger has twice."""
    if database.dialect == "postgresql":
        own = {str(name): f'"{schema}"."{name}"' for schema, name in database.ask(_OWN_TABLES)}
    else:
        own = {
            str(name): f"`{name}`"
            for (name,) in database.ask(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() "
                "AND table_name IN ('migrator_ledger', 'migrator_journal')"
            )
        }
    found = []
    if "migrator_journal" in own:
        count = database.ask(f"SELECT count(*) FROM {own['migrator_journal']}")[0][0]
        found += [f"{count} rows in the journal"] if count else []
    if "migrator_ledger" in own:
        twice = database.ask(
            f"SELECT revision, count(*) FROM {own['migrator_ledger']} WHERE direction = 'upgrade' "
            "AND outcome = 'applied' GROUP BY revision HAVING count(*) > 1"
        )
        found += [f"ledger: {revision} applied {times} times" for revision, times in twice]
    return found
