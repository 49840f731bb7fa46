"""A schema's snapshot after each of many steps, at the cost of what each step changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from migrator.database.light import LightConnection
from migrator.database.snapshot.affected import Affected, Known, Name, affected, touched_names
from migrator.database.snapshot.comparing import Difference, compare
from migrator.database.snapshot.contents import Contents, relation_of
from migrator.database.snapshot.leaving_out import without
from migrator.database.snapshot.model import ObjectKey, SchemaObject, Snapshot
from migrator.database.snapshot.postgresql.reading import read_relations, read_routines, read_surroundings, read_types
from migrator.database.snapshot.reaching import all_relations, reached, remember
from migrator.database.snapshot.reading import read_snapshot
from migrator.database.snapshot.repeating import RepeatingReader
from migrator.database.snapshot.tracking import START, install, take
from migrator.database.state import Reader

_ALWAYS_THERE: Final = "public"


@dataclass(frozen=True, slots=True)
class FollowedSnapshot(Snapshot):
    """A snapshot that knows when it was taken."""

    moment: int = 0
    """How many snapshots the follower had taken before."""


class SchemaFollower:
    """Takes one snapshot after the other of a scratch database.

    Where this user is PostgreSQL's superuser, event triggers note what statements do, and only that is read again.
    Anywhere else, every snapshot is read as a whole. What is written into the catalog itself (``UPDATE pg_attribute``)
    is noted nowhere: of that only changes of ``pg_index`` and ``pg_enum`` are seen.
    """

    def __init__(self, connection: LightConnection, *, leave_out: frozenset[str] = frozenset()) -> None:
        """Begin to note what happens.

        Args:
            connection: of its own to a scratch database, in autocommit; a schema of ours is made there.
            leave_out: names of tables that don't count: the version table.

        """
        self._reader: Reader = connection
        self._leave_out = frozenset(name.lower() for name in leave_out)
        self._noting = install(connection)
        if self._noting:
            self._reader = RepeatingReader(connection)
        self._since = START
        self._known = Known()
        self._contents = Contents()
        self._left: frozenset[Name] = frozenset()
        self._version = 0
        self._changed: list[frozenset[ObjectKey] | None] = []
        self._touched: frozenset[Name] | None = None

    @property
    def touched(self) -> frozenset[Name] | None:
        """Schema and name of the relations that were made, changed or dropped before the last snapshot.

        They are told under the names that they have and had; rows that were written do not count. None: it is not
        known, so all of them.
        """
        return self._touched

    def snapshot(self) -> Snapshot:
        """The schema as it is now."""
        if not self._noting:
            self._changed.append(None)
            taken = read_snapshot(self._reader, leave_out=self._leave_out)
            return FollowedSnapshot(taken.dialect, taken.objects, len(self._changed))
        noted, now = take(self._reader, self._since)
        what = affected(noted, self._known)
        behind_our_back = now.enums != self._since.enums and all(each.catalog != "pg_type" for each in noted)
        whole = what.whole or behind_our_back or not self._changed
        others = what.others or now.watchers != self._since.watchers
        self._since = now
        changed = None if whole else self._read_again(what, others=others)
        if changed is None:
            self._read_whole()
        self._changed.append(changed)
        return FollowedSnapshot("postgresql", dict(self._contents.objects), len(self._changed))

    def compare(self, before: Snapshot, after: Snapshot) -> tuple[Difference, ...]:
        """The same as `compare`, looking only at what was read again between two snapshots of this follower."""
        if not isinstance(before, FollowedSnapshot) or not isinstance(after, FollowedSnapshot):
            return compare(before, after)
        first, last = sorted((before.moment, after.moment))
        keys: set[ObjectKey] = set()
        for changed in self._changed[first:last]:
            if changed is None:
                return compare(before, after)
            keys |= changed
        return compare(_only(before, keys), _only(after, keys))

    def _read_whole(self) -> None:
        self._version = int(self._reader.fetch("SELECT current_setting('server_version_num')::int")[0][0])
        self._known = Known()
        remember(self._known, all_relations(self._reader))
        relations = list(read_relations(self._reader))
        others = self._others()
        counting = {each.key: each for each in without([*relations, *others], self._leave_out)}
        self._left = frozenset(relation_of(each.key) for each in relations if each.key not in counting)
        self._contents = Contents()
        self._contents.replace_relations((each for each in relations if each.key in counting), former=())
        self._contents.replace_others([each for each in others if each.key in counting])
        self._touched = None

    def _read_again(self, what: Affected, *, others: bool) -> frozenset[ObjectKey] | None:
        """Read what a step has affected: the keys of what was and is there, or None where all has to be read."""
        self._touched = frozenset()
        if what.nothing and not others:
            return frozenset()
        found, more = reached(self._reader, what) if what.relations or what.followed else ((), False)
        former = dict(self._known.names)
        oids = {*what.relations, *(each.oid for each in found)}
        for oid in oids:
            self._known.names.pop(oid, None)
        remember(self._known, found)
        self._touched = touched_names(oids, former, self._known.names)
        latter = list(read_relations(self._reader, [each.oid for each in found])) if found else []
        if not self._is_plain(latter):
            return None
        changed = self._contents.replace_relations(latter, former=self._touched or ())
        if others or more:
            changed |= self._contents.replace_others(self._others())
        return frozenset(changed)

    def _is_plain(self, latter: Sequence[SchemaObject]) -> bool:
        """Whether the objects read again can be put in their place without regard to any other."""
        touched = self._touched or frozenset()
        if self._left & touched or len(list(without(latter, self._leave_out))) != len(latter):
            # The version table comes or goes: a schema may hold nothing else.
            return False
        ours = {schema for schema, _ in self._left} - {_ALWAYS_THERE}
        if ours and ours - {schema for schema, _ in self._contents.relations}:
            return False
        # Statistics may be in another schema than their table: then nothing tells whose they are.
        return all(relation_of(each.key) in touched for each in latter)

    def _others(self) -> list[SchemaObject]:
        reader = self._reader
        return [*read_types(reader), *read_routines(reader), *read_surroundings(reader, self._version)]


def _only(snapshot: Snapshot, keys: set[ObjectKey]) -> Snapshot:
    return Snapshot(snapshot.dialect, {key: snapshot.objects[key] for key in keys if key in snapshot.objects})
