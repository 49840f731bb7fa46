"""Revisions on the command line: ``-1`` is a relative revision there, not an option."""

from __future__ import annotations

import re
from typing import Any

import click

_RELATIVE = re.compile(r"-\d+(:.*)?")
_SHIELD = "\0"


class RevisionCommand(click.Command):
    """A command whose arguments may be relative revisions such as ``-2``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Shield relative revisions from the option parser."""
        return super().parse_args(ctx, [_SHIELD + each if _RELATIVE.fullmatch(each) else each for each in args])


class RevisionType(click.ParamType):  # type: ignore[type-arg]  # not subscriptable before click 8.2
    """A revision as the user writes it."""

    name = "revision"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002
        """Take the shield off again."""
        return str(value).removeprefix(_SHIELD)


REVISION = RevisionType()
