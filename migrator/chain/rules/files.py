"""Rules on single files: what keeps one from being read."""

from __future__ import annotations

from collections.abc import Iterable

from migrator.chain.declared import Problem
from migrator.chain.files import RevisionFiles
from migrator.chain.rules import options
from migrator.chain.rules.judgement import judge
from migrator.findings import Finding, RuleInfo, Severity

UNREADABLE_FILE = RuleInfo(
    id="unreadable-file",
    severity=Severity.ERROR,
    summary="A revision file cannot be opened, decoded or parsed.",
    why="Alembic loads every revision file for any command and stops here.",
    remedy="Correct the file, or remove it from the version location.",
)
MISSING_ID = RuleInfo(
    id="missing-id",
    severity=Severity.ERROR,
    summary="A Python file in a version location does not say which revision it is.",
    why="Alembic takes every .py file of a version location for a revision and stops here.",
    remedy='Add: revision = "..." and down_revision, or move the file out of the version location.',
)
MISSING_DOWN_REVISION = RuleInfo(
    id="missing-down-revision",
    severity=Severity.ERROR,
    summary="A revision file does not set down_revision.",
    why="Alembic stops with AttributeError on any command.",
    remedy="Add: down_revision = None (a base) or the id of its parent.",
)
COMPUTED_VALUE = RuleInfo(
    id="computed-value",
    severity=Severity.ERROR,
    summary="A header value is computed when the file is executed, or has a type that is no id.",
    why="The chain is read without executing revision files, so that reading is fast and has no side effects.",
    remedy="Write the value as a constant, or execute this one file: migrator check --chain --import FILE",
)
RELATIVE_IMPORT = RuleInfo(
    id="relative-import",
    severity=Severity.ERROR,
    summary="A revision file imports relatively at its top level.",
    why="Alembic loads a revision file outside of any package, where a relative import raises ImportError.",
    remedy="Import by the full name of the module.",
)
FILE_LISTED_TWICE = RuleInfo(
    id="file-listed-twice",
    severity=Severity.WARNING,
    summary="Two version locations, or a symbolic link, lead to the same file.",
    why="Alembic reads it once and warns on every command.",
    remedy="Name each folder once in version_locations, and keep symbolic links out of them.",
)
MISSING_LOCATION = RuleInfo(
    id="missing-location",
    severity=Severity.NOTICE,
    summary="A version location does not exist.",
    why="Alembic passes over it in silence: revisions that should be there are simply not seen.",
    remedy="Correct version_locations, or create the first revision: migrator revision -m ...",
)
UNREAD_FOLDER = RuleInfo(
    id="unread-folder",
    severity=Severity.NOTICE,
    summary="A folder below a version location holds revision files that are not read.",
    why="Alembic reads one level only: these revisions are no part of the chain, unless env.py adds the folder.",
    remedy="Name the folder in version_locations, or set recursive_version_locations = true.",
)
RULES = (
    UNREADABLE_FILE,
    MISSING_ID,
    MISSING_DOWN_REVISION,
    COMPUTED_VALUE,
    RELATIVE_IMPORT,
    FILE_LISTED_TWICE,
    MISSING_LOCATION,
    UNREAD_FOLDER,
)
_BY_ID = {rule.id: rule for rule in (*RULES, *options.RULES)}


def problem_finding(problem: Problem, *, path: str, revision: str | None) -> Finding:
    """What was noted while a file was read."""
    return judge(
        _BY_ID[problem.rule],
        f"{revision or path.rpartition('/')[2]}: {problem.message}",
        path=path,
        line=problem.line,
        revision=revision,
        cause=problem.cause or None,
        remedy=problem.remedy or None,
    )


def location_findings(files: RevisionFiles) -> Iterable[Finding]:
    """What is odd about the version locations themselves."""
    for path in files.listed_twice:
        yield judge(FILE_LISTED_TWICE, "The file is reached twice through the version locations.", path=path)
    for location in files.missing_locations:
        yield judge(MISSING_LOCATION, "The version location does not exist.", path=location)
    for folder in files.unread_folders:
        yield judge(UNREAD_FOLDER, "Revision files in this folder are not read.", path=folder)
