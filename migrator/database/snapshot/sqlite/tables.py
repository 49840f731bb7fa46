"""What only the text of a table says: constraints, collations, generated columns. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from migrator.database.snapshot.sqlite.text import quoted, without_parentheses, written
from migrator.database.statements.cursor import Cursor

_COLUMN_WORDS: Final = frozenset(
    {
        "CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "GENERATED",
        "AS",
    }
)  # fmt: skip
_TABLE_WORDS: Final = frozenset(
    {
        "CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN",
    }
)  # fmt: skip
_IMMEDIATE: Final = "IMMEDIATE"


class Rule(StrEnum):
    """What a constraint demands, as it is written."""

    PRIMARY_KEY = "PRIMARY KEY"
    UNIQUE = "UNIQUE"
    FOREIGN_KEY = "FOREIGN KEY"
    CHECK = "CHECK"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstraintText:
    """One constraint, whether it is written beside its column or at the end of the table."""

    rule: Rule
    name: str | None
    columns: tuple[str, ...] = ()
    """As they are named; of a key with what else is said of them: ``name COLLATE NOCASE DESC``."""
    expression: str = ""
    """Of a check."""
    target: str = ""
    """Table that a foreign key leads to."""
    target_columns: tuple[str, ...] = ()
    """Empty where the target's primary key is meant."""
    options: str = ""
    """What happens on conflict, or what a foreign key does on deletion and update, with a space before."""


@dataclass(slots=True, kw_only=True)
class ColumnText:
    """What the catalog does not say of a column."""

    collation: str | None = None
    generated: str | None = None
    autoincrement: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableText:
    """A table as its text has it."""

    columns: Mapping[str, ColumnText]
    """By name in small letters."""
    constraints: tuple[ConstraintText, ...]
    options: frozenset[str]
    """``STRICT`` and ``WITHOUT ROWID``."""


@dataclass(slots=True)
class _Reading:
    columns: dict[str, ColumnText] = field(default_factory=dict)
    constraints: list[ConstraintText] = field(default_factory=list)


def read_table(texts: list[str]) -> TableText:
    """Read ``CREATE TABLE``, as it stands in ``sqlite_master``, from its tokens."""
    start = texts.index("(")
    inside = Cursor(texts[start:], "sqlite")
    _texts_in_parentheses(inside)
    body = Cursor(texts[start + 1 : start + inside.at - 1], "sqlite")
    options = frozenset(written(option.rest) for option in inside.actions())
    reading = _Reading()
    for item in body.actions():
        if item.word in _TABLE_WORDS:
            _read_table_constraint(item, reading)
        else:
            _read_column(item, reading)
    return TableText(columns=reading.columns, constraints=tuple(reading.constraints), options=options - {""})


def _read_column(item: Cursor, reading: _Reading) -> None:
    name = str(item.identifier())
    column = reading.columns[name.lower()] = ColumnText()
    while item.at < item.end and item.word not in _COLUMN_WORDS:
        item.at += 1
    given: str | None = None
    while item.at < item.end:
        if item.take("CONSTRAINT"):
            given = item.identifier()
        elif not _read_rule(item, reading, given, name, column):
            _read_property(item, column)


def _read_rule(item: Cursor, reading: _Reading, given: str | None, name: str, column: ColumnText) -> bool:
    """Whether a constraint beside its column was next; it is read then."""
    if item.take("PRIMARY", "KEY"):
        direction = item.take_any(frozenset({"ASC", "DESC"}))
        key = quoted(name) + (" DESC" if direction == "DESC" else "")
        options = _conflict(item)
        column.autoincrement = item.take("AUTOINCREMENT")
        found = ConstraintText(rule=Rule.PRIMARY_KEY, name=given, columns=(key,), options=options)
    elif item.take("UNIQUE"):
        found = ConstraintText(rule=Rule.UNIQUE, name=given, columns=(quoted(name),), options=_conflict(item))
    elif item.word == "CHECK":
        found = _check(item, given)
    elif item.word == "REFERENCES":
        found = _reference(item, given, (quoted(name),))
    else:
        return False
    reading.constraints.append(found)
    return True


