"""What is set of an index, or of a constraint's index, by statements of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from migrator.database.snapshot.ddl.postgresql.naming import own_name, quoted, table_of
from migrator.database.snapshot.ddl.postgresql.parameters import parameters_changed
from migrator.database.snapshot.ddl.postgresql.steps import Phase, Step
from migrator.database.snapshot.model import SchemaObject


def index_settings(before: Mapping[str, str], index: SchemaObject) -> Iterator[Step]:
    """Statements that make the settings of an index of others.

    Args:
        before: the facets that it has had.
        index: as it is to be; a constraint's index has the constraint's name.

    """
    after = index.facets
    table, name = table_of(index.key), quoted(index.key.name)
    alter = f"ALTER INDEX {own_name(index.key)}"
    if before.get("clustered") != after.get("clustered"):
        words = f"CLUSTER ON {name}" if "clustered" in after else "SET WITHOUT CLUSTER"
        # Taken from one index, it may be given to another at the same time.
        yield Step(Phase.ALTER_TABLES, f"ALTER TABLE {table} {words}", rank=int("clustered" in after))
    if "replica identity" in after and "replica identity" not in before:
        yield Step(Phase.ALTER_TABLES, f"ALTER TABLE {table} REPLICA IDENTITY USING INDEX {name}", rank=2)
    elif "replica identity" in before and "replica identity" not in after:
        yield Step(Phase.ALTER_TABLES, f"ALTER TABLE {table} REPLICA IDENTITY DEFAULT", rank=-1)
    for words in parameters_changed(before.get("storage parameters"), after.get("storage parameters")):
        yield Step(Phase.ALTER_TABLES, f"{alter} {words}")
    if before.get("tablespace") != after.get("tablespace"):
        yield Step(Phase.ALTER_TABLES, f"{alter} SET TABLESPACE {after.get('tablespace', 'pg_default')}")
    former, latter = _targets(before), _targets(after)
    for column in sorted({*former, *latter}):
        if former.get(column) != latter.get(column):
            target = latter.get(column, "-1")
            yield Step(Phase.ALTER_TABLES, f"{alter} ALTER COLUMN {column} SET STATISTICS {target}")


def _targets(facets: Mapping[str, str]) -> dict[str, str]:
    """Of an expression in an index, by its number: how many values are looked at."""
    return dict(re.findall(r"(\d+) to (\d+)", facets.get("statistics", "")))
