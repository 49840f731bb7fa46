"""A hook that is a Python function."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from typing import Any

from migrator.redaction import redact


class HookFailed(Exception):
    """A hook raised, or ended with another exit code than 0."""

    def __init__(self, reason: str, output: Sequence[str] = ()) -> None:
        """Keep why, and the last lines that it wrote."""
        super().__init__(reason)
        self.reason = redact(reason)
        self.output = tuple(redact(line) for line in output)


def call_function(
    function: Callable[..., object], report: Mapping[str, Any], *, printed: Callable[[str], None]
) -> None:
    """Call it with the report; what it prints goes where a command's output goes.

    Raises:
        HookFailed: it raised.

    """
    try:
        with redirect_stdout(_Lines(printed)) as lines:
            function(report)
    except (Exception, SystemExit) as error:
        raise HookFailed(f"{type(error).__name__}: {error}") from error
    finally:
        lines.end()


class _Lines(io.TextIOBase):
    """A text file that hands on whole lines."""

    def __init__(self, printed: Callable[[str], None]) -> None:
        super().__init__()
        self._printed = printed
        self._rest = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._printed(line)
        return len(text)

    def end(self) -> None:
        """Hand on what was written last without an end of line."""
        if self._rest:
            self._printed(self._rest)
            self._rest = ""
