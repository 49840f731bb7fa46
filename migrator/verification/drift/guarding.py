"""Statements that do nothing where their effect is there already. Pure."""

from __future__ import annotations

import re
from typing import Final

_NAME: Final = r'(?:"(?:[^"]|"")+"|[\w$]+)(?:\.(?:"(?:[^"]|"")+"|[\w$]+))*'
_TABLE: Final = rf"ALTER (?:FOREIGN )?TABLE (?:ONLY )?{_NAME}"
_INDEX: Final = r"(?:UNIQUE )?INDEX(?: CONCURRENTLY)?"
_KNOWS_IF_NOT_EXISTS: Final = (
    rf"(?:UNLOGGED |FOREIGN )?TABLE|MATERIALIZED VIEW|SEQUENCE|SCHEMA|EXTENSION|STATISTICS|COLLATION|{_INDEX}"
)
_KNOWS_IF_EXISTS: Final = (
    r"(?:FOREIGN )?TABLE|(?:MATERIALIZED )?VIEW|SEQUENCE|SCHEMA|EXTENSION|STATISTICS|COLLATION|INDEX(?: CONCURRENTLY)?"
    r"|TYPE|DOMAIN|FUNCTION|PROCEDURE|AGGREGATE|TRIGGER|RULE|POLICY|(?:EVENT )?TRIGGER|PUBLICATION"
)
_POSTGRESQL: Final = (
    (rf"(CREATE (?:{_KNOWS_IF_NOT_EXISTS})) (?!IF NOT EXISTS )", r"\1 IF NOT EXISTS "),
    (rf"(DROP (?:{_KNOWS_IF_EXISTS})) (?!IF EXISTS )", r"\1 IF EXISTS "),
    (r"CREATE (VIEW|TRIGGER|RULE|FUNCTION|PROCEDURE|AGGREGATE) ", r"CREATE OR REPLACE \1 "),
    (rf"({_TABLE} ADD COLUMN) (?!IF NOT EXISTS )", r"\1 IF NOT EXISTS "),
    (rf"({_TABLE} DROP (?:COLUMN|CONSTRAINT)) (?!IF EXISTS )", r"\1 IF EXISTS "),
    (rf"(ALTER TYPE {_NAME} ADD VALUE) (?!IF NOT EXISTS )", r"\1 IF NOT EXISTS "),
)
_MYSQL: Final = (
    (r"(CREATE TABLE) (?!IF NOT EXISTS )", r"\1 IF NOT EXISTS "),
    (r"(DROP (?:TABLE|VIEW|TRIGGER|PROCEDURE|FUNCTION|EVENT)) (?!IF EXISTS )", r"\1 IF EXISTS "),
)
_SQLITE: Final = (
    (r"(CREATE (?:TABLE|(?:UNIQUE )?INDEX|VIEW|TRIGGER)) (?!IF NOT EXISTS )", r"\1 IF NOT EXISTS "),
    (r"(DROP (?:TABLE|INDEX|VIEW|TRIGGER)) (?!IF EXISTS )", r"\1 IF EXISTS "),
)
_REWRITES: Final = {
    dialect: tuple((re.compile(found), instead) for found, instead in rewrites)
    for dialect, rewrites in (
        ("postgresql", _POSTGRESQL),
        ("mysql", _MYSQL),
        ("mariadb", _MYSQL),
        ("sqlite", _SQLITE),
    )
}
_FAILS_WHEN_REPEATED: Final = re.compile(
    rf"CREATE (?!OR REPLACE |{_KNOWS_IF_NOT_EXISTS})|{_TABLE} ADD (?:CONSTRAINT |PRIMARY |UNIQUE |FOREIGN |CHECK )"
    rf"|{_TABLE} ALTER COLUMN {_NAME} ADD GENERATED "
)
_ALREADY_THERE: Final = (
    "duplicate_object OR duplicate_table OR duplicate_function OR invalid_table_definition"
    " OR object_not_in_prerequisite_state"
)


def guarded(statement: str, dialect: str) -> str:
    """A statement that may be run where it has been run already: ``IF [NOT] EXISTS``, or what stands for it.

    What changes in place (``ALTER COLUMN ... SET DEFAULT``) stays as it is: running it again changes nothing. Of
    PostgreSQL, what has no ``IF NOT EXISTS`` goes into a block that passes over "already exists". Of other dialects
    only what they have words for is guarded.
    """
    for found, instead in _REWRITES[dialect]:
        statement, count = found.subn(instead, statement, count=1) if found.match(statement) else (statement, 0)
        if count:
            return statement
    if dialect == "postgresql" and _FAILS_WHEN_REPEATED.match(statement):
        body = statement.rstrip().rstrip(";")
        return f"DO $guard$ BEGIN\n{body};\nEXCEPTION WHEN {_ALREADY_THERE} THEN NULL;\nEND $guard$"
    return statement
