"""A revision whose upgrade makes the history like a live database, written for review."""

from __future__ import annotations

import re
from collections.abc import Sequence

from migrator.database.snapshot.ddl import statements
from migrator.execution.adapter.generating import WrittenRevision, draft
from migrator.execution.revising import RevisionWish, placed
from migrator.execution.written_files import check_written_file
from migrator.findings import Finding
from migrator.project import Project
from migrator.verification.drift.guarding import guarded
from migrator.verification.drift.model import Drifted

_BIND = re.compile(r"(?<![:\w\\]):(?=\w+(?!:))")
"""What SQLAlchemy would take for a parameter."""
_INDENT = "    "


def write_revision(
    project: Project, wish: RevisionWish, drifted: Sequence[Drifted], dialect: str
) -> tuple[tuple[WrittenRevision, ...], tuple[Finding, ...]]:
    """Write a revision on top of the head (or where the wish says) with the statements of a drift, both ways.

    The statements do nothing where their effect is there already: the database that drifted upgrades through the
    revision like every other.

    Returns:
        The file, and what is wrong with it.

    Raises:
        UsageError: the wish asks for something that does not exist or does not fit.
        Refused: a file of that name exists.

    """
    upgrades = statements([one for each in drifted for one in each.differences], dialect)
    downgrades = statements([one for each in drifted for one in each.backwards], dialect)
    prepared = draft(project, placed(project, wish))
    prepared.say(upgrade=body(upgrades, dialect), downgrade=body(downgrades, dialect))
    written = prepared.write()
    return written, tuple(finding for each in written for finding in check_written_file(project, each.path))


def body(statements_: Sequence[str], dialect: str) -> str:
    """The body of an ``upgrade()`` that runs statements, without its first indent; empty for none."""
    lines = [_line(statement, dialect) for statement in statements_]
    if lines and all(line.startswith("#") for line in lines):
        lines.append("pass")
    return f"\n{_INDENT}".join(lines)


def _line(statement: str, dialect: str) -> str:
    if statement.lstrip().startswith("--"):
        return f"\n{_INDENT}".join(f"# {line.lstrip('- ')}" for line in statement.splitlines())
    return f"op.execute({_literal(_without_binds(guarded(statement, dialect)))})"


def _without_binds(sql: str) -> str:
    return _BIND.sub(r"\\:", sql)


def _literal(sql: str) -> str:
    """Python's words for a text: of several lines as several lines."""
    if "\n" not in sql or '"""' in sql or sql.endswith('"'):
        return repr(sql)
    escaped = sql.replace("\\", "\\\\")
    return f'"""{escaped}"""'
