"""Rules on what revision files import."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from migrator.chain.declared import ProjectImport
from migrator.chain.model import Chain
from migrator.chain.rules.judgement import judge
from migrator.findings import Finding, RuleInfo, Severity

MODEL_IMPORT = RuleInfo(
    id="model-import",
    severity=Severity.WARNING,
    summary="A revision imports the application's models.",
    why="Models move on, the revision stays: one day it selects columns that a new database does not have yet.",
    remedy='Describe what the revision needs in the revision itself: users = sa.table("users", sa.column("id"), ...)',
)
PROJECT_IMPORT = RuleInfo(
    id="project-import",
    severity=Severity.NOTICE,
    summary="A revision imports other code of the application.",
    why="The revision changes its meaning when that code changes, and stops loading when it moves.",
    remedy="Copy the few lines that it needs, or keep them in a module that is never changed.",
)
_SHOWN = 4
"""Imported names that a message lists."""
RULES = (MODEL_IMPORT, PROJECT_IMPORT)
_MODELS = re.compile(r"(?:^|[._])(?:models?|entity|entities|orm|tables|schemas?)(?:$|[._])", re.IGNORECASE)
_TYPES = re.compile(r"(?:^|[._])(?:types?|guid|columns?|utils?|mixins?|enums?|constants?)(?:$|[._])", re.IGNORECASE)
_FOR_MIGRATIONS = re.compile(r"(?:^|\.)(?:\w+_)?(?:migrations?|alembic)(?:_\w+)?(?:$|\.)", re.IGNORECASE)
"""Modules that are written for revision files."""
_CLASS = re.compile(r"[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*$")
_COLUMN_TYPE = re.compile(r"(?:Types?|ID|Dict|List|Set|JSON|Json|DateTime|GUID|UUID|Enum|Configuration|Mixin)$")


def import_findings(chain: Chain, imports: Sequence[tuple[str, ProjectImport]]) -> Iterator[Finding]:
    """A warning for models, a notice for other code of the project, nothing for what is written for migrations."""
    for id_, imported in imports:
        revision = chain.revisions.get(id_)
        if revision is None or _is_for_migrations(imported):
            continue
        rule = MODEL_IMPORT if _is_model(imported) else PROJECT_IMPORT
        names = f" ({', '.join(imported.names[:_SHOWN])}{', ...' if len(imported.names) > _SHOWN else ''})"
        message = f"{id_} imports {imported.module}{names if imported.names else ''}."
        yield judge(rule, message, path=revision.path, line=imported.line, revision=id_)


def _is_for_migrations(imported: ProjectImport) -> bool:
    if _FOR_MIGRATIONS.search(imported.module):
        return True
    return bool(imported.names) and all(_FOR_MIGRATIONS.search(name) for name in imported.names)


def _is_model(imported: ProjectImport) -> bool:
    """Whether model classes, or a whole module of them, are imported; not constants, column types or ``db``."""
    if _TYPES.search(imported.module):
        return False
    if any(_MODELS.fullmatch(name) for name in imported.names):
        return True
    if not _MODELS.search(imported.module):
        return False
    return not imported.names or any(
        name == "*" or (_CLASS.match(name) and not _COLUMN_TYPE.search(name)) for name in imported.names
    )
