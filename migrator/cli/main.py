"""The entry point: finds the command, runs it, turns an error into its four parts and an exit code."""

from __future__ import annotations

import gc
import os
import sys

import click

from migrator.cli.lazy import LazyGroup
from migrator.cli.options import Invocation, global_options
from migrator.errors import ExitCode
from migrator.interruption import Termination, raise_on_sigterm

COMMANDS = {
    "init": "Create a migrations folder and profiles, or add profiles to an existing project.",
    "revision": "Create a new revision file.",
    "merge": "Join several heads with a merge revision.",
    "rebase": "Put an unpublished revision on top of the current head.",
    "edit": "Open a revision file in $EDITOR.",
    "upgrade": "Bring the database to a later revision.",
    "downgrade": "Take the database back to an earlier revision.",
    "stamp": "Write a revision into the version table without running it.",
    "resolve": "Settle a half-applied revision by hand.",
    "wait": "Wait until somebody else has migrated the database.",
    "current": "Print the revision that the database is on.",
    "heads": "Print the heads of the chain.",
    "history": "List the revisions, newest first.",
    "branches": "List the branch points.",
    "show": "Show one revision.",
    "log": "Show what was applied, reverted or failed, when, by whom.",
    "status": "Say where the database is, what is pending and what to type next.",
    "check": "Check chain, models and round trips: the gate of a pull request.",
    "verify": "Run each revision up, down and up again on a scratch database.",
    "drift": "Compare the database with what its history builds at its revision.",
    "adopt": "Find the revision that an unstamped database is, prove it, and stamp it.",
    "profile": "List, show and check the profiles.",
    "local": "Start, stop and inspect the embedded PostgreSQL server.",
}


@click.group(
    cls=LazyGroup,
    commands_help=COMMANDS,
    package="migrator.cli.commands",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: migrator init, or in an existing Alembic project: migrator status",
)
@global_options
@click.version_option(package_name="migrator", prog_name="migrator")
def cli(invocation: Invocation) -> None:
    """Database migrations for teams that use SQLAlchemy and Alembic."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave the process with the exit code of what happened."""
    # A command lives for seconds: looking for cycles every few hundred objects costs it more than they weigh,
    # and so does looking through all of them once more on the way out.
    gc.set_threshold(100_000, 50, 100)
    raise_on_sigterm()
    code = run(sys.argv[1:] if arguments is None else arguments)
    gc.disable()
    gc.freeze()
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run the command line and return the exit code of what happened."""
    try:
        return cli.main(arguments, prog_name="migrator", standalone_mode=False) or ExitCode.DONE
    except click.ClickException as wrong_usage:
        wrong_usage.show()
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt) as end:
        return _ended_by(end)
    except BrokenPipeError:
        # Whoever read the output has had enough, as `head` does; nothing can be told to it any more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    except Exception as error:  # noqa: BLE001 - the last resort: never a traceback without --debug
        return conclude(error, arguments)


def _ended_by(signal: BaseException) -> ExitCode:
    """Say which signal it was. Click makes an Abort of any KeyboardInterrupt, and keeps it as the cause."""
    terminated = isinstance(signal, Termination) or isinstance(signal.__cause__, Termination)
    click.echo("Terminated." if terminated else "Interrupted.", err=True)
    return ExitCode.TERMINATED if terminated else ExitCode.INTERRUPTED


def conclude(error: Exception, arguments: list[str]) -> ExitCode:
    """Show an error the way the user asked for (text or JSON, traceback or none) and return its exit code."""
    from migrator.report.errors import show_error

    wants_json = "--format=json" in arguments or ("--format" in arguments and "json" in arguments)
    return show_error(error, as_json=wants_json, with_traceback="--debug" in arguments)
