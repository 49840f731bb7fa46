"""SQLite: what its pragmas and the words of CREATE TABLE say about tables, and how values are written there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from migrator.database.ledger.place import TABLES
from migrator.database.state import LEASE, Reader
from migrator.verification.rows.facts import (
    Check,
    ColumnFacts,
    Facts,
    ForeignKey,
    TableFacts,
    TableName,
    TypeFacts,
    Uniqueness,
)
from migrator.verification.rows.values import Solved, day, identifier, moment, number, text

_TABLES: Final = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
_COLUMNS: Final = """
    SELECT m.name, p.name, p.type, p."notnull", p.dflt_value, p.pk, p.hidden
    FROM sqlite_master m JOIN pragma_table_xinfo(m.name) p WHERE m.type = 'table' ORDER BY m.name, p.cid
"""
_UNIQUES: Final = """
    SELECT m.name, i.name, c.name FROM sqlite_master m
    JOIN pragma_index_list(m.name) i JOIN pragma_index_info(i.name) c
    WHERE m.type = 'table' AND i."unique" ORDER BY m.name, i.name, c.seqno
"""
_FOREIGN_KEYS: Final = """
    SELECT m.name, f.id, f."from", f."table", f."to" FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f
    WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq
"""
_DECLARED: Final = re.compile(r"\s*([A-Za-z_ ]*?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*$")
_PIECE: Final = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/|\bCHECK\b|.", re.DOTALL | re.IGNORECASE
)


class Sqlite:
    """Its ways, as `migrator.verification.rows.dialect.Dialect` wants them."""

    several_statements = False
    sees_own_target = True

    def __init__(self) -> None:
        self._ready = False

    def read_facts(self, reader: Reader, tables: Collection[TableName] | None, leave_out: frozenset[str]) -> Facts:
        """Read the catalog in four questions; a table has no schema."""
        if not self._ready:
            reader.fetch("PRAGMA synchronous = OFF")  # rows of a throwaway database need not outlive the machine
            self._ready = True
        wanted = None if tables is None else {name for _, name in tables}
        columns, uniques, keys = (_by_table(reader.fetch(query)) for query in (_COLUMNS, _UNIQUES, _FOREIGN_KEYS))
        primary = {name: _key(each) for name, each in columns.items()}
        return {
            (None, name): _table(name, str(sql), columns[name], uniques[name], _complete(keys[name], primary))
            for name, sql in reader.fetch(_TABLES)
            if (wanted is None or name in wanted) and name not in leave_out and name not in (*TABLES, LEASE)
        }

    def quoted(self, name: str) -> str:
        """A name in double quotes."""
        return '"' + name.replace('"', '""') + '"'

    def relation(self, table: TableName) -> str:
        """The name."""
        return self.quoted(table[1])

    def own_rows(self, table: TableName) -> str:
        """The name: there are no children."""
        return self.quoted(table[1])

    def literal(self, text: str | None, kind: TypeFacts) -> str:
        """Text, which the column's affinity makes a number of; bytes have a notation of their own."""
        if text is None:
            return "NULL"
        return f"X'{text}'" if kind.name == "blob" else "'" + text.replace("'", "''") + "'"

    def cast(self, text: str | None, kind: TypeFacts) -> str:
        """A number stands without quotes, as the column would hold it."""
        is_number = text is not None and kind.name in ("int8", "numeric", "float8", "bool")
        return str(text) if is_number else self.literal(text, kind)

    def joined(self, terms: Sequence[str]) -> str:
        """With the operator."""
        return " || ".join(terms)

    def as_text(self, column: str, kind: TypeFacts) -> str:
        """Bytes as hexadecimal digits."""
        name = self.quoted(column)
        if kind.name == "blob":
            return f"CASE WHEN {name} IS NOT NULL THEN hex({name}) END"
        return f"CAST({name} AS text)"

    def usual(self, kind: TypeFacts, variant: int, solved: Solved) -> str | None:  # noqa: ARG002
        """From the table of types."""
        return _VALUES[kind.name](kind, variant)

    def insert(self, table: TableFacts, names: Sequence[str], terms: Sequence[str]) -> str:
        """One row, an empty one too."""
        if not names:
            return f"INSERT INTO {self.relation(table.table)} DEFAULT VALUES"
        columns = ", ".join(self.quoted(each) for each in names)
        return f"INSERT INTO {self.relation(table.table)} ({columns}) VALUES ({', '.join(terms)})"  # noqa: S608

    def update_one(self, table: TableFacts, assignments: str, condition: str) -> str:
        """The first by key."""
        key = ", ".join(self.quoted(each) for each in table.key) or "rowid"
        name = self.relation(table.table)
        return f"UPDATE {name} SET {assignments} WHERE ({key}) = (SELECT {key} FROM {name} WHERE {condition} LIMIT 1)"  # noqa: S608

    def together(self, inserts: Sequence[str]) -> tuple[str, ...]:
        """One after the other: foreign keys are not checked unless somebody asks for it."""
        return tuple(inserts)

    def truncate(self, tables: Sequence[TableName]) -> tuple[str, ...]:
        """One after the other."""
        return tuple(f"DELETE FROM {self.relation(each)}" for each in tables)  # noqa: S608


def _by_table(rows: Sequence[tuple[Any, ...]]) -> defaultdict[str, list[tuple[Any, ...]]]:
    found: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for table, *rest in rows:
        found[str(table)].append(tuple(rest))
    return found


