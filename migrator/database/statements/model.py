"""What is known about a SQL statement from its text alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Nature(StrEnum):
    """What a statement touches, as far as its text tells."""

    READ = "read"
    """Changes nothing: a query that calls only functions known to be harmless."""
    SETTING = "setting"
    """Changes the session only."""
    TRANSACTION = "transaction"
    """Begins or ends a transaction or a savepoint."""
    DATA = "data"
    """Changes rows, or calls something that may."""
    PROGRAM = "program"
    """Runs other statements: a procedure, a block, several statements in one text; also what can't be read."""
    SCHEMA = "schema"
    """Changes or maintains what the database consists of."""


class LockClass(StrEnum):
    """How a statement's lock on an existing table gets along with the application."""

    STRONG = "strong"
    """Blocks reads or writes of others while it is held, and everybody behind it while it is waited for."""
    ONLINE = "online"
    """Lets others read and write, and takes long: a short timeout would do harm, such as an invalid index."""
    NONE = "none"
    """Nothing of either kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement as its text tells it. Names are without their quotes, folded as the server folds them."""

    nature: Nature
    verb: str
    """What it does, normalised, such as ``CREATE INDEX CONCURRENTLY`` or ``ALTER TABLE ADD COLUMN``."""
    table: str | None = None
    """The table that it is about; of several, the first."""
    table_schema: str | None = None
    """The table's schema, if it is written."""
    name: str | None = None
    """What it makes, changes or drops, if that is no table: an index, constraint, column, type, partition..."""
    name_schema: str | None = None
    """Schema of ``name``, if it is written."""
    new_name: str | None = None
    """What ``name``, or else the table, or else the label ``value`` is renamed to; of SET SCHEMA, the schema."""
    value: str | None = None
    """Label of an enum."""
    lock: LockClass = LockClass.NONE
    in_transaction: bool = True
    """Whether PostgreSQL takes it in a transaction block, and may undo it there; False for CALL and DO."""
    commits: bool = False
    """Whether it ends the transaction that it meets: COMMIT, ROLLBACK, MySQL's implicit commits."""
    repeatable: bool = False
    """Whether running it again after it took effect changes nothing and raises nothing.

    ``CREATE INDEX CONCURRENTLY IF NOT EXISTS`` counts as such: over an invalid index it does nothing, so ask
    for that first.
    """
    sets_lock_timeout: bool = False
    if_exists: bool = False
    if_not_exists: bool = False
    temporary: bool = False
    """Whether what it makes belongs to the session."""
    parts: tuple[Statement, ...] = ()
    """The actions of one ALTER, the objects of one DROP or RENAME, the statements of one text; empty for one."""

    @property
    def several_actions(self) -> bool:
        """Whether one statement does several things at once."""
        return bool(self.parts) and self.nature is not Nature.PROGRAM
