"""Whether a statement took effect, from what the catalog says afterwards."""

from __future__ import annotations

from migrator.database.probes import mysql, postgresql
from migrator.database.state import Reader
from migrator.database.statements.model import Nature, Statement


def took_effect(reader: Reader, statement: Statement) -> bool | None:
    """Ask the catalog whether the effect of a statement is in place.

    It is meant for a statement that was sent once, by a session that is gone: while that one is still at work
    the answer may change. Names are looked for where the reader's own search path or current database leads,
    which must be what the statement's session had. A statement of several parts gets an answer when the parts
    that can be told agree.

    Two effects can be half in place on PostgreSQL; both are answered False, and running the statement again fails
    until something else was done: a concurrent index build that was cut (see ``invalid_index``), and a concurrent
    detaching that waits for its end (see ``unfinished_detach``).

    Returns:
        Whether it took effect; None where the catalog can't tell: data, programs, changes that leave no mark of
        their own, and whatever several explanations fit.

    """
    if not statement.parts:
        return _part(reader, statement)
    atomic = _is_atomic(reader, statement)
    # What may be repeated may also have been in place before; where all parts hang together, others decide.
    marked = [part for part in statement.parts if not part.repeatable] if atomic else []
    answers = {_part(reader, part) for part in marked or statement.parts}
    if atomic:
        answers.discard(None)
    return answers.pop() if len(answers) == 1 else None


def _is_atomic(reader: Reader, statement: Statement) -> bool:
    if reader.dialect == "postgresql":
        return statement.in_transaction
    return statement.verb.startswith("ALTER TABLE")


def _part(reader: Reader, statement: Statement) -> bool | None:
    if statement.nature is not Nature.SCHEMA or "OR REPLACE" in statement.verb:
        return None
    if reader.dialect == "postgresql":
        return postgresql.took_effect(reader, statement)
    if reader.dialect in ("mysql", "mariadb"):
        return mysql.took_effect(reader, statement)
    return None