def _table(
    name: str,
    sql: str,
    columns: Sequence[tuple[Any, ...]],
    uniques: Sequence[tuple[Any, ...]],
    keys: Sequence[tuple[Any, ...]],
) -> TableFacts:
    read = tuple(_column(each) for each in columns)
    key = _key(columns)
    indexes = [_unique(parts, read) for parts in _grouped(uniques).values()]
    return TableFacts(
        table=(None, name),
        columns=read,
        key=key,
        uniques=(*((Uniqueness(columns=key),) if key else ()), *indexes),
        checks=tuple(_checks(sql, read)),
        foreign_keys=tuple(
            ForeignKey(
                name=f"the foreign key {number} of {name}",
                columns=tuple(str(own) for own, _, _ in parts),
                parent=(None, str(parts[0][1])),
                parent_columns=tuple(str(theirs) for _, _, theirs in parts),
            )
            for number, parts in _grouped(keys).items()
        ),
    )


def _key(columns: Sequence[tuple[Any, ...]]) -> tuple[str, ...]:
    """The primary key, in its order."""
    return tuple(str(each[0]) for each in sorted(columns, key=lambda each: int(each[4])) if each[4])


def _complete(keys: Sequence[tuple[Any, ...]], primary: Mapping[str, tuple[str, ...]]) -> list[tuple[Any, ...]]:
    """The parts of foreign keys, with the primary key where no column of the parent is named."""
    found = []
    places: defaultdict[Any, int] = defaultdict(int)
    for key, own, parent, theirs in keys:
        implied = primary.get(parent, ())[places[key] : places[key] + 1]
        found.append((key, own, parent, theirs or next(iter(implied), own)))
        places[key] += 1
    return found


def _grouped(rows: Sequence[tuple[Any, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    found: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for first, *rest in rows:
        found[str(first)].append(tuple(rest))
    return found


def _unique(parts: Sequence[tuple[Any, ...]], columns: Sequence[ColumnFacts]) -> Uniqueness:
    names = tuple(str(column) for (column,) in parts if column is not None)
    if len(names) == len(parts):
        return Uniqueness(columns=names)
    return Uniqueness(columns=tuple(each.name for each in columns), every=True)  # an expression, which is not told


def _column(said: Sequence[Any]) -> ColumnFacts:
    name, declared, required, default, key, hidden = said
    match = _DECLARED.match(declared)
    words, length, scale = match.groups() if match else (declared, None, None)
    return ColumnFacts(
        name=name,
        type=TypeFacts(
            name=_family(words.upper()),
            spelled=declared,
            length=int(length) if length else None,
            scale=int(scale or 0),
        ),
        required=bool(required or key),
        default=default,
        generated=bool(hidden),
    )


def _family(words: str) -> str:
    """What is stored, by SQLite's rules of affinity and by the names that SQLAlchemy gives."""
    for part, family in _BY_NAME:
        if part in words:
            return family
    return "numeric"


_BY_NAME: Final = (
    ("BOOL", "bool"), ("INT", "int8"), ("CHAR", "varchar"), ("CLOB", "varchar"), ("TEXT", "varchar"),
    ("BLOB", "blob"), ("BINARY", "blob"), ("REAL", "float8"), ("FLOA", "float8"), ("DOUB", "float8"),
    ("DATETIME", "timestamp"), ("TIMESTAMP", "timestamp"), ("DATE", "date"), ("TIME", "time"), ("JSON", "json"),
    ("UUID", "uuid"),
)  # fmt: skip


def _checks(sql: str, columns: Sequence[ColumnFacts]) -> Iterator[Check]:
    """The conditions in the words of CREATE TABLE."""
    pieces = [match[0] for match in _PIECE.finditer(sql) if not match[0].startswith(("--", "/*"))]
    for place, piece in enumerate(pieces):
        if piece.upper() == "CHECK":
            expression = _in_brackets(pieces[place + 1 :])
            words = re.findall(r"[\w]+", re.sub(r"'(?:[^']|'')*'", " ", expression))
            inside = tuple(each.name for each in columns if each.name in words or f'"{each.name}"' in expression)
            yield Check(name="CHECK", expression=expression, columns=inside)


def _in_brackets(pieces: Sequence[str]) -> str:
    depth, text = 0, ""
    for piece in pieces:
        depth += (piece == "(") - (piece == ")")
        text += piece
        if depth == 0 and text.strip():
            break
    return text


def _number(kind: TypeFacts, variant: int) -> str:
    return number(kind.length or 9, kind.scale, variant)


_VALUES: Final[Mapping[str, Callable[[TypeFacts, int], str]]] = {
    "bool": lambda _, v: str((v + 1) % 2),
    "int8": lambda _, v: str(1_000_001 + v),
    "varchar": lambda kind, v: text(kind.length, v),
    "blob": lambda _, v: f"00ff{v % 256:02x}",
    "float8": lambda _, v: f"{1_000_000 + v}.0625",
    "numeric": _number,
    "timestamp": lambda _, v: moment(v).replace(tzinfo=None).isoformat(sep=" "),
    "date": lambda _, v: day(v).isoformat(),
    "time": lambda _, v: f"12:34:{v % 60:02}.123456",
    "json": lambda _, v: f'{{"row": {v}}}',
    "uuid": lambda _, v: identifier(v).replace("-", ""),
}
