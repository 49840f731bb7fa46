"""Rules on what a revision does when it is run: up, down and up again. `migrator verify` finds the cases."""

from __future__ import annotations

from migrator.findings import RuleInfo, Severity

_DECLARED = 'or declare it: migrator = RevisionOptions(one_way="why there is no way back")'

UPGRADE_FAILS = RuleInfo(
    id="upgrade-fails",
    severity=Severity.ERROR,
    summary="upgrade() of a revision fails on a database that stands where it begins.",
    why="No new database can be made from this history, and neither this revision nor what stands on it was verified.",
    remedy="Correct upgrade().",
)
UPGRADE_NEEDS_SAME_RUN = RuleInfo(
    id="upgrade-needs-same-run",
    severity=Severity.WARNING,
    summary="upgrade() works only in the run that has also applied the revisions below it.",
    why="New databases get past this revision; one that is at its parent already, as in production, does not.",
    remedy='Do not make an enum type that is there: postgresql.ENUM(..., name="...", create_type=False).',
)
UPGRADE_FAILS_ON_DATA = RuleInfo(
    id="upgrade-fails-on-data",
    severity=Severity.WARNING,
    summary="upgrade() works on empty tables and fails as soon as they hold rows.",
    why="Tables hold rows in production: the rollout stops there.",
    remedy="Bring the rows into shape before: fill new columns with UPDATE, remove duplicates, convert with USING.",
)
DOWNGRADE_FAILS = RuleInfo(
    id="downgrade-fails",
    severity=Severity.WARNING,
    summary="downgrade() of a revision fails right after its upgrade().",
    why="There is no way back past this revision, which shows only when it is needed.",
    remedy="Correct downgrade().",
)
DOWNGRADE_FAILS_ON_DATA = RuleInfo(
    id="downgrade-fails-on-data",
    severity=Severity.WARNING,
    summary="downgrade() works on empty tables and fails as soon as they hold rows.",
    why="Tables hold rows in production: there is no way back past this revision.",
    remedy="Bring the rows into shape before: fill columns that return with UPDATE, convert with USING.",
)
DOWNGRADE_FAILS_ON_NEW_DATA = RuleInfo(
    id="downgrade-fails-on-new-data",
    severity=Severity.WARNING,
    summary="downgrade() works on the rows that were there before, and fails on one that only upgrade() allows.",
    why="The first row that uses what upgrade() allows, such as a NULL, ends the way back past this revision.",
    remedy=f"Convert or delete such rows in downgrade(), before the constraint comes back, {_DECLARED}",
)
NO_WAY_BACK = RuleInfo(
    id="no-way-back",
    severity=Severity.WARNING,
    summary="A revision has no downgrade(), or one that raises on purpose, and does not declare that.",
    why="Nobody can tell whether that is meant, and a downgrade stops here.",
    remedy=f"Write what undoes upgrade(), {_DECLARED}",
)
DOWNGRADE_LEAVES = RuleInfo(
    id="downgrade-leaves",
    severity=Severity.WARNING,
    summary="After upgrade() and downgrade() something is there that was not there before.",
    why="The schema is none that the history knows; upgrading again fails on what is still there, or builds on it.",
    remedy="Remove it in downgrade().",
)
DOWNGRADE_LOSES = RuleInfo(
    id="downgrade-loses",
    severity=Severity.WARNING,
    summary="After upgrade() and downgrade() something is gone that was there before.",
    why="The code that a rollback returns to expects it.",
    remedy="Make it again in downgrade(), or do not drop it there.",
)
DOWNGRADE_CHANGES = RuleInfo(
    id="downgrade-changes",
    severity=Severity.WARNING,
    summary="After upgrade() and downgrade() something is not what it was before.",
    why="The code that a rollback returns to expects it as it was.",
    remedy="Restore it in downgrade().",
)
DOWNGRADE_LOSES_DATA = RuleInfo(
    id="downgrade-loses-data",
    severity=Severity.WARNING,
    summary="Rows or values that were there before upgrade() are gone or changed after downgrade().",
    why="A rollback in production would lose them for good.",
    remedy="Keep the values elsewhere while upgrade() holds, or accept it: "
    'migrator = RevisionOptions(loses_data="which, and why that is acceptable")',
)
DOWNGRADE_LOSES_NEW_DATA = RuleInfo(
    id="downgrade-loses-new-data",
    severity=Severity.NOTICE,
    summary="downgrade() deletes or changes rows that only upgrade() allows.",
    why="There may be no place for them in the former schema; after a rollback they are gone all the same.",
    remedy="Nothing, unless they are needed afterwards: then keep them in another table.",
)
UPGRADE_AGAIN_FAILS = RuleInfo(
    id="upgrade-again-fails",
    severity=Severity.WARNING,
    summary="upgrade() fails on what its own downgrade() leaves.",
    why="After a rollback the next rollout stops here.",
    remedy="Correct downgrade() so that it undoes all of upgrade().",
)
UPGRADE_AGAIN_DIFFERS = RuleInfo(
    id="upgrade-again-differs",
    severity=Severity.WARNING,
    summary="upgrade() after downgrade() does not lead to the schema that it led to at first.",
    why="Two databases at the same revision have different schemas.",
    remedy="Correct downgrade() so that it undoes all of upgrade().",
)
RULES = (
    UPGRADE_FAILS,
    UPGRADE_NEEDS_SAME_RUN,
    UPGRADE_FAILS_ON_DATA,
    DOWNGRADE_FAILS,
    DOWNGRADE_FAILS_ON_DATA,
    DOWNGRADE_FAILS_ON_NEW_DATA,
    NO_WAY_BACK,
    DOWNGRADE_LEAVES,
    DOWNGRADE_LOSES,
    DOWNGRADE_CHANGES,
    DOWNGRADE_LOSES_DATA,
    DOWNGRADE_LOSES_NEW_DATA,
    UPGRADE_AGAIN_FAILS,
    UPGRADE_AGAIN_DIFFERS,
)
IDS = frozenset(rule.id for rule in RULES)
