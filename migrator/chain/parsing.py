"""One revision file, read in full: every form in which a header can be written without being computed."""

from __future__ import annotations

import ast
import os
import re
from dataclasses import dataclass
from typing import Any

from migrator.chain.bodies import classify
from migrator.chain.constants import Constants
from migrator.chain.declared import VARIABLES, Computed, Declared, PlainProblem, Problem, ids_of
from migrator.chain.imports import may_import, project_imports
from migrator.chain.model import Body
from migrator.chain.statements import Scope

_LEGACY_NAME = re.compile(r"([a-f0-9]+)\.py$")


@dataclass(frozen=True, slots=True)
class ReadingContext:
    """What reading a file needs to know of its project."""

    constants: Constants
    packages: frozenset[bytes]
    """Top-level names of the project's own code."""


def parse_revision(path: str, content: bytes, context: ReadingContext) -> Declared:
    """Read a revision file by its syntax tree; what is wrong with it comes back as its problems."""
    try:
        tree = compile(content, path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    except SyntaxError as error:
        return unreadable(f"cannot be parsed: {error.msg}", line=error.lineno or 1)
    except (ValueError, RecursionError, MemoryError) as error:
        return unreadable(f"cannot be parsed: {error}")
    assert isinstance(tree, ast.Module)  # noqa: S101 - what PyCF_ONLY_AST returns for "exec"
    scope = Scope(context.constants, known={"__file__": path})
    scope.run(tree.body)
    imports = tuple(project_imports(tree, context.packages)) if may_import(content, context.packages) else ()
    declared = declared_by(scope, path)
    return declared._replace(
        doc=first_paragraph(ast.get_docstring(tree, clean=False)),
        imports=tuple((item.line, item.module, item.names) for item in imports),
        problems=declared.problems + _relative_imports(scope),
    )


def declared_by(scope: Scope, path: str) -> Declared:
    """What the names of a finished module say, with a problem for each that cannot be used."""
    problems: list[Problem] = []
    id_ = _id_in(scope, path, problems)
    if "down_revision" not in scope.values and not problems:
        problems.append(
            Problem(
                "missing-down-revision",
                scope.lines.get("revision", 1),
                "the file does not set down_revision.",
            )
        )
    parents, labels, depends = (_ids_in(scope, name, problems) for name in VARIABLES[1:])
    downgrade = scope.functions.get("downgrade")
    lines = [scope.lines.get(name, 1) for name in VARIABLES]
    return Declared(
        id=id_,
        parents=parents,
        branch_labels=labels,
        depends_on=depends,
        lines=(lines[0], lines[1], lines[2], lines[3], downgrade.lineno if downgrade else 1),
        upgrade=_body(scope, "upgrade"),
        downgrade=_body(scope, "downgrade"),
        problems=tuple(problem.plain() for problem in problems),
    )


def unreadable(message: str, *, line: int = 1, remedy: str = "") -> Declared:
    """What is known of a file that could not be read at all."""
    problem = Problem(
        "unreadable-file",
        line,
        f"the file {message}.",
        remedy=remedy,
    )
    return Declared(None, problems=(problem.plain(),))


def first_paragraph(docstring: str | None) -> str:
    """The docstring up to its first empty line, as Alembic shows it in lists."""
    return docstring.strip().split("\n\n", 1)[0] if docstring else ""


def _id_in(scope: Scope, path: str, problems: list[Problem]) -> str | None:
    if "revision" not in scope.values:
        legacy = _LEGACY_NAME.match(os.path.basename(path))
        if legacy:
            return legacy.group(1)
        problems.append(
            Problem(
                "missing-id",
                1,
                "the file does not set revision, and its name does not give an id.",
            )
        )
        return None
    value = scope.value_of("revision")
    line = scope.lines.get("revision", 1)
    if isinstance(value, Computed):
        problems.append(_computed("revision", value, line, path))
        return None
    if not isinstance(value, str) or not value:
        problems.append(
            Problem(
                "missing-id",
                line,
                f"revision is {value!r}, which is not a text with at least one character.",
                "Alembic can only use a text as a revision id.",
                'Write: revision = "..."',
            )
        )
        return None
    return value


def _ids_in(scope: Scope, name: str, problems: list[Problem]) -> tuple[str, ...]:
    if name not in scope.values:
        return ()
    value: Any = scope.value_of(name)
    line = scope.lines.get(name, 1)
    if isinstance(value, Computed):
        problems.append(_computed(name, value, line, scope.values.get("__file__", "")))
        return ()
    ids = ids_of(value)
    if ids is None:
        problems.append(
            Problem(
                "computed-value",
                line,
                f"{name} is {value!r}; a text, None, or a tuple or list of texts is needed.",
                "Alembic cannot use this value as ids.",
                f'Write: {name} = "..." or {name} = ("...", "...") or {name} = None',
            )
        )
        return ()
    return ids


def _computed(name: str, value: Computed, line: int, path: str) -> Problem:
    return Problem(
        "computed-value",
        line,
        f"{name} cannot be read without executing the file: {value.why}.",
        remedy=f"Write the value as a constant, or execute this one file: migrator check --chain --import {path}",
    )


def _body(scope: Scope, name: str) -> str:
    function = scope.functions.get(name)
    if function is not None:
        return classify(function.body).value
    return Body.WORKS.value if name in scope.values else Body.MISSING.value


def _relative_imports(scope: Scope) -> tuple[PlainProblem, ...]:
    return tuple(
        Problem(
            "relative-import",
            statement.lineno,
            f"the file imports relatively: from {'.' * statement.level}{statement.module or ''} import ...",
        ).plain()
        for statement in scope.relative_imports
    )
