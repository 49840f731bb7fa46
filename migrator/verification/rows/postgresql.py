"""PostgreSQL: what its catalog says about tables, in one query whose cost is that of the tables asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from migrator.database.ledger.place import TABLES
from migrator.database.snapshot.postgresql.wording import SCRATCH_SCHEMA
from migrator.database.state import LEASE, Reader
from migrator.verification.rows.facts import (
    Check,
    ColumnFacts,
    Facts,
    ForeignKey,
    Form,
    TableFacts,
    TableName,
    TypeFacts,
    Uniqueness,
)
from migrator.verification.rows.values import Solved, value

# OFFSET 0 keeps the planner from joining whole catalogs: each table asked for is looked up by itself.
_WANTED: Final = """
    SELECT c.* FROM json_array_elements_text($1) w (name) CROSS JOIN LATERAL (
        SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = to_regclass(w.name) AND c.relkind IN ('r', 'p') OFFSET 0) c
"""
_ALL: Final = f"""
    SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
      AND n.nspname NOT IN ('information_schema', '{SCRATCH_SCHEMA}') AND n.nspname NOT LIKE 'pg\\_%'
      AND NOT EXISTS (SELECT 1 FROM pg_depend d
                      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
"""  # noqa: S608
_QUERY: Final = """
WITH RECURSIVE wanted AS MATERIALIZED ({wanted}),
columns AS MATERIALIZED (
    SELECT c.* FROM wanted w CROSS JOIN LATERAL (
        SELECT a.attrelid, a.attnum, a.atttypid, json_build_object(
            'number', a.attnum, 'name', a.attname, 'type', a.atttypid, 'modifier', a.atttypmod,
            'spelled', format_type(a.atttypid, a.atttypmod), 'required', a.attnotnull,
            'default', pg_get_expr(d.adbin, d.adrelid), 'identity', a.attidentity, 'generated', a.attgenerated) AS facts
        FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = w.oid AND a.attnum > 0 AND NOT a.attisdropped OFFSET 0) c
),
types (oid) AS (
    SELECT atttypid FROM columns
  UNION
    SELECT inner_type.oid FROM types s CROSS JOIN LATERAL (
        SELECT * FROM pg_type t WHERE t.oid = s.oid OFFSET 0
    ) t CROSS JOIN LATERAL (
        SELECT t.typbasetype WHERE t.typtype = 'd'
        UNION ALL SELECT t.typelem WHERE t.typcategory = 'A'
        UNION ALL SELECT r.rngsubtype FROM pg_range r WHERE t.typtype = 'r' AND r.rngtypid = t.oid
        UNION ALL SELECT r.rngsubtype FROM pg_range r WHERE t.typtype = 'm' AND r.rngmultitypid = t.oid
        UNION ALL SELECT a.atttypid FROM pg_attribute a
                  WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
    ) AS inner_type (oid)
)
SELECT json_build_object(
  'types', (SELECT json_agg(json_build_object(
        'oid', t.oid, 'name', t.typname, 'kind', t.typtype, 'array', t.typcategory = 'A',
        'spelled', format_type(t.oid, NULL),
        'required', t.typnotnull, 'base', t.typbasetype, 'modifier', t.typtypmod, 'element', t.typelem,
        'subtype', CASE WHEN t.typtype IN ('r', 'm') THEN
            (SELECT r.rngsubtype FROM pg_range r WHERE t.oid IN (r.rngtypid, r.rngmultitypid)) END,
        'labels', CASE WHEN t.typtype = 'e' THEN
            (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid) END,
        'checks', CASE WHEN t.typtype = 'd' THEN
            (SELECT json_agg(pg_get_expr(k.conbin, 0) ORDER BY k.conname) FROM pg_constraint k
             WHERE k.contypid = t.oid AND k.contype = 'c') END,
        'attributes', CASE WHEN t.typtype = 'c' THEN
            (SELECT json_agg(json_build_array(a.atttypid, a.atttypmod) ORDER BY a.attnum) FROM pg_attribute a
             WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) END
      )) FROM types s CROSS JOIN LATERAL (SELECT * FROM pg_type t WHERE t.oid = s.oid OFFSET 0) t),
  'tables', (SELECT json_agg(json_build_object(
        'schema', w.nspname, 'name', w.relname, 'kind', w.relkind,
        'parts', CASE WHEN w.relkind = 'p' THEN (SELECT json_agg(json_build_array(n.nspname, p.relname))
            FROM pg_partition_tree(w.oid) o JOIN pg_class p ON p.oid = o.relid AND o.level > 0
            JOIN pg_namespace n ON n.oid = p.relnamespace) END,
        'within', CASE WHEN w.relispartition THEN (SELECT json_agg(json_build_array(n.nspname, p.relname))
            FROM pg_partition_ancestors(w.oid) o JOIN pg_class p ON p.oid = o.relid AND p.oid <> w.oid
            JOIN pg_namespace n ON n.oid = p.relnamespace) END,
        'bounds', CASE WHEN w.relispartition THEN pg_get_partition_constraintdef(w.oid) END,
        'columns', (SELECT json_agg(c.facts ORDER BY c.attnum) FROM columns c WHERE c.attrelid = w.oid),
        'constraints', (SELECT json_agg(json_build_object(
                'name', k.conname, 'kind', k.contype, 'columns', k.conkey,
                'expression', CASE k.contype WHEN 'c' THEN pg_get_expr(k.conbin, k.conrelid)
                                             WHEN 'x' THEN pg_get_constraintdef(k.oid) END,
                'parent', CASE WHEN k.contype = 'f' THEN (SELECT json_build_array(n.nspname, p.relname)
                    FROM pg_class p JOIN pg_namespace n ON n.oid = p.relnamespace WHERE p.oid = k.confrelid) END,
                'parent_columns', CASE WHEN k.contype = 'f' THEN (SELECT json_agg(a.attname ORDER BY u.place)
                    FROM unnest(k.confkey) WITH ORDINALITY AS u (number, place)
                    JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number) END
            ) ORDER BY k.conname) FROM pg_constraint k
            WHERE k.conrelid = w.oid AND k.contype IN ('c', 'f', 'x')
              AND NOT EXISTS (SELECT 1 FROM pg_constraint o WHERE o.oid = k.conparentid AND o.conrelid = k.conrelid)),
        'indexes', (SELECT json_agg(json_build_object(
                'primary', i.indisprimary, 'columns', string_to_array(i.indkey::text, ' ')::int[],
                'keys', i.indnkeyatts, 'expression', pg_get_expr(i.indexprs, i.indrelid)
            ) ORDER BY i.indexrelid) FROM pg_index i WHERE i.indrelid = w.oid AND i.indisunique)
      ) ORDER BY w.nspname, w.relname) FROM wanted w)
)::text
"""
_FORMS: Final = {
    "e": Form.ENUM,
    "d": Form.DOMAIN,
    "r": Form.RANGE,
    "m": Form.MULTIRANGE,
    "c": Form.COMPOSITE,
}
_NAME: Final = "migrator_rows"
_DIMENSIONS: Final = 1 << 14
"""The most that a vector may have: what a wider modifier says is none."""


class _Types:
    """The types as the catalog gave them, made into facts."""

    def __init__(self, found: Mapping[int, Mapping[str, Any]]) -> None:
        self._found = found

    def refuses_null(self, oid: int) -> bool:
        """Whether a domain is NOT NULL."""
        return bool(self._found[oid]["required"])

    def facts(self, oid: int, modifier: int, spelled: str | None = None) -> TypeFacts:
        """One type; ``modifier`` is the catalog's, -1 for none."""
        found = self._found[oid]
        form = Form.ARRAY if found["array"] else _FORMS.get(found["kind"], Form.PLAIN)
        length, scale = _length(found["name"], modifier)
        return TypeFacts(
            name=found["name"],
            spelled=spelled or found["spelled"],
            form=form,
            length=length,
            scale=scale,
            labels=tuple(found["labels"] or ()),
            inner=self._inner(found, form, modifier),
            attributes=tuple(self.facts(*each) for each in found["attributes"] or ()),
            checks=tuple(found["checks"] or ()),
        )

    def _inner(self, found: Mapping[str, Any], form: Form, modifier: int) -> TypeFacts | None:
        if form is Form.DOMAIN:
            return self.facts(found["base"], found["modifier"])
        if form is Form.ARRAY:
            return self.facts(found["element"], modifier)
        return self.facts(found["subtype"], -1) if form in (Form.RANGE, Form.MULTIRANGE) else None


def _length(name: str, modifier: int) -> tuple[int | None, int]:
    """Length and scale from the catalog's number."""
    if name == "bpchar" and modifier < 0:
        return None, 0
    if modifier < 0:
        return (1, 0) if name in ("char", "bit") else (None, 0)
    if name in ("varchar", "bpchar"):
        return modifier - 4, 0
    if name == "numeric":
        return (modifier - 4 >> 16) & 0xFFFF, ((modifier - 4 & 0x7FF) ^ 1024) - 1024
    return modifier if modifier < _DIMENSIONS else None, 0


def _table(said: Mapping[str, Any], types: _Types) -> TableFacts:
    names = {each["number"]: each["name"] for each in said["columns"] or ()}
    constraints = said["constraints"] or ()
    indexes = said["indexes"] or ()
    return TableFacts(
        table=(said["schema"], said["name"]),
        columns=tuple(_column(each, types) for each in said["columns"] or ()),
        key=next((_names(each["columns"][: each["keys"]], names) for each in indexes if each["primary"]), ()),
        uniques=tuple(_uniques(indexes, constraints, names)),
        checks=tuple(_checks(said, names)),
        foreign_keys=tuple(
            ForeignKey(
                name=each["name"],
                columns=_names(each["columns"], names),
                parent=tuple(each["parent"]),
                parent_columns=tuple(each["parent_columns"]),
            )
            for each in constraints
            if each["kind"] == "f"
        ),
        partitioned=said["kind"] == "p",
        partition_of=tuple((schema, name) for schema, name in said["within"] or ()),
        partitions=tuple((schema, name) for schema, name in said["parts"] or ()),
    )


def _column(said: Mapping[str, Any], types: _Types) -> ColumnFacts:
    default = said["default"] if not said["generated"] else None
    return ColumnFacts(
        name=said["name"],
        type=types.facts(said["type"], said["modifier"], said["spelled"]),
        required=said["required"] or types.refuses_null(said["type"]),
        default=default,
        counted=bool(said["identity"]) or (default or "").startswith("nextval("),
        generated=bool(said["generated"]),
    )


def _uniques(indexes: Any, constraints: Any, names: Mapping[int, str]) -> Iterator[Uniqueness]:
    for each in indexes:
        columns = _names(each["columns"][: each["keys"]], names)
        inside = tuple(_mentioned(each["expression"] or "", names.values()))
        yield Uniqueness(columns=tuple(dict.fromkeys((*columns, *inside))), every=bool(inside))
    for each in constraints:
        if each["kind"] == "x":
            yield Uniqueness(columns=tuple(_mentioned(each["expression"], names.values())), every=True)


def _checks(said: Mapping[str, Any], names: Mapping[int, str]) -> Iterator[Check]:
    for each in said["constraints"] or ():
        if each["kind"] == "c":
            columns = _names(each["columns"] or (), names)
            yield Check(name=each["name"], expression=each["expression"], columns=columns)
    if said["bounds"]:
        inside = tuple(_mentioned(said["bounds"], names.values()))
        yield Check(name="the bounds of the partition", expression=said["bounds"], columns=inside)


def _names(numbers: Collection[int], names: Mapping[int, str]) -> tuple[str, ...]:
    return tuple(names[each] for each in numbers if each in names)


def _mentioned(expression: str, names: Collection[str]) -> Iterator[str]:
    """The columns whose names stand in an expression, quoted or bare; not those inside of text."""
    words = set(re.findall(r"\"(?:[^\"]|\"\")+\"|\w+", re.sub(r"'(?:[^']|'')*'", " ", expression)))
    return (each for each in names if each in words or '"' + each.replace('"', '""') + '"' in words)


def _facts(answer: Sequence[tuple[Any, ...]], leave_out: frozenset[str]) -> Facts:
    said = json.loads(answer[0][0])
    types = _Types({each["oid"]: each for each in said["types"] or ()})
    return {
        (each["schema"], each["name"]): _table(each, types)
        for each in said["tables"] or ()
        if each["name"] not in leave_out and each["name"] not in (*TABLES, LEASE)
    }


class Postgresql:
    """PostgreSQL's ways, as `migrator.verification.rows.dialect.Dialect` wants them."""

    several_statements = True
    sees_own_target = True

    def __init__(self) -> None:
        self._prepared = False

    def read_facts(self, reader: Reader, tables: Collection[TableName] | None, leave_out: frozenset[str]) -> Facts:
        """Read the catalog; the question for some tables is asked after each step, and so prepared once."""
        self._prepare(reader)
        if tables is None:
            return _facts(reader.fetch(_QUERY.format(wanted=_ALL)), leave_out)
        found = self._some(reader, tables, leave_out)
        partitions = {name for table in found.values() for name in table.partitions if name not in found}
        return {**found, **self._some(reader, partitions, leave_out)} if partitions else found

    def _prepare(self, reader: Reader) -> None:
        if self._prepared:
            return
        # Compiling the question would take seconds where the server compiles costly ones; running it takes one ms.
        reader.fetch("SET jit = off")
        reader.fetch("SET plan_cache_mode = force_generic_plan")
        if not reader.fetch("SELECT 1 FROM pg_prepared_statements WHERE name = ?", _NAME):
            reader.fetch(f"PREPARE {_NAME} (json) AS {_QUERY.format(wanted=_WANTED)}")
        self._prepared = True

    def _some(self, reader: Reader, tables: Collection[TableName], leave_out: frozenset[str]) -> Facts:
        names = json.dumps(sorted({self.relation(each) for each in tables}))
        return _facts(reader.fetch(f"EXECUTE {_NAME} ({literal(names)})"), leave_out)

    def quoted(self, name: str) -> str:
        """A name in double quotes."""
        return '"' + name.replace('"', '""') + '"'

    def relation(self, table: TableName) -> str:
        """Schema and name."""
        return ".".join(self.quoted(part) for part in table if part)

    def own_rows(self, table: TableName) -> str:
        """Without the rows of tables that inherit from it."""
        return f"ONLY {self.relation(table)}"

    def literal(self, text: str | None, kind: TypeFacts) -> str:  # noqa: ARG002
        """Text is read as the column's type, whatever that is."""
        return "NULL" if text is None else literal(text)

    def cast(self, text: str | None, kind: TypeFacts) -> str:
        """The same with its type."""
        return f"CAST({self.literal(text, kind)} AS {kind.spelled})"

    def joined(self, terms: Sequence[str]) -> str:
        """With the operator, since concat() takes a hundred at most."""
        return " || ".join(f"CAST({each} AS text)" for each in terms)

    def as_text(self, column: str, kind: TypeFacts) -> str:  # noqa: ARG002
        """As the type writes itself."""
        return f"CAST({self.quoted(column)} AS text)"

    def usual(self, kind: TypeFacts, variant: int, solved: Solved) -> str | None:
        """From the table of types."""
        return value(kind, variant, solved)

    def insert(self, table: TableFacts, names: Sequence[str], terms: Sequence[str]) -> str:
        """Numbers of identity columns are given too."""
        target = f"INSERT INTO {self.relation(table.table)}"
        if not names:
            return f"{target} DEFAULT VALUES"
        columns = ", ".join(self.quoted(each) for each in names)
        return f"{target} ({columns}) OVERRIDING SYSTEM VALUE VALUES ({', '.join(terms)})"

    def update_one(self, table: TableFacts, assignments: str, condition: str) -> str:
        """The first in the file."""
        rows = self.own_rows(table.table)
        return (
            f"UPDATE {rows} SET {assignments}"  # noqa: S608
            f" WHERE ctid = (SELECT ctid FROM {rows} WHERE {condition} ORDER BY ctid LIMIT 1)"
        )

    def together(self, inserts: Sequence[str]) -> tuple[str, ...]:
        """One statement: foreign keys are checked at its end."""
        parts = ", ".join(f"i{number} AS ({insert})" for number, insert in enumerate(inserts))
        return (f"WITH {parts} SELECT 1",)

    def truncate(self, tables: Sequence[TableName]) -> tuple[str, ...]:
        """All at once."""
        return (f"TRUNCATE {', '.join(self.relation(each) for each in tables)} CASCADE",) if tables else ()


def literal(text: str) -> str:
    """Text in quotes, whatever standard_conforming_strings says."""
    if "\\" in text:
        return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
    return "'" + text.replace("'", "''") + "'"
