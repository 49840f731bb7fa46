"""Keys, foreign keys and checks of MySQL and MariaDB."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from migrator.database.snapshot.model import Kind, ObjectKey, SchemaObject
from migrator.database.snapshot.mysql.asking import Asking
from migrator.database.snapshot.mysql.text import listed, literal, quoted

_PRIMARY: Final = "PRIMARY"
_UNSAID: Final = "RESTRICT"
"""What a foreign key does where nothing is said."""
_FOREIGN_COLUMNS: Final = (
    "SELECT table_name, constraint_name, column_name, referenced_table_schema, referenced_table_name,"
    " referenced_column_name FROM information_schema.key_column_usage"
    " WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL"
    " ORDER BY table_name, constraint_name, ordinal_position"
)
_FOREIGN_RULES: Final = (
    "SELECT table_name, constraint_name, delete_rule, update_rule FROM information_schema.referential_constraints"
    " WHERE constraint_schema = DATABASE()"
)


@dataclass(frozen=True, slots=True)
class Check:
    """One check."""

    table: str
    name: str
    """Of one beside a column the column's."""
    condition: str
    """In parentheses."""
    beside_column: bool
    enforced: bool

    def as_object(self) -> SchemaObject:
        """The check as a constraint of its table."""
        definition = f"CHECK {self.condition}{'' if self.enforced else ' NOT ENFORCED'}"
        return SchemaObject(ObjectKey(Kind.CONSTRAINT, None, self.name, self.table), {"definition": definition})


def read_keys(asking: Asking) -> Iterator[SchemaObject]:
    """Read primary keys and unique constraints, which are unique indexes here, and the other indexes."""
    # MariaDB calls an index IGNORED that MySQL calls invisible.
    ignored = asking.optional("STATISTICS", "IGNORED", asking.optional("STATISTICS", "IS_VISIBLE", "'NO'"))
    expression = asking.optional("STATISTICS", "EXPRESSION")
    rows = asking.reader.fetch(
        f"SELECT table_name, index_name, non_unique, index_type, index_comment, {ignored}, column_name, sub_part,"  # noqa: S608 (fixed names)
        f" collation, {expression} FROM information_schema.statistics WHERE table_schema = DATABASE()"
        " ORDER BY table_name, index_name, seq_in_index"
    )
    is_hidden = {"IGNORED": "YES", "IS_VISIBLE": "NO"}.get(ignored)
    for (table, name), columns in groupby(rows, key=lambda row: (str(row[0]), str(row[1]))):
        parts = list(columns)
        _, _, non_unique, index_type, comment, hidden, *_ = parts[0]
        # The catalog gives a length for spatial keys, which the statement must not have.
        spatial = index_type == "SPATIAL"
        key = f"({', '.join(_key_part(each[6], None if spatial else each[7], *each[8:10]) for each in parts)})"
        key += " USING HASH" if index_type == "HASH" else ""
        key += f" COMMENT {literal(str(comment))}" if comment else ""
        facets = {"ignored": "IGNORED" if asking.is_mariadb else "INVISIBLE"} if hidden == is_hidden else {}
        if name == _PRIMARY or not int(non_unique):
            facets["definition"] = f"{'PRIMARY KEY' if name == _PRIMARY else 'UNIQUE'} {key}"
            kind = Kind.CONSTRAINT
        else:
            special = f"{index_type} " if index_type in ("FULLTEXT", "SPATIAL") else ""
            facets["definition"] = f"{special}INDEX {quoted(name)} {key}"
            kind = Kind.INDEX
        yield SchemaObject(ObjectKey(kind, None, name, table), facets)


def _key_part(column: Any, length: Any, collation: Any, expression: Any) -> str:
    part = quoted(str(column)) if column is not None else f"({expression})"
    return part + (f"({length})" if length is not None else "") + (" DESC" if collation == "D" else "")


def read_foreign_keys(asking: Asking) -> Iterator[SchemaObject]:
    """Read foreign keys."""
    rules = {
        (str(table), str(name)): (str(delete), str(update))
        for table, name, delete, update in asking.reader.fetch(_FOREIGN_RULES)
    }
    rows = asking.reader.fetch(_FOREIGN_COLUMNS)
    for (table, name), columns in groupby(rows, key=lambda row: (str(row[0]), str(row[1]))):
        parts = list(columns)
        schema, target = str(parts[0][3]), str(parts[0][4])
        where = quoted(target) if schema == asking.database else f"{quoted(schema)}.{quoted(target)}"
        delete, update = rules[table, name]
        definition = (
            f"FOREIGN KEY {listed(str(part[2]) for part in parts)}"
            f" REFERENCES {where} {listed(str(part[5]) for part in parts)}"
            + (f" ON DELETE {delete}" if delete != _UNSAID else "")
            + (f" ON UPDATE {update}" if update != _UNSAID else "")
        )
        yield SchemaObject(ObjectKey(Kind.CONSTRAINT, None, name, table), {"definition": definition})


def read_checks(asking: Asking) -> Iterator[Check]:
    """Read checks, those that stand beside a column included."""
    if asking.is_mariadb:
        level = asking.optional("CHECK_CONSTRAINTS", "LEVEL", "'Table'")
        rows = asking.reader.fetch(
            f"SELECT table_name, constraint_name, check_clause, {level}, 'YES'"  # noqa: S608 (fixed names)
            " FROM information_schema.check_constraints WHERE constraint_schema = DATABASE()"
        )
    else:
        enforced = asking.optional("TABLE_CONSTRAINTS", "ENFORCED", "'YES'")
        rows = asking.reader.fetch(
            f"SELECT t.table_name, c.constraint_name, c.check_clause, 'Table', {enforced}"  # noqa: S608 (fixed names)
            " FROM information_schema.check_constraints c JOIN information_schema.table_constraints t"
            " ON t.constraint_schema = c.constraint_schema AND t.constraint_name = c.constraint_name"
            " WHERE c.constraint_schema = DATABASE()"
        )
    for table, name, clause, level, enforced in rows:
        # MySQL's clause has parentheses around it already.
        condition = str(clause) if str(clause).startswith("(") and not asking.is_mariadb else f"({clause})"
        yield Check(str(table), str(name), condition, level == "Column", enforced == "YES")
