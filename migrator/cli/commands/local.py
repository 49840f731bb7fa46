"""``migrator local``: the embedded PostgreSQL server of the project."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from migrator.cli.options import Invocation, global_options

_MAJORS = ("16", "18")


def _major_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--major", type=click.Choice(_MAJORS), help="PostgreSQL version (default: the profile's DB_EMBEDDED, else 18)."
    )(function)


def _root(invocation: Invocation) -> Path:
    from migrator.chain.layout import find_layout

    return find_layout(Path.cwd(), config=invocation.config, section=invocation.section).root


def _target(invocation: Invocation, major: str | None) -> tuple[Path, int, str]:
    """Root of the project, version of the server, name of the database."""
    from migrator.profiles.loading import load_profile

    root = _root(invocation)
    profile = load_profile(invocation.env, root=root, environ=os.environ)
    embedded = profile.embedded if profile else None
    database = profile.database if profile and embedded else None
    return root, int(major or embedded or 18), database or "postgres"


def _majors(invocation: Invocation, major: str | None, *, every: bool) -> tuple[Path, tuple[int, ...]]:
    if every:
        return _root(invocation), tuple(int(number) for number in _MAJORS)
    if major:
        return _root(invocation), (int(major),)
    root, number, _ = _target(invocation, None)
    return root, (number,)


@click.group("local")
@global_options
def command(invocation: Invocation) -> None:
    """Start, stop and inspect the embedded PostgreSQL server.

    It comes from a Python wheel, needs neither Docker nor root, keeps its data in .migrator/ and survives the command
    that started it. Commands on a profile with DB_EMBEDDED start it by themselves.

    \b
    Examples:
      migrator local start
      migrator local psql
      migrator local psql -- -c 'select * from alembic_version'
      migrator local stop
    """


@command.command()
@_major_option
@global_options
def start(invocation: Invocation, *, major: str | None) -> None:
    """Start the server unless it runs, and create the profile's database unless it is there.

    \b
    Examples:
      migrator local start
      migrator local start --major 16
    """
    from migrator.database.embedded import ensure_database, ensure_running
    from migrator.database.embedded.overview import look_at
    from migrator.report.local import servers_as_json, servers_as_text

    root, number, database = _target(invocation, major)
    ensure_database(ensure_running(root, number), database)
    render = servers_as_json if invocation.as_json else servers_as_text
    click.echo(render([look_at(root, number)]))


@command.command()
@_major_option
@click.option("--all", "every", is_flag=True, help="Stop the project's servers of every version.")
@global_options
def stop(invocation: Invocation, *, major: str | None, every: bool) -> None:
    """Stop the server; its data stays.

    \b
    Examples:
      migrator local stop
      migrator local stop --all
    """
    from migrator.database import embedded
    from migrator.report.local import change_as_json, change_as_text

    root, majors = _majors(invocation, major, every=every)
    changes = [(number, embedded.stop(root, number)) for number in majors]
    text = change_as_text(changes, done="stopped", nothing="was not running")
    click.echo(change_as_json("stop", changes) if invocation.as_json else text)


@command.command()
@_major_option
@global_options
def status(invocation: Invocation, *, major: str | None) -> None:
    """Say which servers there are, whether they run, and where their data, socket and log are.

    \b
    Examples:
      migrator local status
      migrator local status --format json
    """
    from migrator.database.embedded.overview import look_at
    from migrator.report.local import servers_as_json, servers_as_text

    root, majors = _majors(invocation, major, every=major is None)
    render = servers_as_json if invocation.as_json else servers_as_text
    click.echo(render([look_at(root, number) for number in majors]))


@command.command()
@_major_option
@click.option("--driver", metavar="NAME", help="A URL for SQLAlchemy with this driver, such as asyncpg or psycopg.")
@global_options
def url(invocation: Invocation, *, major: str | None, driver: str | None) -> None:
    """Print the address of the profile's database on the running server.

    \b
    Examples:
      migrator local url
      migrator local url --driver asyncpg
      pg_dump "$(migrator local url)"
    """
    from migrator.database.embedded.overview import require_running, server_url
    from migrator.report.local import url_as_json

    root, number, database = _target(invocation, major)
    address = server_url(require_running(root, number), database, driver=driver)
    click.echo(url_as_json(address) if invocation.as_json else address)


@command.command(context_settings={"ignore_unknown_options": True})
@_major_option
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- PSQL ARGUMENTS]")
@global_options
def psql(invocation: Invocation, *, major: str | None, arguments: tuple[str, ...]) -> None:
    """Open psql on the profile's database; the server is started if need be.

    \b
    Examples:
      migrator local psql
      migrator local psql -- -c 'select * from alembic_version'
    """
    from migrator.database.embedded import ensure_database, ensure_running
    from migrator.database.embedded.overview import psql_command

    root, number, database = _target(invocation, major)
    server = ensure_running(root, number)
    ensure_database(server, database)
    program = psql_command(server, database)
    sys.stdout.flush()
    os.execv(program[0], [*program, *arguments])  # noqa: S606 - psql takes over the terminal


@command.command()
@_major_option
@click.option("--all", "every", is_flag=True, help="Delete the project's servers of every version.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@global_options
def reset(invocation: Invocation, *, major: str | None, every: bool, yes: bool) -> None:
    """Stop the server and delete all its data.

    \b
    Examples:
      migrator local reset
      migrator local reset --major 16 --yes
    """
    from migrator.database import embedded
    from migrator.report.local import change_as_json, change_as_text

    root, majors = _majors(invocation, major, every=every)
    if not yes:
        numbers = " and ".join(str(number) for number in majors)
        click.confirm(f"Delete every database of the embedded PostgreSQL {numbers} of {root}?", abort=True, err=True)
    changes = [(number, embedded.reset(root, number)) for number in majors]
    text = change_as_text(changes, done="deleted", nothing="there was nothing to delete")
    click.echo(change_as_json("reset", changes) if invocation.as_json else text)
