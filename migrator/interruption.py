"""SIGTERM, as Kubernetes sends it, ends a run the way Ctrl-C does: statements are cancelled, locks released."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import asyncio

_PATIENCE: Final = 1.5
"""Seconds that a coroutine has to end by itself: one that never awaits is interrupted where it is."""
_arrived: list[int] = []


class Termination(KeyboardInterrupt):
    """SIGTERM arrived. A kind of KeyboardInterrupt, because drivers cancel their statement on the server for those."""


def raise_on_sigterm() -> None:
    """Turn the first SIGTERM into `Termination`; a second one ends the process at once."""
    signal.signal(signal.SIGTERM, _terminate)


def ended_by_signal(error: BaseException) -> KeyboardInterrupt | None:
    """The signal that an exception comes of, if it does.

    What is cancelled or interrupted somewhere inside a driver may come out as any exception.
    """
    if isinstance(error, KeyboardInterrupt):
        return error
    return Termination() if _arrived else None


def _terminate(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)
    _arrived.append(number)
    loop = _running_loop()
    if loop is None:
        raise Termination
    # Raised here, it would come out of whatever the event loop is doing just now. Cancelled, a task ends at its own
    # await, and the driver cancels the statement on the server.
    loop.call_soon_threadsafe(_cancel_tasks, loop)
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, _insist)
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE)


def _insist(_number: int, _frame: FrameType | None) -> None:
    if _running_loop() is not None:
        raise Termination


def _running_loop() -> asyncio.AbstractEventLoop | None:
    """The event loop that runs in this thread, if one does; while it waits, no task is the current one."""
    if "asyncio" not in sys.modules:
        return None
    import asyncio

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _cancel_tasks(loop: asyncio.AbstractEventLoop) -> None:
    import asyncio

    for task in asyncio.all_tasks(loop):
        task.cancel()
