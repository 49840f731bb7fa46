"""Every command explains itself, on the terminal and in the docs."""

from __future__ import annotations

from pathlib import Path

import click

from migrator.cli.main import COMMANDS, cli
from migrator.cli.reference import PAGE, every_command, reference

ROOT = Path(__file__).parents[2]


def test_the_reference_page_is_what_the_commands_say() -> None:
    """``python -m migrator.cli.reference`` was run after the last change of an option or a help text."""
    assert (ROOT / PAGE).read_text(encoding="utf-8") == reference()


def test_every_command_that_is_listed_exists() -> None:
    """``migrator --help`` promises nothing that cannot be run."""
    context = click.Context(cli, info_name="migrator")
    assert [name for name in COMMANDS if cli.get_command(context, name) is None] == []


def test_every_command_says_what_it_does() -> None:
    """Help begins with a sentence."""
    mumbling = [name for name, command in every_command() if not first_line(command).endswith((".", ":"))]
    assert mumbling == []


def test_every_command_shows_an_example() -> None:
    """Help holds a command line that can be copied."""
    bare = [
        name
        for name, command in every_command()
        if not isinstance(command, click.Group) and name not in (command.help or "").partition("Example")[2]
    ]
    assert bare == []


def test_every_option_is_explained() -> None:
    """No option without a help text."""
    silent = [
        f"{name} {option.opts[0]}"
        for name, command in every_command()
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]
    assert silent == []


def first_line(command: click.Command) -> str:
    """The first line of a command's help."""
    return (command.help or "").strip().partition("\n")[0]
