"""Rules on single revisions of a sound chain: ids, file names and what the two functions do."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from migrator.chain.model import Body, Chain, Revision
from migrator.chain.rules.judgement import judge
from migrator.findings import Finding, RuleInfo, Severity

DEFAULT_ID_LENGTH = 32
"""What ``alembic_version.version_num VARCHAR(32)`` holds."""
SYMBOLS = frozenset({"head", "heads", "base", "current"})
_DECLARED = 'declare it: migrator = RevisionOptions(one_way="the reason"), or [tool.migrator] irreversible.'

ID_TOO_LONG = RuleInfo(
    id="id-too-long",
    severity=Severity.ERROR,
    summary="A revision id is longer than the version table can hold.",
    why="version_num is VARCHAR(32): PostgreSQL and MySQL refuse the row after the revision has run.",
    remedy="Shorten the id, or tell the width of a wider column: [tool.migrator] version_num_length = 64",
)
RESERVED_ID = RuleInfo(
    id="reserved-id",
    severity=Severity.WARNING,
    summary="A revision id or branch label means something else on the command line.",
    why="head, heads, base and current are taken as symbols, and @ - + : as operators, so it cannot be named there.",
    remedy="Choose another id or label.",
)
FILE_NAME_DISAGREES = RuleInfo(
    id="file-name-disagrees",
    severity=Severity.WARNING,
    summary="A file is named after another revision.",
    why="People and git conflicts go by the file name; the wrong file is edited or deleted.",
    remedy="Rename the file after its revision.",
)
MERGE_CHANGES_SCHEMA = RuleInfo(
    id="merge-changes-schema",
    severity=Severity.NOTICE,
    summary="A merge revision does more than join its parents.",
    why="Its changes are easily overlooked in review, and downgrading it undoes them and splits the history at once.",
    remedy="Leave the merge empty and put the changes into a revision of their own on top of it.",
)
DOWNGRADE_MISSING = RuleInfo(
    id="downgrade-missing",
    severity=Severity.NOTICE,
    summary="A revision has no downgrade() although upgrade() does something.",
    why="Alembic stops a downgrade here with AttributeError.",
    remedy=f"Write downgrade(), or {_DECLARED}",
)
DOWNGRADE_EMPTY = RuleInfo(
    id="downgrade-empty",
    severity=Severity.NOTICE,
    summary="downgrade() does nothing although upgrade() does something.",
    why="A downgrade succeeds and changes only the version row; upgrading again then fails on what is still there.",
    remedy=f"Write what undoes upgrade(), or raise in it and {_DECLARED}",
)
DOWNGRADE_RAISES = RuleInfo(
    id="downgrade-raises",
    severity=Severity.NOTICE,
    summary="downgrade() raises although upgrade() does something.",
    why="There is no way back past this revision.",
    remedy=f"{_DECLARED[0].upper()}{_DECLARED[1:]}",
)
UPGRADE_MISSING = RuleInfo(
    id="upgrade-missing",
    severity=Severity.WARNING,
    summary="A revision has no upgrade().",
    why="Alembic stops an upgrade here with AttributeError.",
    remedy="Write: def upgrade() -> None: ...",
)
RULES = (
    ID_TOO_LONG,
    RESERVED_ID,
    FILE_NAME_DISAGREES,
    MERGE_CHANGES_SCHEMA,
    DOWNGRADE_MISSING,
    DOWNGRADE_EMPTY,
    DOWNGRADE_RAISES,
    UPGRADE_MISSING,
)
_DOWNGRADES = {
    Body.MISSING: (DOWNGRADE_MISSING, "has no downgrade()"),
    Body.EMPTY: (DOWNGRADE_EMPTY, "has a downgrade() that does nothing"),
    Body.RAISES: (DOWNGRADE_RAISES, "has a downgrade() that raises"),
}
_OPERATORS = frozenset("@-+:")
_TOKEN = re.compile(r"[0-9A-Za-z]+")
_LEADING_HEX = re.compile(r"(?:[0-9_-]+_)?([0-9a-f]{12})[_.-]")


def id_findings(chain: Chain, *, longest: int = DEFAULT_ID_LENGTH) -> Iterator[Finding]:
    """Ids that do not fit the version table, ids and labels that the command line cannot say."""
    for revision in chain.revisions.values():
        id_ = revision.id
        if len(id_) > longest:
            yield _at(ID_TOO_LONG, revision, revision.line, f"The id {id_!r} has {len(id_)} characters; {longest} fit.")
        if id_ in SYMBOLS:
            yield _at(RESERVED_ID, revision, revision.line, f"The id {id_!r} is a symbol of the command line.")
        for label in revision.branch_labels:
            if label in SYMBOLS or not _OPERATORS.isdisjoint(label):
                message = f"The branch label {label!r} of {id_} cannot be named on the command line."
                yield _at(RESERVED_ID, revision, revision.labels_line, message)


def file_name_findings(chain: Chain) -> Iterator[Finding]:
    """Files that are named after another revision; a name without any id agrees with everything."""
    short = {id_[:length]: id_ for length in (12,) for id_ in chain.revisions if len(id_) >= length}
    for revision in chain.revisions.values():
        name = os.path.basename(revision.path)
        if revision.id in name:
            continue
        other = _other_revision(name, revision.id, chain, short)
        if other is not None:
            message = f"The file of {revision.id} is named after revision {other}."
            related = chain.revisions[other]
            yield _at(
                FILE_NAME_DISAGREES, revision, revision.line, message, related=(f"{related.path}:{related.line}",)
            )
        elif (match := _LEADING_HEX.match(name)) and not revision.id.startswith(match[1]):
            message = f"The file of {revision.id} carries the id {match[1]} in its name."
            yield _at(FILE_NAME_DISAGREES, revision, revision.line, message)


def _other_revision(name: str, id_: str, chain: Chain, short: Mapping[str, str]) -> str | None:
    """The other revision whose id stands in a file name, if it is long enough not to be a word by chance."""
    for token in _TOKEN.findall(name):
        other = token if token in chain.revisions else short.get(token)
        if other is not None and other != id_ and len(token) >= 8 and any(character.isdigit() for character in token):  # noqa: PLR2004
            return other
    return None


def body_findings(chain: Chain, *, irreversible: Mapping[str, str]) -> Iterator[Finding]:
    """Merges that change the schema, and upgrades without a way back.

    Args:
        chain: a sound chain.
        irreversible: revisions that may have no way back, with the reason.

    """
    for revision in chain.revisions.values():
        if revision.upgrade is Body.MISSING:
            yield _at(UPGRADE_MISSING, revision, revision.line, f"{revision.id} has no upgrade().")
        if revision.upgrade is not Body.WORKS:
            continue
        if len(revision.parents) > 1:
            yield _at(
                MERGE_CHANGES_SCHEMA,
                revision,
                revision.parents_line,
                f"The merge {revision.id} has an upgrade() of its own.",
            )
        may_be_one_way = revision.one_way is not None or revision.id in irreversible
        if revision.downgrade is not Body.WORKS and not may_be_one_way:
            rule, message = _DOWNGRADES[revision.downgrade]
            line = revision.downgrade_line if revision.downgrade is not Body.MISSING else revision.line
            yield _at(rule, revision, line, f"{revision.id} {message}.")


def _at(rule: RuleInfo, revision: Revision, line: int, message: str, *, related: tuple[str, ...] = ()) -> Finding:
    return judge(rule, message, path=revision.path, line=line, revision=revision.id, related=related)
