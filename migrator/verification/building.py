"""Build a history on a scratch database, and on nothing else."""

from __future__ import annotations

from migrator.execution.upgrading import upgrade
from migrator.project import Project
from migrator.verification.redirecting import redirected_to


def build_history(scratch: Project, target: str = "heads") -> None:
    """Upgrade a scratch database.

    ``env.py`` and revisions that connect by themselves are led to it, and statements that reach for another database
    are refused; afterwards it is read again, to prove that it is the one that moved.

    Args:
        scratch: the project on a throwaway database.
        target: the revision to build up to.

    Raises:
        RunFailed: a revision failed.
        PartlyApplied: a revision failed after others, or after a part of it was committed.
        VerificationFailed: another database was about to be used, or the scratch database did not move.

    """
    assert scratch.profile is not None  # noqa: S101 - a scratch database always has one
    with redirected_to(scratch.profile):
        upgrade(scratch, target)
