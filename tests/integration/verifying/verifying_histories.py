"""Profiles that lead to scratch databases only, and histories that are verified there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from projects import TinyProject, make_project

from migrator.profiles.model import Profile
from migrator.project import open_project
from migrator.verification.roundtrips import VerifyReport, VerifyRequest, verify


def url_of(profile: Profile) -> str:
    """The address of a server, as MIGRATOR_SCRATCH_URL takes it."""
    if profile.is_socket:
        return f"postgresql://{profile.user}@/postgres?host={profile.host}&port={profile.port}"
    return f"{profile.dialect}://{profile.user}@{profile.host}:{profile.port}/{profile.database}"


def prepared(project: TinyProject, server: Profile, *, driver: str = "psycopg") -> TinyProject:
    """Give a project a profile that only leads to scratch databases on a server."""
    own = Profile(
        name="local",
        source="process",
        dialect=server.dialect,
        driver=driver,
        migration_driver=driver,
        host="db.example.invalid",
        port=1,
        database="app",
        user="app",
    )
    project.use(own, MIGRATOR_SCRATCH_URL=url_of(server))
    return project


class Case(Protocol):
    """A revision to verify, and what it declares."""

    @property
    def upgrade(self) -> str:
        """Body of ``upgrade()``."""

    @property
    def downgrade(self) -> str:
        """Body of ``downgrade()``."""

    @property
    def options(self) -> str:
        """Its ``RevisionOptions``; empty: none."""


def verified(folder: Path, server: Profile, start: tuple[str, str], cases: Mapping[str, Case]) -> VerifyReport:
    """What ``verify`` says of a history on a server: a first revision, and each case upon the one before."""
    project = prepared(make_project(folder / "project", folder / "home", style="sync"), server)
    project.revision("start", *start)
    for name, case in cases.items():
        path = project.revision(name, case.upgrade, case.downgrade)
        if case.options:
            text = path.read_text().replace("\n\n\ndef upgrade", f"\n{case.options}\n\n\ndef upgrade")
            path.write_text(
                text.replace("import sqlalchemy", "from migrator import RevisionOptions\nimport sqlalchemy")
            )
    return verify(open_project(start=project.root, environ={}), VerifyRequest())
