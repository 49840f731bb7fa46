"""The lines that a revision's downgrade() lacks, ready to paste. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from migrator.database.snapshot.comparing import Change, Difference
from migrator.database.snapshot.ddl import statements
from migrator.database.snapshot.model import Kind, ObjectKey
from migrator.verification.rows.loosening import Freedom, Loosening

_DEFAULT_SCHEMA = {"postgresql": "public"}
_TRIPLE = '"""'


def missing_lines(wanted: Sequence[Difference], dialect: str) -> str:
    """Python lines that make the differences happen.

    Args:
        wanted: of one object, from what ``downgrade()`` leaves to what it should leave; then of the sequences that
            come and go with it.
        dialect: of the database.

    """
    if wanted and (call := _operation(wanted[0], dialect)):
        return call
    return "\n".join(_executed(statements(wanted, dialect)))


def lines_for_newer_rows(in_the_way: Sequence[Loosening], dialect: str) -> str:
    """Python lines for the beginning of a ``downgrade()``: what they are to do with rows is left to the reader.

    Args:
        in_the_way: what rows are that the former schema has no place for.
        dialect: of the database.

    """
    return "\n".join(
        f"op.execute({_quoted(line)})" for line in dict.fromkeys(_for_newer_row(e, dialect) for e in in_the_way)
    )


def _for_newer_row(loosening: Loosening, dialect: str) -> str:
    schema, name = loosening.table
    table = name if schema in (None, _DEFAULT_SCHEMA.get(dialect)) else f"{schema}.{name}"
    columns = ", ".join(loosening.columns)
    if loosening.freedom is Freedom.ALIKE:
        return f"DELETE FROM {table} WHERE ...  -- all but one of those alike in {columns}"  # noqa: S608 - to be read
    return " ".join(("UPDATE", table, "SET", columns, "= ... WHERE", _which(loosening, columns)))


def _which(loosening: Loosening, columns: str) -> str:
    """The condition that finds the rows."""
    if loosening.freedom is Freedom.EMPTY:
        return f"{columns} IS NULL"
    if loosening.freedom is Freedom.LABEL:
        return f"{columns} IN ({', '.join(repr(each) for each in loosening.values)})"
    if loosening.freedom is Freedom.OUTSIDE:
        return f"NOT ({loosening.condition})"
    return "...  -- the values that do not fit any more"


def _operation(difference: Difference, dialect: str) -> str | None:
    """Alembic's own call, where there is a plain one."""
    if difference.change is not Change.REMOVED:
        return None
    key = difference.key
    schema = _schema(key, dialect)
    if key.kind is Kind.TABLE:
        return f"op.drop_table({_quoted(key.name)}{schema})"
    if key.kind is Kind.COLUMN and key.table is not None:
        return f"op.drop_column({_quoted(key.table)}, {_quoted(key.name)}{schema})"
    if key.kind is Kind.INDEX and key.table is not None:
        return f"op.drop_index({_quoted(key.name)}, table_name={_quoted(key.table)}{schema})"
    if key.kind is Kind.CONSTRAINT and key.table is not None and dialect == "postgresql":
        return f"op.drop_constraint({_quoted(key.name)}, {_quoted(key.table)}{schema})"
    return None


def _schema(key: ObjectKey, dialect: str) -> str:
    return "" if key.schema in (None, _DEFAULT_SCHEMA.get(dialect)) else f", schema={_quoted(key.schema)}"


def _executed(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        statement = line.strip().removesuffix(";")
        if statement.startswith("--"):
            yield f"# {statement.removeprefix('--').strip()}"
        elif "\n" in statement:
            body = statement.replace("\\", "\\\\").replace(_TRIPLE, '\\"\\"\\"')
            yield f"op.execute({_TRIPLE}\n{body}\n{_TRIPLE})"
        else:
            yield f"op.execute({_quoted(statement)})"


def _quoted(text: str | None) -> str:
    """A Python literal with the quotes that formatters prefer, unless others need fewer escapes."""
    words = text or ""
    if '"' in words and "'" not in words:
        return repr(words)
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
