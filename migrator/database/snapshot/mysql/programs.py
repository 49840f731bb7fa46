"""Views, triggers, routines and events of MySQL and MariaDB, as the statements that make them.

Who made them (DEFINER) and the SQL mode of his session are left out: they are the connection's and not the schema's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from migrator.database.snapshot.model import Kind, ObjectKey, SchemaObject
from migrator.database.snapshot.mysql.asking import Asking
from migrator.database.snapshot.mysql.text import literal, quoted, unqualified

_TRIGGERS: Final = (
    "SELECT trigger_name, event_object_table, action_timing, event_manipulation, action_statement"
    " FROM information_schema.triggers WHERE trigger_schema = DATABASE()"
)
_ROUTINES: Final = (
    "SELECT routine_type, routine_name, is_deterministic, sql_data_access, security_type, routine_comment,"
    " routine_definition FROM information_schema.routines WHERE routine_schema = DATABASE()"
    " AND routine_type IN ('FUNCTION', 'PROCEDURE')"
)
_PARAMETERS: Final = (
    "SELECT routine_type, specific_name, ordinal_position, parameter_mode, parameter_name, dtd_identifier,"
    " character_set_name, collation_name FROM information_schema.parameters WHERE specific_schema = DATABASE()"
    " ORDER BY routine_type, specific_name, ordinal_position"
)
_EVENTS: Final = (
    "SELECT event_name, event_definition, execute_at, interval_value, interval_field, starts, ends, status,"
    " on_completion, event_comment, created, last_altered FROM information_schema.events"
    " WHERE event_schema = DATABASE()"
)
_STATUS: Final = {"ENABLED": "ENABLE", "DISABLED": "DISABLE"}


def read_views(asking: Asking) -> Iterator[SchemaObject]:
    """Read views, their select statements without the database's name."""
    algorithm = asking.optional("VIEWS", "ALGORITHM", "'UNDEFINED'")
    rows = asking.reader.fetch(
        f"SELECT table_name, view_definition, check_option, security_type, {algorithm}"  # noqa: S608 (fixed names)
        " FROM information_schema.views WHERE table_schema = DATABASE()"
    )
    for name, definition, check, security, how in rows:
        facets = {"definition": unqualified(str(definition), asking.database)}
        if check != "NONE":
            facets["check option"] = str(check)
        if security != "DEFINER":
            facets["security"] = str(security)
        if how != "UNDEFINED":
            facets["algorithm"] = str(how)
        yield SchemaObject(ObjectKey(Kind.VIEW, None, str(name)), facets)


def read_triggers(asking: Asking) -> Iterator[SchemaObject]:
    """Read triggers. The order of several of one table for one event is not told."""
    for name, table, timing, event, statement in asking.reader.fetch(_TRIGGERS):
        definition = (
            f"CREATE TRIGGER {quoted(str(name))} {timing} {event} ON {quoted(str(table))} FOR EACH ROW {statement}"
        )
        yield SchemaObject(ObjectKey(Kind.TRIGGER, None, str(name), str(table)), {"definition": definition})


def read_routines(asking: Asking) -> Iterator[SchemaObject]:
    """Read functions and procedures."""
    parameters: dict[tuple[str, str], list[str]] = {}
    returns: dict[str, str] = {}
    for kind, name, place, mode, parameter, *declared in asking.reader.fetch(_PARAMETERS):
        if not place:
            returns[str(name)] = f" RETURNS {_type(*declared)}"
            continue
        direction = f"{mode} " if kind == "PROCEDURE" else ""
        text = f"{direction}{quoted(str(parameter))} {_type(*declared)}"
        parameters.setdefault((str(kind), str(name)), []).append(text)
    for kind, name, deterministic, access, security, comment, body in asking.reader.fetch(_ROUTINES):
        definition = f"CREATE {kind} {quoted(str(name))}({', '.join(parameters.get((str(kind), str(name)), ()))})"
        definition += returns.get(str(name), "") if kind == "FUNCTION" else ""
        definition += " DETERMINISTIC" if deterministic == "YES" else ""
        definition += f" {access}" if access != "CONTAINS SQL" else ""
        definition += f" SQL SECURITY {security}" if security != "DEFINER" else ""
        definition += f" COMMENT {literal(str(comment))}" if comment else ""
        yield SchemaObject(ObjectKey(Kind(str(kind).lower()), None, str(name)), {"definition": f"{definition}\n{body}"})


def _type(declared: Any, character_set: Any, collation: Any) -> str:
    return str(declared) + (f" CHARSET {character_set} COLLATE {collation}" if character_set else "")


def read_events(asking: Asking) -> Iterator[SchemaObject]:
    """Read events."""
    for name, body, at, number, unit, starts, ends, status, completion, comment, *moments in asking.reader.fetch(
        _EVENTS
    ):
        if at is not None:
            schedule = f"AT '{at}'"
        else:
            schedule = f"EVERY {number if str(number).isdigit() else literal(str(number))} {unit}"
            # Without STARTS it is the moment at which the event was made, another one in each database.
            schedule += f" STARTS '{starts}'" if starts is not None and starts not in moments else ""
            schedule += f" ENDS '{ends}'" if ends is not None else ""
        definition = (
            f"CREATE EVENT {quoted(str(name))} ON SCHEDULE {schedule} ON COMPLETION {completion}"
            f" {_STATUS.get(str(status), 'DISABLE ON SLAVE')}"
            + (f" COMMENT {literal(str(comment))}" if comment else "")
            + f" DO {body}"
        )
        yield SchemaObject(ObjectKey(Kind.EVENT, None, str(name)), {"definition": definition})
