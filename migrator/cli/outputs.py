"""Options that write a result into a file, beside what goes to stdout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click


class FormatAndFile(click.ParamType[tuple[str, str]]):
    """Such as ``sarif=build/migrations.sarif``."""

    name = "FORMAT=FILE"

    def __init__(self, formats: Sequence[str]) -> None:
        """Take these formats and no others."""
        self._formats = tuple(formats)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Take the text apart."""
        name, _, file = str(value).partition("=")
        if name not in self._formats or not file:
            self.fail(f"{value!r} is not FORMAT=FILE with one of {', '.join(self._formats)}", param, ctx)
        return name, file


def write_outputs(outputs: Sequence[tuple[str, str]], rendered: Callable[[str], str]) -> None:
    """Write each file in its format, secrets masked.

    Args:
        outputs: pairs of format and file.
        rendered: makes the text of a format.

    Raises:
        ConfigurationError: a file cannot be written.

    """
    from migrator.errors import ConfigurationError
    from migrator.redaction import redact

    for name, file in outputs:
        try:
            Path(file).write_text(f"{redact(rendered(name))}\n", encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(f"{file} cannot be written: {error.strerror}.", where=file) from error
