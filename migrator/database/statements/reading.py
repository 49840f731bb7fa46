"""What one SQL text is: its first word decides who reads the rest."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import islice
from typing import Final

from migrator.database.statements.changes import read_alter, read_rename
from migrator.database.statements.cursor import Cursor
from migrator.database.statements.lexing import pieces
from migrator.database.statements.model import LockClass, Nature, Statement
from migrator.database.statements.objects import read_create, read_drop
from migrator.database.statements.queries import nature_of_query
from migrator.database.statements.schema import strongest
from migrator.database.statements.separating import separated
from migrator.database.statements.upkeep import read_upkeep

_REMEMBERED: Final = 20_000
"""Length in characters up to which a text is worth keeping as a key."""
_HEAD: Final = 48
"""As many pieces tell what a statement is, where only its beginning matters."""
_HEAD_MATTERS: Final = frozenset({"CREATE", "INSERT", "REPLACE", "UPDATE", "DELETE", "MERGE", "COPY", "COMMENT", "DO"})

_QUERIES: Final = frozenset({"SELECT", "WITH", "VALUES", "TABLE"})
_READS: Final = frozenset({"SHOW", "DESCRIBE", "DESC", "HELP", "FETCH", "MOVE", "CLOSE", "DECLARE", ""})
_SETTINGS: Final = frozenset(
    {"SET", "RESET", "DISCARD", "USE", "PREPARE", "DEALLOCATE", "LISTEN", "UNLISTEN", "ATTACH", "DETACH", "LOAD"}
)
_TRANSACTIONS: Final = frozenset({"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"})
_CHANGES: Final = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "REPLACE", "NOTIFY", "UPSERT"})
_UPKEEP: Final = frozenset(
    {
        "TRUNCATE", "LOCK", "REFRESH", "REINDEX", "VACUUM", "ANALYZE", "ANALYSE", "CLUSTER", "COMMENT", "GRANT",
        "REVOKE", "REASSIGN", "SECURITY", "IMPORT", "OPTIMIZE", "REPAIR", "CHECK", "FLUSH", "INSTALL", "UNINSTALL",
        "CACHE", "UNLOCK", "CHECKPOINT",
    }
)  # fmt: skip
_BLOCK_BEGINS: Final = frozenset(
    {"", "WORK", "TRANSACTION", "TRAN", "ISOLATION", "READ", "DEFERRABLE", "DEFERRED", "IMMEDIATE", "EXCLUSIVE", "NOT"}
)
_LOCK_TIMEOUTS: Final = ("LOCK_TIMEOUT", "LOCK_WAIT_TIMEOUT")
_LOCKING_WORDS: Final = re.compile(
    r"\b(?:alter|drop|truncate|lock|index|trigger|refresh|cluster|reindex)\b", re.IGNORECASE
)


def read_statement(sql: str, dialect: str) -> Statement:
    """Tell from its text what a SQL statement is.

    Nothing is raised for a text that is no SQL: its nature is PROGRAM, for it can't be read.

    Args:
        sql: one statement, or several separated by ``;``; comments in front of it are passed over.
        dialect: such as ``postgresql``, ``mysql``, ``mariadb`` or ``sqlite``.

    """
    return _remembered(sql, dialect) if len(sql) <= _REMEMBERED else _read(sql, dialect)


def _read(sql: str, dialect: str) -> Statement:
    found = pieces(sql, dialect)
    texts = [match[0] for match in islice(found, _HEAD)]
    if ";" in sql:
        texts.extend(match[0] for match in found)
        statements = [part for part in separated(texts) if part]
        if len(statements) > 1:
            return _several([_read_one(part, dialect) for part in statements])
        return _read_one(statements[0] if statements else [], dialect)
    if len(texts) == _HEAD and texts[0].upper() not in _HEAD_MATTERS:
        texts.extend(match[0] for match in found)
    return _read_one(texts, dialect)


_remembered = lru_cache(maxsize=256)(_read)


def _several(parts: list[Statement]) -> Statement:
    ends = any(part.nature is Nature.TRANSACTION for part in parts)
    return Statement(
        nature=Nature.PROGRAM,
        verb="SEVERAL STATEMENTS",
        lock=strongest(tuple(parts)),
        in_transaction=not ends and all(part.in_transaction for part in parts),
        commits=any(part.commits for part in parts),
        repeatable=not ends and all(part.repeatable for part in parts),
        sets_lock_timeout=any(part.sets_lock_timeout for part in parts),
        parts=tuple(parts),
    )


def _read_one(texts: list[str], dialect: str) -> Statement:
    cursor = Cursor(texts, dialect)
    while cursor.word == "(":
        cursor.at += 1
    first = cursor.word
    cursor.at += first != ""
    return _READERS.get(first, _program)(cursor, first)


def _query(cursor: Cursor, verb: str) -> Statement:
    nature = nature_of_query(cursor)
    sets = nature is Nature.SETTING and any(text.strip("'").upper() in _LOCK_TIMEOUTS for text in cursor.texts)
    return Statement(nature=nature, verb=verb, sets_lock_timeout=sets, repeatable=nature is not Nature.DATA)


def _read_only(_: Cursor, verb: str) -> Statement:
    return Statement(nature=Nature.READ, verb=verb, repeatable=True)


_BEFORE_TABLES: Final = frozenset({"INTO", "FROM", "ONLY", "IGNORE", "LOW_PRIORITY", "DELAYED", "OR", "QUICK"})


def _change(cursor: Cursor, verb: str) -> Statement:
    if verb == "NOTIFY":
        return Statement(nature=Nature.DATA, verb=verb)
    while cursor.take_any(_BEFORE_TABLES):
        pass
    schema, table = cursor.qualified()
    return Statement(nature=Nature.DATA, verb=verb, table=table, table_schema=schema)


def _transaction(cursor: Cursor, verb: str) -> Statement:
    if verb == "BEGIN" and (cursor.word not in _BLOCK_BEGINS or cursor.rest[:2] == ["NOT", "ATOMIC"]):
        return _program(cursor, verb)
    if verb == "START" and cursor.word != "TRANSACTION":
        return Statement(nature=Nature.SCHEMA, verb=f"START {cursor.word}", commits=cursor.is_mysql)
    words = cursor.rest
    if "PREPARED" in words:
        return Statement(nature=Nature.TRANSACTION, verb=f"{verb} PREPARED", in_transaction=False)
    begins = verb in ("BEGIN", "START")
    ends = verb in ("COMMIT", "END", "ABORT") or (verb == "ROLLBACK" and "TO" not in words)
    if verb == "ROLLBACK" and not ends:
        verb = "ROLLBACK TO SAVEPOINT"
    full = {"START": "BEGIN", "END": "COMMIT", "ABORT": "ROLLBACK", "RELEASE": "RELEASE SAVEPOINT"}.get(verb, verb)
    return Statement(nature=Nature.TRANSACTION, verb=full, commits=ends or (begins and cursor.is_mysql))


def _setting(cursor: Cursor, verb: str) -> Statement:
    if verb == "LOAD" and cursor.word in ("DATA", "XML"):
        return Statement(nature=Nature.DATA, verb=f"LOAD {cursor.word}")
    if verb == "PREPARE" and cursor.word == "TRANSACTION":
        return Statement(nature=Nature.TRANSACTION, verb="PREPARE TRANSACTION", commits=True)
    if cursor.is_mysql and (cursor.word == "PASSWORD" or (verb == "RESET" and cursor.word != "PERSIST")):
        return Statement(nature=Nature.SCHEMA, verb=f"{verb} {cursor.word}", commits=True, repeatable=verb == "SET")
    words = cursor.rest
    sets = verb == "SET" and any(word in _LOCK_TIMEOUTS for word in words)
    commits = cursor.is_mysql and "AUTOCOMMIT" in words
    return Statement(nature=Nature.SETTING, verb=verb, sets_lock_timeout=sets, commits=commits, repeatable=True)


def _explain(cursor: Cursor, verb: str) -> Statement:
    options = cursor.skip_parentheses()
    runs = any(word in ("ANALYZE", "ANALYSE") for word in options)
    while cursor.take_any(frozenset({"ANALYZE", "ANALYSE", "VERBOSE", "EXTENDED"})):
        runs = runs or cursor.words[cursor.at - 1].startswith("ANALY")
    nature = Nature.READ
    if runs:
        nature = nature_of_query(cursor) if cursor.word in _QUERIES else Nature.DATA
    return Statement(nature=nature, verb=verb, repeatable=nature is not Nature.DATA)


def _pragma(cursor: Cursor, verb: str) -> Statement:
    nature = Nature.SETTING if "=" in cursor.rest else Nature.READ
    return Statement(nature=nature, verb=verb, repeatable=True)


def _program(cursor: Cursor, verb: str) -> Statement:
    """What runs statements that its text does not show, or that can't be read at all."""
    lock = LockClass.NONE
    if verb == "DO" and any(_LOCKING_WORDS.search(text) for text in cursor.texts):
        lock = LockClass.STRONG
    return Statement(nature=Nature.PROGRAM, verb=verb, lock=lock, in_transaction=verb not in ("CALL", "DO"))


_READERS: Final[dict[str, Callable[[Cursor, str], Statement]]] = {
    **dict.fromkeys(_QUERIES, _query),
    **dict.fromkeys(_UPKEEP, read_upkeep),
    **dict.fromkeys(_CHANGES, _change),
    **dict.fromkeys(_TRANSACTIONS, _transaction),
    **dict.fromkeys(_SETTINGS, _setting),
    **dict.fromkeys(_READS, _read_only),
    "CREATE": read_create,
    "DROP": read_drop,
    "ALTER": read_alter,
    "RENAME": read_rename,
    "EXPLAIN": _explain,
    "PRAGMA": _pragma,
}
