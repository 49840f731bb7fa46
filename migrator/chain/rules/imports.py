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
RULES = (MODEL_IMPORT, PROJECT_IMPORT)
_MODELS = re.compile(r"(?:^|[._])(?:models?|entity|entities|orm|tables|schemas?)(?:$|[._])", re.IGNORECASE)
_TYPES = re.compile(
    r"(?:^|[._])(?:types?|guid|columns?|utils?|mixins?|enums?|constants?|migration\w*)(?:$|[._])", re.IGNORECASE
)


def import_findings(chain: Chain, imports: Sequence[tuple[str, ProjectImport]]) -> Iterator[Finding]:
    """A warning for models, a notice for other code of the project."""
    for id_, imported in imports:
        revision = chain.revisions.get(id_)
        if revision is None:
            continue
        rule = MODEL_IMPORT if _is_model(imported) else PROJECT_IMPORT
        names = f" ({', '.join(imported.names)})" if imported.names else ""
        message = f"{id_} imports {imported.module}{names}."
        yield judge(rule, message, path=revision.path, line=imported.line, revision=id_)


def _is_model(imported: ProjectImport) -> bool:
    if _TYPES.search(imported.module):
        return False
    if _MODELS.search(imported.module):
        return True
    return any(_MODELS.search(name) and not _TYPES.search(name) for name in imported.names)
