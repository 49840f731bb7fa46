"""SIGTERM, as Kubernetes sends it, ends a run the way Ctrl-C does: statements are cancelled, locks released."""

from __future__ import annotations

import signal
from types import FrameType


class Termination(KeyboardInterrupt):
    """SIGTERM arrived. A kind of KeyboardInterrupt, because drivers cancel their statement on the server for those."""


def raise_on_sigterm() -> None:
    """Turn the first SIGTERM into `Termination`; a second one ends the process at once."""
    signal.signal(signal.SIGTERM, _terminate)


def _terminate(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)
    raise Termination
