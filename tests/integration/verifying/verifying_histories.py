"""Profiles that lead to scratch databases only."""

from __future__ import annotations

from projects import TinyProject

from migrator.profiles.model import Profile


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