def _read_property(item: Cursor, column: ColumnText) -> None:
    if item.take("COLLATE"):
        column.collation = str(item.identifier()).upper()
    elif item.take("GENERATED", "ALWAYS", "AS") or item.take("AS"):
        generated = written(without_parentheses(_texts_in_parentheses(item)))
        column.generated = f"({generated}) {item.take_any(frozenset({'STORED', 'VIRTUAL'})) or 'VIRTUAL'}"
    else:
        item.at += 1


def _read_table_constraint(item: Cursor, reading: _Reading) -> None:
    name = item.identifier() if item.take("CONSTRAINT") else None
    if item.take("PRIMARY", "KEY"):
        columns, autoincrement = _key_columns(item)
        for column in columns if autoincrement else ():
            reading.columns[column.strip('"').lower()].autoincrement = True
        rule = Rule.PRIMARY_KEY
    elif item.take("UNIQUE"):
        columns, _ = _key_columns(item)
        rule = Rule.UNIQUE
    elif item.take("FOREIGN", "KEY"):
        columns, _ = _key_columns(item)
        reading.constraints.append(_reference(item, name, columns))
        return
    else:
        reading.constraints.append(_check(item, name))
        return
    reading.constraints.append(ConstraintText(rule=rule, name=name, columns=columns, options=_conflict(item)))


def _key_columns(item: Cursor) -> tuple[tuple[str, ...], bool]:
    """The columns in parentheses that are next, and whether they count by themselves."""
    inside = Cursor(_texts_in_parentheses(item)[1:-1], "sqlite")
    columns, autoincrement = [], False
    for column in inside.actions():
        texts = column.texts[: column.end]
        autoincrement |= texts[-1].upper() == "AUTOINCREMENT"
        name, more = texts[0], [text.upper() for text in texts[1:]]
        columns.append(written([name, *(text for text in more if text not in ("ASC", "AUTOINCREMENT"))]))
    return tuple(columns), autoincrement


def _check(item: Cursor, name: str | None) -> ConstraintText:
    item.take("CHECK")
    condition = written(without_parentheses(_texts_in_parentheses(item)))
    _conflict(item)
    return ConstraintText(rule=Rule.CHECK, name=name, expression=condition)


def _reference(item: Cursor, name: str | None, columns: tuple[str, ...]) -> ConstraintText:
    item.take("REFERENCES")
    target = str(item.identifier())
    target_columns, _ = _key_columns(item) if item.word == "(" else ((), False)
    return ConstraintText(
        rule=Rule.FOREIGN_KEY,
        name=name,
        columns=columns,
        target=target,
        target_columns=target_columns,
        options=_reference_options(item),
    )


def _reference_options(item: Cursor) -> str:
    """What a foreign key does; MATCH is read by SQLite and has no effect, NO ACTION and IMMEDIATE are the usual."""
    actions = {"DELETE": "", "UPDATE": ""}
    timing = _IMMEDIATE
    while item.at < item.end:
        if item.take("ON"):
            event = item.take_any(frozenset(actions))
            second = {"SET", "NO"} & {item.word}
            action = " ".join(item.rest[: 2 if second else 1])
            item.at += 2 if second else 1
            actions[event] = "" if action == "NO ACTION" else f" ON {event} {action}"
        elif item.take("MATCH"):
            item.at += 1
        elif item.take("NOT", "DEFERRABLE"):
            if item.take("INITIALLY"):
                item.at += 1
        elif item.take("DEFERRABLE"):
            timing = item.words[item.at + 1] if item.word == "INITIALLY" else _IMMEDIATE
            item.at += 2 if item.word == "INITIALLY" else 0
        else:
            break
    return "".join(actions.values()) + (" DEFERRABLE INITIALLY DEFERRED" if timing == "DEFERRED" else "")


def _conflict(item: Cursor) -> str:
    if not item.take("ON", "CONFLICT"):
        return ""
    action = item.word
    item.at += 1
    return "" if action == "ABORT" else f" ON CONFLICT {action}"


def _texts_in_parentheses(item: Cursor) -> list[str]:
    start = item.at
    item.skip_parentheses()
    return item.texts[start : item.at]
