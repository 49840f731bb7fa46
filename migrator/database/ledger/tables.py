"""The ledger's tables as SQLAlchemy knows them, for whoever writes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    func,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.sql.elements import ColumnElement

from migrator.database.ledger.place import JOURNAL, LEDGER, RUN

if TYPE_CHECKING:
    from datetime import datetime

_ENTRY = BigInteger().with_variant(Integer, "sqlite")
_TIME = DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
_TEXT = Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
_BYTES = LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb")


@cache
def ledger_tables(schema: str | None, dialect: str) -> MetaData:
    """The three tables in a schema (None: the connection's current one), by the names in `place`."""
    metadata = MetaData(schema=schema)
    now = now_of(dialect)
    Table(
        RUN,
        metadata,
        Column("run_id", String(36), primary_key=True),
        Column("scope", String(255), nullable=False, comment="version table"),
        Column("command", String(20), nullable=False, comment="upgrade, downgrade, stamp or resolve"),
        Column("session_id", BigInteger, comment="server process of the session that holds the migration lock"),
        Column("host", String(255), nullable=False),
        Column("process_id", Integer, nullable=False),
        Column("os_user", String(255)),
        Column("db_user", String(255)),
        Column("tool_version", String(40), nullable=False),
        Column("started_at", _TIME, nullable=False, server_default=now),
        Column("revision", String(255), comment="the one that it is on"),
        Column("revision_at", _TIME),
        Column("ended_at", _TIME),
        Column("outcome", String(20), comment="done, failed or interrupted; null: it runs, or was killed"),
    )
    Table(
        LEDGER,
        metadata,
        Column("entry", _ENTRY, Identity(always=False), primary_key=True, autoincrement=True),
        Column("run_id", String(36), nullable=False),
        Column("scope", String(255), nullable=False, comment="version table"),
        Column("revision", String(255), nullable=False),
        Column("direction", String(20), nullable=False, comment="upgrade, downgrade, stamp, adopt or resolve"),
        Column("outcome", String(20), nullable=False, comment="applied, reverted or failed"),
        Column("recorded_at", _TIME, nullable=False, server_default=now),
        Column("seconds", Double),
        Column("doc", String(500)),
        Column("parents", _TEXT, nullable=False, comment="down_revision, as a JSON list"),
        Column("depends_on", _TEXT, nullable=False, comment="as a JSON list"),
        Column("checksum", String(64), comment="SHA-256 of the file"),
        Column("source", _BYTES, comment="the file, compressed with zlib"),
        Column("detail", _TEXT, comment="why it failed"),
    )
    Table(
        JOURNAL,
        metadata,
        Column("entry", _ENTRY, Identity(always=False), primary_key=True, autoincrement=True),
        Column("scope", String(255), nullable=False, comment="version table"),
        Column("revision", String(255), nullable=False),
        Column("direction", String(20), nullable=False, comment="upgrade or downgrade"),
        Column("position", Integer, nullable=False, comment="among the statements of the revision, from 1"),
        Column("statement", _TEXT, nullable=False, comment="without values"),
        Column("text_digest", String(64), nullable=False, comment="SHA-256 of the statement"),
        Column("digest", String(64), nullable=False, comment="SHA-256 of the statement and its values"),
        Column("state", String(10), nullable=False, comment="intended or done"),
        Column("returns_rows", Boolean, nullable=False),
        Column("row_count", BigInteger, nullable=False),
        Column("checksum", String(64), nullable=False, comment="SHA-256 of the revision's file"),
        Column("session_id", BigInteger, comment="server process that ran it"),
        Column("recorded_at", _TIME, nullable=False, server_default=now),
    )
    return metadata


def table_of(schema: str | None, dialect: str, name: str) -> Table:
    """One of the tables."""
    metadata = ledger_tables(schema, dialect)
    return metadata.tables[f"{schema}.{name}" if schema else name]


def now_of(dialect: str) -> ColumnElement[datetime]:
    """The time of the statement, not of its transaction, where the dialect can tell them apart."""
    if dialect == "postgresql":
        return func.clock_timestamp()
    if dialect in ("mysql", "mariadb"):
        return func.now(6)
    return func.current_timestamp()
