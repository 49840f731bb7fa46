"""Tables of MySQL and MariaDB as statements: made whole, or altered by one statement for each table. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from migrator.database.snapshot.comparing import COLUMN_ORDER, Change, Difference
from migrator.database.snapshot.model import Kind, SchemaObject
from migrator.database.snapshot.mysql.text import literal, quoted

_VERSIONING: Final = "system versioning"
_PARTITIONS: Final = "partitions"
_OPTION_WORDS: Final = {"engine": "ENGINE", "collation": "COLLATE"}
_IGNORED: Final = "ignored"
_HEEDED: Final = {"IGNORED": "NOT IGNORED", "INVISIBLE": "VISIBLE"}
_KEYS: Final = frozenset({Kind.CONSTRAINT, Kind.INDEX})


def created(table: SchemaObject, parts: Sequence[SchemaObject]) -> str:
    """The statement that makes a table with its columns and keys; foreign keys come later."""
    facets = table.facets
    lines = [column_definition(column) for column in _in_order(table, parts)]
    lines += [_key_definition(part) for part in parts if part.key.kind in _KEYS and not is_foreign_key(part)]
    body = ",\n    ".join(lines)
    options = [f"ENGINE={facets['engine']}", f"COLLATE={facets['collation']}", facets.get("options", "")]
    if "comment" in facets:
        options.append(f"COMMENT={literal(facets['comment'])}")
    if _VERSIONING in facets:
        options.append("WITH SYSTEM VERSIONING")
    options.append(facets.get(_PARTITIONS, ""))
    return f"CREATE TABLE {quoted(table.key.name)} (\n    {body}\n) {' '.join(part for part in options if part)}"


def _in_order(table: SchemaObject, parts: Sequence[SchemaObject]) -> list[SchemaObject]:
    """The columns of a table, in its order."""
    places = {name: place for place, name in enumerate(table.facets.get(COLUMN_ORDER, "").split(", "))}
    columns = [part for part in parts if part.key.kind is Kind.COLUMN]
    return sorted(columns, key=lambda column: places.get(column.key.name, len(places)))


def column_definition(column: SchemaObject) -> str:
    """A column as it is written in ``CREATE TABLE`` and after ``ADD COLUMN`` and ``MODIFY COLUMN``."""
    facets = column.facets
    parts = [quoted(column.key.name), facets["type"]]
    if "collation" in facets:
        parts.append(f"COLLATE {facets['collation']}")
    if "generated" in facets:
        parts.append(f"GENERATED ALWAYS AS {facets['generated']}")
    else:
        # Said in any case: a timestamp of which nothing is said is NOT NULL on some servers.
        parts.append("NOT NULL" if "nullable" in facets else "NULL")
    if "default" in facets:
        parts.append(f"DEFAULT {facets['default']}")
    if "on update" in facets:
        parts.append(f"ON UPDATE {facets['on update']}")
    if "autoincrement" in facets:
        parts.append("AUTO_INCREMENT")
    if "invisible" in facets:
        parts.append("INVISIBLE")
    if _VERSIONING in facets:
        parts.append("WITHOUT SYSTEM VERSIONING")
    if "comment" in facets:
        parts.append(f"COMMENT {literal(facets['comment'])}")
    if "check" in facets:
        parts.append(f"CHECK {facets['check']}")
    return " ".join(parts)


def is_foreign_key(part: SchemaObject) -> bool:
    """Whether a part of a table is a foreign key."""
    return part.key.kind is Kind.CONSTRAINT and part.facets["definition"].startswith("FOREIGN KEY")


def dropped_key(key: SchemaObject) -> str:
    """The clause that drops a constraint or an index."""
    definition = key.facets["definition"]
    if definition.startswith("PRIMARY KEY"):
        return "DROP PRIMARY KEY"
    if definition.startswith("FOREIGN KEY"):
        return f"DROP FOREIGN KEY {quoted(key.key.name)}"
    what = "CONSTRAINT" if definition.startswith("CHECK") else "INDEX"
    return f"DROP {what} {quoted(key.key.name)}"


def _key_definition(key: SchemaObject) -> str:
    definition = " ".join(key.facets[name] for name in ("definition", _IGNORED) if name in key.facets)
    if key.key.kind is Kind.INDEX or definition.startswith("PRIMARY KEY"):
        return definition
    return f"CONSTRAINT {quoted(key.key.name)} {definition}"


def altered(table: str, changes: Sequence[Difference]) -> Iterator[str]:
    """The statements that alter a table: one with all clauses, for a key and its column may need one another."""
    start = f"ALTER TABLE {quoted(table)}"
    own = next((each for each in changes if each.key.kind is Kind.TABLE), None)
    partitions = next((facet for facet in own.facets if facet.name == _PARTITIONS), None) if own else None
    if partitions is not None and partitions.after is None:
        yield f"{start} REMOVE PARTITIONING"
    clauses = [*_drops(changes), *_columns(changes), *_additions(changes), *(_options(own) if own else ())]
    if clauses:
        yield f"{start} {', '.join(clauses)}"
    if partitions is not None and partitions.after is not None:
        yield f"{start} {partitions.after}"


def _drops(changes: Sequence[Difference]) -> Iterator[str]:
    for each in _keys(changes):
        if each.before is not None:
            yield dropped_key(each.before)
    for each in changes:
        if each.key.kind is Kind.COLUMN and (each.change is Change.REMOVED or _is_made_anew(each)):
            yield f"DROP COLUMN {quoted(each.key.name)}"


def _columns(changes: Sequence[Difference]) -> Iterator[str]:
    for each in changes:
        if each.key.kind is Kind.COLUMN and each.after is not None:
            verb = "ADD" if each.change is Change.ADDED or _is_made_anew(each) else "MODIFY"
            yield f"{verb} COLUMN {column_definition(each.after)}"


def _is_made_anew(column: Difference) -> bool:
    """What a generated column is computed of cannot be modified."""
    return any(facet.name == "generated" for facet in column.facets)


def _additions(changes: Sequence[Difference]) -> Iterator[str]:
    for each in _keys(changes):
        if each.after is not None:
            yield f"ADD {_key_definition(each.after)}"
    for each in changes:
        if _is_only_heeded_otherwise(each) and each.before is not None and each.after is not None:
            word = each.after.facets.get(_IGNORED) or _HEEDED[each.before.facets[_IGNORED]]
            yield f"ALTER INDEX {quoted(each.key.name)} {word}"


def _keys(changes: Sequence[Difference]) -> list[Difference]:
    """The constraints and indexes that are dropped, made, or both."""
    return [
        each
        for each in changes
        if each.key.kind in _KEYS
        and not any(is_foreign_key(side) for side in (each.before, each.after) if side is not None)
        and not _is_only_heeded_otherwise(each)
    ]


def _is_only_heeded_otherwise(key: Difference) -> bool:
    """MariaDB overlooks IGNORED where an index is dropped and made by one statement."""
    return [facet.name for facet in key.facets] == [_IGNORED]


def _options(table: Difference) -> Iterator[str]:
    for facet in table.facets:
        if facet.name in _OPTION_WORDS:
            yield f"{_OPTION_WORDS[facet.name]}={facet.after}"
        elif facet.name == "comment":
            yield f"COMMENT={literal(facet.after or '')}"
        elif facet.name == _VERSIONING:
            yield f"{'ADD' if facet.after else 'DROP'} SYSTEM VERSIONING"
        elif facet.name == "options":
            wanted = (facet.after or "").split()
            given = {option.partition("=")[0] for option in wanted}
            former = [option.partition("=")[0] for option in (facet.before or "").split()]
            yield " ".join([*(f"{name}=DEFAULT" for name in former if name not in given), *wanted])
