"""Asks the person at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable

from migrator.cli.options import Invocation
from migrator.errors import Refused

_YES = frozenset({"y", "yes"})


def asking(invocation: Invocation) -> Callable[[Refused], bool] | None:
    """A way to ask whether something is meant; None where nobody would read the question, or a program would."""
    is_terminal = sys.stdin.isatty() and sys.stderr.isatty()
    return _is_meant if is_terminal and not invocation.as_json else None


def _is_meant(refused: Refused) -> bool:
    """Show what would be refused, and read the answer; everything but y or yes is no."""
    from migrator.redaction import redact

    lines = [refused.message, *(f"  {detail}" for detail in refused.details)]
    # Not click.confirm: it turns SIGTERM into an answer, and writes to stdout, which belongs to the result.
    sys.stderr.write(redact("\n".join(lines)) + "\nRun it all the same? [y/N] ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        sys.stderr.write("\n")
    return answer.strip().lower() in _YES
