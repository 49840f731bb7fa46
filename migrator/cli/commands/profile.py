"""``migrator profile``: list, show and check the profiles."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from migrator.cli.options import Invocation, global_options
from migrator.errors import ConfigurationError

if TYPE_CHECKING:
    from migrator.profiles.model import Profile


def _root(invocation: Invocation) -> Path:
    """The project's folder; profiles can be looked at before there is an Alembic project, too."""
    from migrator.chain.layout import find_layout

    try:
        return find_layout(Path.cwd(), config=invocation.config, section=invocation.section).root
    except ConfigurationError:
        if invocation.config:
            raise
        return Path.cwd()


def _profile(invocation: Invocation, name: str | None) -> Profile:
    from migrator.profiles.loading import load_profile

    profile = load_profile(name or invocation.env, root=_root(invocation), environ=os.environ)
    if profile is None:
        raise ConfigurationError(
            "There is no profile: no env_profiles/ and no DB_ settings in the process environment.",
            remedy="migrator init --adopt adds env_profiles/; or set DB_HOST, DB_NAME, DB_USER and DB_PASS",
        )
    return profile


@click.group("profile")
@global_options
def command(invocation: Invocation) -> None:
    """List, show and check the profiles.

    A profile is env_profiles/NAME.env: which database, with which driver, and how carefully. --env NAME or MIGRATOR_ENV
    chooses it, else it is local.

    \b
    Examples:
      migrator profile list
      migrator profile show prod
      migrator profile check
      migrator profile url --driver psycopg
    """


@command.command("list")
@global_options
def list_(invocation: Invocation) -> None:
    """List the profiles, mark the current one, and say which are protected.

    \b
    Examples:
      migrator profile list
      migrator profile list --format json
    """
    from migrator.profiles.inspecting import current_profile, overview
    from migrator.report.profiles import list_as_json, list_as_text

    root = _root(invocation)
    current = current_profile(invocation.env, root=root, environ=os.environ)
    render = list_as_json if invocation.as_json else list_as_text
    click.echo(render(overview(root=root, environ=os.environ), current=current))


@command.command()
@click.argument("name", required=False)
@global_options
def show(invocation: Invocation, *, name: str | None) -> None:
    """Show each setting of a profile and where it comes from; a secret as ***.

    \b
    Examples:
      migrator profile show
      migrator profile show prod
      migrator profile show --env prod --format json
    """
    from migrator.report.profiles import profile_as_json, profile_as_text

    profile = _profile(invocation, name)
    click.echo(profile_as_json(profile) if invocation.as_json else profile_as_text(profile))


@command.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--connect", is_flag=True, help="Log in with each profile that is in order.")
@global_options
def check(invocation: Invocation, *, names: tuple[str, ...], connect: bool) -> None:
    """Check profiles, all of them without a NAME: every problem with file and line, and what is risky.

    DB_PASS_COMMAND is run. Exits with 3 when a profile cannot be used, 10 when --connect reaches no server, 1 when
    there are warnings.

    \b
    Examples:
      migrator profile check
      migrator profile check prod --connect
    """
    from migrator.profiles.inspecting import check_profiles
    from migrator.report.profiles import checks_as_json, checks_as_text, checks_exit_code

    root = _root(invocation)
    chosen = names or ((invocation.env,) if invocation.env else ())
    checks = check_profiles(chosen, root=root, environ=os.environ)
    connections = {}
    if connect:
        from migrator.database.logins import try_logins

        connections = try_logins([one.profile for one in checks if one.profile], root=root)
    click.echo((checks_as_json if invocation.as_json else checks_as_text)(checks, connections))
    click.get_current_context().exit(checks_exit_code(checks, connections))


@command.command()
@click.argument("name", required=False)
@click.option("--driver", metavar="NAME", help="Driver in the URL (default: the profile's DB_DRIVER).")
@click.option("--with-password", is_flag=True, help="Print the password too; DB_PASS_COMMAND is run.")
@global_options
def url(invocation: Invocation, *, name: str | None, driver: str | None, with_password: bool) -> None:
    """Print a profile as an SQLAlchemy URL, the password as ***.

    \b
    Examples:
      migrator profile url
      migrator profile url prod --driver psycopg
      DATABASE_URL=$(migrator profile url ci --with-password)
    """
    from migrator.database.urls import printable_url
    from migrator.report.profiles import url_as_json

    profile = _profile(invocation, name)
    text = printable_url(profile, root=_root(invocation), driver=driver, with_password=with_password)
    click.echo(url_as_json(profile, text) if invocation.as_json else text)
