"""What the round trips showed, found out once in a session, however many processes it has."""

from __future__ import annotations

import fcntl
import json
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from migrator.project import Project
    from migrator.verification.roundtrips import Verdict

_FOUND: Final = pytest.StashKey[dict[Path, "Verdicts"]]()
_PARAMETER: Final = "migrator_revision"
_UNREAD: Final = "chain"
"""Name of the one test of a history that cannot be read: it fails with what is wrong."""
_LONGEST_TITLE: Final = 40


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Why revisions failed."""

    failures: dict[str, str | None]
    """Revision to what is wrong with it; None: nothing."""
    error: str | None = None
    """What kept all of them from being tried."""

    def failure(self, revision: str) -> str | None:
        """What is wrong with a revision; None: nothing."""
        if self.error is not None:
            return self.error
        return self.failures.get(revision, f"{revision} was not tried: it is not in the history that was tested")


def project_of_session(config: pytest.Config) -> Project:
    """The project whose history is tested: ``migrator_root``, else the one around pytest's root folder."""
    from migrator.project import open_project

    folder = ""
    with suppress(ValueError):  # the option's plugin may be switched off
        folder = str(config.getini("migrator_root") or "")
    return open_project(start=config.rootpath / folder)


def revisions_of(config: pytest.Config) -> dict[str, str]:
    """Revisions in the order in which an upgrade applies them, each with the name of its test."""
    from migrator.chain.paths import upgrade_path
    from migrator.errors import MigratorError

    try:
        chain = project_of_session(config).chain
        path = upgrade_path(chain, (), "heads") if chain.revisions else ()
    except MigratorError:
        return {_UNREAD: _UNREAD}
    return {revision.id: "-".join(filter(None, (revision.id, _slug(revision.title)))) for revision in path}


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:_LONGEST_TITLE].rstrip("-")


@pytest.fixture
def migrator_verdicts(
    request: pytest.FixtureRequest, migrator_project: Project, tmp_path_factory: pytest.TempPathFactory
) -> Verdicts:
    """The verdicts on the revisions whose tests were chosen in this session."""
    found = request.config.stash.setdefault(_FOUND, {})
    if migrator_project.root not in found:
        chosen = {item.callspec.params.get(_PARAMETER) for item in request.session.items if hasattr(item, "callspec")}
        chosen.discard(None)
        shared = _shared_folder(request.config, tmp_path_factory)
        found[migrator_project.root] = (
            _verify(migrator_project, chosen) if shared is None else _shared(shared, migrator_project, chosen)
        )
    return found[migrator_project.root]


def _shared_folder(config: pytest.Config, folders: pytest.TempPathFactory) -> Path | None:
    """A folder that all processes of this session see; None where there is only one."""
    return folders.getbasetemp().parent if hasattr(config, "workerinput") else None


def _shared(folder: Path, project: Project, chosen: Iterable[str]) -> Verdicts:
    """The first process that comes finds out; the others wait for it and read."""
    file = folder / "migrator-verdicts.json"
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known: dict[str, dict[str, object]] = json.loads(file.read_text()) if file.exists() else {}
        if str(project.root) not in known:
            known[str(project.root)] = asdict(_verify(project, chosen))
            file.write_text(json.dumps(known))
    return Verdicts(**known[str(project.root)])  # type: ignore[arg-type]


def _verify(project: Project, chosen: Iterable[str]) -> Verdicts:
    from migrator.errors import MigratorError
    from migrator.redaction import redact
    from migrator.report.errors import error_as_text
    from migrator.verification.roundtrips import VerifyRequest, verify

    try:
        wanted = set(chosen) & set(project.chain.revisions)
        everything = len(wanted) == len(project.chain.revisions)
        report = verify(project, VerifyRequest(only=() if everything else tuple(sorted(wanted))))
    except MigratorError as error:
        return Verdicts({}, error=redact(error_as_text(error)))
    return Verdicts({verdict.revision: _failure(verdict) for verdict in report.verdicts})


def _failure(verdict: Verdict) -> str | None:
    from migrator.findings import Severity
    from migrator.redaction import redact
    from migrator.report.findings import findings_as_text
    from migrator.verification.roundtrips import Outcome

    if verdict.outcome is Outcome.NOT_REACHED:
        return f"{verdict.revision} was not tried: {verdict.reason}"
    weighty = [finding for finding in verdict.findings if finding.severity is not Severity.NOTICE]
    return redact(findings_as_text(weighty)) if weighty else None
