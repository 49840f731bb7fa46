"""Writes ``docs/commands.md`` from the commands themselves: ``python -m migrator.cli.reference``.

A test compares the page with the commands, so that it cannot fall behind.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from migrator.cli.main import cli
from migrator.cli.options import global_options
from migrator.errors import ExitCode

PAGE = Path("docs") / "commands.md"

MEANINGS = {
    ExitCode.DONE: "Done, or nothing to do.",
    ExitCode.FINDINGS: "A check has findings, or models and history differ.",
    ExitCode.USAGE: "The command line asks for something that does not exist or does not fit together.",
    ExitCode.CONFIGURATION: "A profile, `alembic.ini`, `pyproject.toml` or `env.py` cannot be used as it is.",
    ExitCode.CHAIN: "The revision files do not form a sound chain.",
    ExitCode.LOCK: "Another process holds the migration lock.",
    ExitCode.REFUSED: "A policy forbids it; nothing was done.",
    ExitCode.FAILED: "A revision failed; nothing was applied.",
    ExitCode.PARTLY_APPLIED: "A revision failed after others, or a part of itself, had been applied.",
    ExitCode.VERIFICATION: "The database is not where the plan said it would be.",
    ExitCode.UNREACHABLE: "The database could not be reached, or refused the login.",
    ExitCode.AHEAD: "The database holds revisions that this code does not know.",
    ExitCode.FLEET: "Some of several databases failed.",
    ExitCode.INTERNAL: "A defect in migrator.",
    ExitCode.INTERRUPTED: "Interrupted (Ctrl-C).",
    ExitCode.TERMINATED: "Terminated (SIGTERM).",
}


def every_command(group: click.Group = cli, name: str = "migrator") -> Iterator[tuple[str, click.Command]]:
    """Yield each command with its full name, groups before what is in them."""
    yield name, group
    context = click.Context(group, info_name=name)
    for word in group.list_commands(context):
        command = group.get_command(context, word)
        if isinstance(command, click.Group):
            yield from every_command(command, f"{name} {word}")
        elif command is not None:
            yield f"{name} {word}", command


def reference() -> str:
    """The whole page as Markdown."""
    intro = [
        "# Commands",
        "",
        "Written by `python -m migrator.cli.reference` from the commands' own help; do not edit it by hand.",
        "",
        "Results go to stdout, progress and errors to stderr. The options under [Everywhere](#everywhere) may stand",
        "before or after the name of a command.",
        "",
    ]
    sections = [section(name, command) for name, command in every_command() if name != "migrator"]
    return "\n".join([*intro, *everywhere(), *exit_codes(), *(line for lines in sections for line in lines)])


def everywhere() -> list[str]:
    """The section on the options that every command has."""
    return ["## Everywhere", "", *options([option for option in cli.params if _is_global(option)])]


def exit_codes() -> list[str]:
    """The section on exit codes."""
    rows = [f"| {code.value} | {meaning} |" for code, meaning in MEANINGS.items()]
    return ["## Exit codes", "", "| code | meaning |", "|---|---|", *rows, ""]


def section(name: str, command: click.Command) -> list[str]:
    """One command: its usage, its help and its own options."""
    context = click.Context(command, info_name=name)
    lines = [f"## {name}", "", "```text", *_usage(command, context), "```", "", *_help(command)]
    own = [
        parameter for parameter in command.params if isinstance(parameter, click.Option) and not _is_global(parameter)
    ]
    return [*lines, *options(own)]


def options(parameters: list[click.Option] | list[click.Parameter]) -> list[str]:
    """A table of options; nothing when there are none."""
    if not parameters:
        return []
    context = click.Context(cli, info_name="migrator")
    records = [record for parameter in parameters if (record := parameter.get_help_record(context))]
    rows = [f"| `{_cell(names)}` | {_cell(text)} |" for names, text in records]
    return ["| option | meaning |", "|---|---|", *rows, ""]


def _usage(command: click.Command, context: click.Context) -> list[str]:
    return [f"{context.info_name} {' '.join(command.collect_usage_pieces(context))}"]


def _help(command: click.Command) -> list[str]:
    """Help text as Markdown; a paragraph that Click must not wrap becomes a block of text."""
    lines: list[str] = []
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        if paragraph.startswith("\b"):
            lines += ["```text", *paragraph.lstrip("\b\n").splitlines(), "```", ""]
        else:
            lines += [*paragraph.splitlines(), ""]
    return lines


def _is_global(parameter: click.Parameter) -> bool:
    return parameter.name in _GLOBAL


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


@click.command()
@global_options
def _bare(**_: object) -> None:
    """Has the global options and nothing else."""


_GLOBAL = {parameter.name for parameter in _bare.params}


def main() -> None:
    """Write the page below the folder given, or the current one."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path.cwd()
    (root / PAGE).write_text(reference(), encoding="utf-8")


if __name__ == "__main__":
    main()
