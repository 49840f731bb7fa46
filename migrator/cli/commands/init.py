"""``migrator init``: a new project, or profiles for an existing one."""

from __future__ import annotations

from pathlib import Path

import click

from migrator.cli.opening import project_of, show
from migrator.cli.options import Invocation, global_options


@click.command("init")
@click.argument("directory", default="migrations", metavar="[DIR]")
@click.option(
    "--async",
    "style",
    flag_value="async",
    default="async",
    help="An env.py for asyncpg, psycopg, aiosqlite... (default).",
)
@click.option("--sync", "style", flag_value="sync", help="A synchronous env.py.")
@click.option("--package", is_flag=True, help="Write empty __init__.py files into DIR and DIR/versions.")
@click.option("--adopt", is_flag=True, help="In an existing Alembic project: add profiles only, change nothing else.")
@click.option("--dry-run", is_flag=True, help="Say what would be created and write nothing.")
@global_options
def command(invocation: Invocation, *, directory: str, style: str, package: bool, adopt: bool, dry_run: bool) -> None:
    """Create a migrations folder DIR (default: migrations), alembic.ini and profiles.

    Existing files are never overwritten. Plain `alembic` works in the new project too.

    \b
    Examples:
      migrator init
      migrator init db/migrations --sync
      migrator init --adopt --dry-run
    """
    from migrator.chain.scaffold import Style, plan_project, write_scaffold
    from migrator.report.writing import scaffold_as_dict, scaffold_as_text

    if adopt:
        from migrator.execution.adopting import plan_adoption_of

        scaffold = plan_adoption_of(project_of(invocation, with_profile=False))
    else:
        scaffold = plan_project(Path.cwd(), directory=directory, style=Style(style), package=package)
    write_scaffold(scaffold, dry_run=dry_run)
    show(invocation, scaffold_as_text(scaffold, dry_run=dry_run), scaffold_as_dict(scaffold, dry_run=dry_run))
