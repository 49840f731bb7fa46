"""A walk on one scratch database, with the eyes on it."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from migrator.chain.model import Revision
from migrator.database.connecting import connect
from migrator.database.connection_reader import ConnectionReader
from migrator.database.failures import DatabaseError
from migrator.database.light import LightConnection
from migrator.database.snapshot.comparing import Difference, compare
from migrator.database.snapshot.ddl import statements
from migrator.database.snapshot.following import SchemaFollower
from migrator.database.snapshot.model import Snapshot
from migrator.database.snapshot.reading import read_snapshot
from migrator.database.state import VersionTable, read_version_rows
from migrator.errors import ConfigurationError, VerificationFailed
from migrator.execution.adapter.translation import kind_and_cause
from migrator.execution.adapter.walking import Moved, Walk
from migrator.profiles.model import Profile
from migrator.verification.roundtrips.data import Data
from migrator.verification.roundtrips.judging import Failure
from migrator.verification.roundtrips.touching import changed_rows
from migrator.verification.rows.custom import CustomRows
from migrator.verification.rows.keeper import RowKeeper
from migrator.verification.scratch import missing_extension

Eyes = LightConnection | ConnectionReader


class _Whole:
    """Reads everything each time, within the transaction that ``env.py`` holds."""

    touched = None

    def __init__(self, reader: ConnectionReader, leave_out: frozenset[str]) -> None:
        self._reader = reader
        self._leave_out = leave_out

    def snapshot(self) -> Snapshot:
        return read_snapshot(self._reader, leave_out=self._leave_out)

    def compare(self, before: Snapshot, after: Snapshot) -> tuple[Difference, ...]:
        return compare(before, after)


class Leg:
    """What a round trip needs: steps, the schema before and after each, and repairs."""

    def __init__(self, walk: Walk, eyes: Eyes, scratch: Profile, data: Data | None, until_its_end: ExitStack) -> None:
        """Prepare; see `leg_on`."""
        self.walk = walk
        self.data = data
        """The rows in the tables; None: they are left empty."""
        self.dialect = scratch.dialect
        self._eyes = eyes
        self._scratch = scratch
        self._until_its_end = until_its_end
        self._follower: SchemaFollower | _Whole | None = None
        self._proved = False
        self._seen: Snapshot | None = None

    def up(self, revision: Revision) -> Moved:
        """Run ``upgrade()``; the first step also proves that it was this database that moved.

        Raises:
            VerificationFailed: it was another one.
            ConfigurationError: the server lacks an extension, or refuses a row that the project gives.

        """
        if self.data is not None:
            self.data.give_before(revision.id)
        moved = self._moved(self.walk.up(revision), revision)
        if self.data is not None and moved.error is None:
            self.data.give_at(revision.id)
        return moved

    def down(self, revision: Revision) -> Moved:
        """Run ``downgrade()``.

        Raises:
            ConfigurationError: the server lacks an extension.

        """
        return self._moved(self.walk.down(revision), revision)

    def look(self) -> Snapshot:
        """The schema now; read when something has moved since it was last looked at."""
        if self._seen is None:
            if self._follower is None:
                # Made when it is needed: a database that is to be copied holds nothing of ours.
                self._follower = self._following()
            self._seen = self._follower.snapshot()
            if self.data is not None:
                self.data.touched(self._follower.touched, rows=False)
        return self._seen

    def compare(self, before: Snapshot, after: Snapshot) -> tuple[Difference, ...]:
        """What must happen to one schema that was looked at to become another one."""
        return compare(before, after) if self._follower is None else self._follower.compare(before, after)

    def _following(self) -> SchemaFollower | _Whole:
        leave_out = frozenset({self.walk.version_table})
        if isinstance(self._eyes, ConnectionReader):
            return _Whole(self._eyes, leave_out)
        if self.dialect != "postgresql":
            return SchemaFollower(self._eyes, leave_out=leave_out)
        own = self._until_its_end.enter_context(closing(connect(self._scratch)))
        return SchemaFollower(own, leave_out=leave_out)

    def looks_like(self, wanted: Snapshot) -> bool:
        """Whether the schema is a certain one."""
        return self.walk.is_usable and not self.compare(wanted, self.look())

    def repaired(self, wanted: Snapshot) -> bool:
        """Whether statements written from the difference turn the schema as it is into another one."""
        self._seen, found = None, self.look()
        self._seen = None
        try:
            for statement in statements(self.compare(found, wanted), self.dialect):
                if not statement.lstrip().startswith("--"):
                    self._eyes.execute(statement)
        except DatabaseError:
            return False
        return self.looks_like(wanted)

    def _moved(self, moved: Moved, revision: Revision) -> Moved:
        self._seen = None
        if self.data is not None:
            self.data.touched(changed_rows(self.walk.statements, self.dialect, self.data.held.tables), rows=True)
        extension = missing_extension(moved.error)
        if extension:
            raise ConfigurationError(
                f'{revision.id} needs the extension "{extension}", which the server of the scratch database lacks.',
                remedy="name a server that has it: MIGRATOR_SCRATCH_URL=postgresql://user@host:5432/postgres",
            ) from moved.error
        if moved.error is None and not self._proved:
            self._prove()
        return moved

    def _prove(self) -> None:
        found = read_version_rows(self._eyes, VersionTable(self.walk.version_table, self.walk.version_table_schema))
        if found != self.walk.rows:
            raise VerificationFailed(
                f"A step was run, but {self._scratch.location} did not move: its version table holds "
                f"{', '.join(found) or 'no row'} instead of {', '.join(self.walk.rows)}.",
                state="unknown: env.py has used another database",
                remedy='let env.py use the connection that it is handed: context.config.attributes.get("connection")',
            )
        self._proved = True


@contextmanager
def leg_on(scratch: Profile, walk: Walk, rows: CustomRows | None) -> Iterator[Leg]:
    """Open the eyes on a walk: a connection of their own, unless ``env.py`` holds a transaction around everything.

    In such a transaction a row that the server refuses would end it: the tables are left empty then.

    Args:
        scratch: the database.
        walk: on it.
        rows: what the project gives; None: the tables are to be left empty.

    """
    with ExitStack() as until_its_end:
        if walk.reader is not None:
            yield Leg(walk, walk.reader, scratch, None, until_its_end)
            return
        eyes = until_its_end.enter_context(closing(connect(scratch)))
        if scratch.dialect == "postgresql":
            # Questions about the catalog are long and touch little: compiling them takes ten times as long.
            eyes.execute("SET jit = off")
        data = None
        if rows is not None:
            data = Data(RowKeeper(eyes, scratch.dialect, leave_out=frozenset({walk.version_table})), rows)
        yield Leg(walk, eyes, scratch, data, until_its_end)


def failure_of(revision: Revision, error: Exception) -> Failure:
    """What a step raised, in words, and on which line of the revision."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == revision.path]
    notes = [f" ({each})" for each in getattr(error, "__notes__", ())]
    return Failure(kind_and_cause(error) + "".join(notes), lines[-1] if lines else None)
