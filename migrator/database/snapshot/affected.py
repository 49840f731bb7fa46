"""What has to be read again after some statements: decided from what was noted of them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from migrator.database.snapshot.tracking import Noted

Name = tuple[str, str]
"""Schema and name of a relation."""

_PARTS: Final = frozenset({"pg_constraint", "pg_attrdef", "pg_rewrite", "pg_trigger", "pg_policy", "pg_statistic_ext"})
"""Catalogs of what belongs to a relation."""
_ALONE: Final = frozenset(
    {"pg_type", "pg_proc", "pg_namespace", "pg_collation", "pg_event_trigger", "pg_publication", "pg_publication_rel",
     "pg_publication_namespace"}
)  # fmt: skip
"""Catalogs of what belongs to no relation, and is read as a whole when any of it is touched."""
_OF_FOREIGN_KEY: Final = "RI_ConstraintTrigger_"
"""Triggers that the server keeps for itself, on both tables."""
_COMPOSITE: Final = frozenset({"composite type", "composite type column", "type"})
"""What a type with attributes, or one of these, is called among relations."""


@dataclass(frozen=True, slots=True)
class Affected:
    """What a look at the log has come to."""

    whole: bool = False
    """Everything: a statement did not say which objects it was about, or reaches too far."""
    relations: frozenset[int] = frozenset()
    """Oids of relations, or of their indexes, with their partitions and sequences."""
    followed: frozenset[tuple[str, int]] = frozenset()
    """Catalog and oid of what others show by its name or shape: all that depends on it."""
    others: bool = False
    """Types, routines, schemas and whatever else is no relation."""

    @property
    def nothing(self) -> bool:
        """Whether all is as it was."""
        return not (self.whole or self.relations or self.followed or self.others)


@dataclass(slots=True)
class Known:
    """The relations of the last snapshot by oid."""

    names: dict[int, Name] = field(default_factory=dict)
    """Of tables, views, sequences and composite types."""
    tables: dict[int, int] = field(default_factory=dict)
    """Index to its table."""
    children: dict[int, set[int]] = field(default_factory=dict)
    """Table to the partitions and the tables that inherit from it."""

    def oids(self) -> Mapping[Name, int]:
        """The relations by name."""
        return {name: oid for oid, name in self.names.items()}


EVERYTHING: Final = Affected(whole=True)


def affected(noted: Iterable[Noted], known: Known) -> Affected:
    """What has to be read again.

    Args:
        noted: what statements did since the last snapshot.
        known: the relations as they were then.

    """
    relations: set[int] = set()
    followed: set[tuple[str, int]] = set()
    others = False
    by_name: Mapping[Name, int] | None = None
    noted = list(noted)
    row_types = _row_types(noted)
    for each in noted:
        if each.catalog == "pg_class":
            relations |= _relations_of(each, known)
            others = others or each.type in _COMPOSITE
            if _is_seen_elsewhere(each, known):
                followed.add(("pg_class", each.oid))
        elif each.catalog in _PARTS and not each.dropped:
            followed.add((each.catalog, each.oid))
        elif each.catalog == "pg_trigger" and each.names[-1].startswith(_OF_FOREIGN_KEY):
            continue
        elif each.catalog in _PARTS and len(each.names) > 2:  # noqa: PLR2004 -- schema, table and own name
            by_name = known.oids() if by_name is None else by_name
            oid = by_name.get((each.names[0], each.names[1]))
            relations |= set() if oid is None else {oid}
            others = others or oid is None
        elif each.catalog == "pg_type" and each.dropped and each.names[0] in row_types:
            continue
        elif each.catalog in _ALONE and not _reaches_far(each):
            others = True
            if each.tag.startswith("ALTER ") and not each.dropped:
                followed.add((each.catalog, each.oid))
        else:
            return EVERYTHING
    return Affected(relations=frozenset(relations), followed=frozenset(followed), others=others)


def _row_types(noted: Iterable[Noted]) -> set[str]:
    """The types that went with their tables: no objects of their own."""
    gone = (
        ".".join(each.names)
        for each in noted
        if each.catalog == "pg_class" and each.dropped and each.part == 0 and each.type not in _COMPOSITE
    )
    return {name for relation in gone for name in (relation, f"{relation}[]")}


def _relations_of(noted: Noted, known: Known) -> set[int]:
    """A relation, and those that were its children before: a detached partition no longer is one."""
    found = {noted.oid} | ({known.tables[noted.oid]} if noted.oid in known.tables else set())
    waiting = list(found)
    while waiting:
        children = known.children.get(waiting.pop(), set()) - found
        found |= children
        waiting += children
    return found


def _is_seen_elsewhere(noted: Noted, known: Known) -> bool:
    """Whether its name, or that of one of its columns, is another now: foreign keys and views of others show it."""
    if noted.dropped or not noted.tag.startswith("ALTER "):
        return False
    former = known.names.get(noted.oid)
    return noted.part > 0 or (former is not None and former != (noted.schema, noted.relation))


def _reaches_far(noted: Noted) -> bool:
    """A schema under another name is in the text of everything."""
    return noted.catalog == "pg_namespace" and noted.tag == "ALTER SCHEMA"


def touched_names(oids: Collection[int], former: Mapping[int, Name], latter: Mapping[int, Name]) -> frozenset[Name]:
    """The names that some relations have and had."""
    return frozenset(names[oid] for names in (former, latter) for oid in oids if oid in names)
