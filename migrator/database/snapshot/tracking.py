"""A log of what DDL does, kept by event triggers in a scratch database where we are superuser.

The log is written in the transaction of the statement itself, so it says what was committed and nothing else, whoever
ran it, in blocks and functions too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from migrator.database.light import LightConnection
from migrator.database.snapshot.postgresql.wording import SCRATCH_SCHEMA
from migrator.database.state import Reader

_INSTALL: Final = f"""
CREATE SCHEMA {SCRATCH_SCHEMA};
CREATE UNLOGGED TABLE {SCRATCH_SCHEMA}.change
    (classid oid, objid oid, objsubid integer, type text, tag text, names text[], dropped boolean);
CREATE FUNCTION {SCRATCH_SCHEMA}.note_end() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO {SCRATCH_SCHEMA}.change
    SELECT classid, objid, objsubid, object_type, command_tag, NULL, false FROM pg_event_trigger_ddl_commands()
    WHERE schema_name IS DISTINCT FROM 'pg_temp';
    IF tg_tag IN ('DROP OWNED', 'REASSIGN OWNED') THEN
        INSERT INTO {SCRATCH_SCHEMA}.change VALUES (NULL, NULL, NULL, '', tg_tag, NULL, false);
    END IF;
END $$;
CREATE FUNCTION {SCRATCH_SCHEMA}.note_drop() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO {SCRATCH_SCHEMA}.change
    SELECT classid, objid, objsubid, object_type, tg_tag, address_names, true FROM pg_event_trigger_dropped_objects()
    WHERE NOT is_temporary;
END $$;
CREATE EVENT TRIGGER {SCRATCH_SCHEMA}_end ON ddl_command_end EXECUTE FUNCTION {SCRATCH_SCHEMA}.note_end();
CREATE EVENT TRIGGER {SCRATCH_SCHEMA}_drop ON sql_drop EXECUTE FUNCTION {SCRATCH_SCHEMA}.note_drop();
ALTER EVENT TRIGGER {SCRATCH_SCHEMA}_end ENABLE ALWAYS;
ALTER EVENT TRIGGER {SCRATCH_SCHEMA}_drop ENABLE ALWAYS;
"""  # noqa: S608 -- made of constants

_MOMENT: Final = "moment"

_IS_RELATION: Final = "c.oid = t.objid AND t.classid = 'pg_catalog.pg_class'::regclass"

_TAKE: Final = f"""
WITH taken AS (DELETE FROM {SCRATCH_SCHEMA}.change RETURNING *)
SELECT t.classid::regclass::text, t.objid::bigint, t.objsubid, t.type, t.tag, t.names, t.dropped,
(SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {_IS_RELATION}),
(SELECT c.relname FROM pg_catalog.pg_class c WHERE {_IS_RELATION}) FROM taken t
UNION ALL
SELECT 'pg_class', i.indrelid::bigint, 0, 'index', 'CLUSTER', NULL, false, NULL, NULL FROM pg_catalog.pg_index i
WHERE age(i.xmin) <= age(CAST(CAST(? AS text) AS xid8)::xid)
AND NOT pg_visible_in_snapshot(i.xmin::text::xid8, CAST(CAST(? AS text) AS pg_snapshot))
UNION ALL
SELECT NULL, NULL, NULL, '{_MOMENT}', NULL, ARRAY[pg_current_snapshot()::text,
(SELECT concat(count(*), ' ', max(l.xmin::text::bigint)) FROM pg_catalog.pg_enum l),
(SELECT string_agg(concat(e.oid, ':', e.xmin), ' ' ORDER BY e.oid) FROM pg_catalog.pg_event_trigger e)],
NULL, NULL, NULL
"""  # noqa: S608 -- made of constants


@dataclass(frozen=True, slots=True)
class Noted:
    """One object that a statement made, changed or dropped."""

    catalog: str | None
    """Of ``classid``, such as ``pg_class``; None where the server doesn't say which object it was."""
    oid: int
    part: int
    """Number of the column, or 0 for the object as a whole."""
    type: str
    tag: str
    """Of the statement: ``ALTER TABLE``."""
    names: tuple[str, ...] = ()
    """Of a dropped object: schema, table and own name, as far as it has them."""
    dropped: bool = False
    schema: str | None = None
    relation: str | None = None
    """With the schema: what a relation is called now."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What is to be compared at the next look."""

    visible: str
    """``pg_current_snapshot()``: which transactions had been committed."""
    enums: str
    """Is another whenever a label is: some histories write labels into the catalog themselves."""
    watchers: str
    """Is another whenever an event trigger is: event triggers are not told of one another."""


def install(connection: LightConnection) -> bool:
    """Begin the log; False where this server or user cannot have one."""
    if connection.dialect != "postgresql":
        return False
    superuser = connection.fetch("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = current_user AND rolsuper")
    if not superuser:
        return False
    connection.execute(_INSTALL)
    return True


START: Final = Moment("1:1:", "", "")
"""Before anything was committed."""


def take(reader: Reader, since: Moment) -> tuple[tuple[Noted, ...], Moment]:
    """What was noted since the look before, which is forgotten with this, and where the next look begins.

    Indexes are looked at in the catalog too: CLUSTER and REINDEX change them without a word to event triggers.
    """
    rows = reader.fetch(_TAKE, since.visible.split(":")[0], since.visible)
    visible, enums, watchers = next(row[5] for row in rows if row[3] == _MOMENT)
    return tuple(_noted(row) for row in rows if row[3] != _MOMENT), Moment(str(visible), str(enums), str(watchers))


def _noted(row: tuple[Any, ...]) -> Noted:
    catalog, oid, part, kind, tag, names, dropped, schema, relation = row
    return Noted(
        catalog.removeprefix("pg_catalog.") if catalog else None,
        int(oid or 0),
        int(part or 0),
        str(kind),
        str(tag),
        tuple(names or ()),
        bool(dropped),
        schema,
        relation,
    )
