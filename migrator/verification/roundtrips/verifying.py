"""Round trips of a project's revisions, on scratch databases, from the choice to the report."""

from __future__ import annotations

import time

from migrator.chain.checking import check_applied
from migrator.chain.envfile import read_environment_file
from migrator.errors import UsageError
from migrator.events import Event, Listener
from migrator.project import Project
from migrator.verification.copies import scratch_databases
from migrator.verification.dialect import profile_for_scratch
from migrator.verification.roundtrips.choosing import chosen
from migrator.verification.roundtrips.journey import Journey
from migrator.verification.roundtrips.model import VerifyReport, VerifyRequest
from migrator.verification.rows.custom import read_custom_rows


def _nobody(_event: Event) -> None:
    """Nobody listens."""


def verify(project: Project, request: VerifyRequest, listen: Listener = _nobody) -> VerifyReport:
    """Take each chosen revision up, down and up again on a scratch database, and tell what that shows.

    The profile's own database is neither read nor written.

    Args:
        project: whose revisions and ``env.py`` are meant.
        request: which revisions, and how.
        listen: told as revisions begin and end.

    Raises:
        ChainError: the revision files form no chain.
        UsageError: the request names something that does not exist, or ``env.py`` serves several databases.
        ScratchUnavailable: there is no server to make a scratch database on.
        ConfigurationError: ``env.py`` cannot be run, the server lacks an extension, or the project's own rows are not
            what they should be.
        VerificationFailed: another database than the scratch one was about to be used, or was used.

    """
    started = time.perf_counter()
    require_one_database(project)
    order, wanted = chosen(project, request)
    rows = read_custom_rows(project.root, project.chain.revisions) if request.with_data else None
    with scratch_databases(profile_for_scratch(project), root=project.root) as databases:
        journey = Journey(project, databases, order, wanted, listen, rows=rows)
        if wanted:
            journey.run()
    return VerifyReport(
        revisions=len(order),
        verdicts=tuple(journey.verdicts),
        beside=check_applied(project.reading, project.policy, journey.beside),
        server=journey.server,
        with_data=journey.had_data,
        unfilled=tuple(journey.unfilled),
        rebuilt=journey.rebuilt,
        seconds=time.perf_counter() - started,
    )


def require_one_database(project: Project) -> None:
    """Refuse a project whose ``env.py`` cannot be run on one scratch database.

    Raises:
        UsageError: ``env.py`` serves several databases in one run.

    """
    if read_environment_file(project.layout.env_py).opens_many:
        raise UsageError(
            "env.py serves several databases in one run, and one scratch database cannot stand for all of them",
            where=project.display(str(project.layout.env_py)),
            remedy="verify each of them with an env.py of its own: migrator verify -c FILE",
        )
