"""Rules on what a revision file declares about how it is run; `migrator.chain.revision_options` finds the cases."""

from __future__ import annotations

from migrator.findings import RuleInfo, Severity

INVALID_OPTIONS = RuleInfo(
    id="invalid-options",
    severity=Severity.ERROR,
    summary="A revision declares an option that does not exist, or a value that the option does not take.",
    why="RevisionOptions(...) raises when the file is loaded, and Alembic loads every file for any command.",
    remedy='Write options by name: migrator = RevisionOptions(lock_timeout="5s", resumable=True)',
)
OPTIONS_WITHOUT_EFFECT = RuleInfo(
    id="options-without-effect",
    severity=Severity.WARNING,
    summary="A revision makes RevisionOptions(...), but the name migrator does not stand for them.",
    why="Only the module-level name migrator is read: the revision runs with the limits of the profile.",
    remedy="Write: migrator = RevisionOptions(...)",
)
OPTIONS_DECLARED_TWICE = RuleInfo(
    id="options-declared-twice",
    severity=Severity.WARNING,
    summary="A revision declares its options more than once.",
    why="The last declaration replaces the others, options that only they give included.",
    remedy="Write all options of the revision into one RevisionOptions(...).",
)
RULES = (INVALID_OPTIONS, OPTIONS_WITHOUT_EFFECT, OPTIONS_DECLARED_TWICE)
