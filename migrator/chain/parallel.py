"""Read many files on all processors: parsing is what reading costs, and one interpreter parses one file at a time."""

from __future__ import annotations

import marshal
import os
import sys
import threading
from collections.abc import Callable, Sequence

from migrator.chain.declared import Declared

_WORTH_A_PROCESS = 1000
"""Files that take longer to read than a process takes to fork."""
_MOST_PROCESSES = 4


def read_in_parallel(paths: Sequence[str], read: Callable[[str], Declared]) -> list[Declared]:
    """Read files, in forked processes where there are enough files and processors; the answer is the same.

    Args:
        paths: what to read.
        read: reads one file and touches nothing else; its answer is plain data.

    """
    shares = _shares(paths)
    readers = [(share, *_forked(share, read)) for share in shares[1:]]
    declared = [read(path) for path in shares[0]]
    for share, process, pipe in readers:
        declared += _received(process, pipe) or [read(path) for path in share]
    return declared


def _shares(paths: Sequence[str]) -> list[Sequence[str]]:
    # A process that runs threads must not fork: a lock that one of them holds would stay locked in the child.
    can_fork = sys.platform == "linux" and threading.active_count() == 1
    processors = len(os.sched_getaffinity(0)) if can_fork else 1
    count = max(1, min(processors, _MOST_PROCESSES, len(paths) // _WORTH_A_PROCESS))
    size = -(-len(paths) // count)
    return [paths[number * size : (number + 1) * size] for number in range(count)]


def _forked(share: Sequence[str], read: Callable[[str], Declared]) -> tuple[int, int]:
    """A child that reads its share and writes the answer into a pipe; it leaves without running anything of ours."""
    receiving, sending = os.pipe()
    process = os.fork()
    if process:
        os.close(sending)
        return process, receiving
    try:
        os.close(receiving)
        answer = marshal.dumps([tuple(read(path)) for path in share])
        with open(sending, "wb") as pipe:
            pipe.write(answer)
    finally:
        os._exit(0)


def _received(process: int, pipe: int) -> list[Declared]:
    """What a child has read; empty when it came to an end too early."""
    with open(pipe, "rb") as answer:
        content = answer.read()
    os.waitpid(process, 0)
    try:
        found = marshal.loads(content)  # noqa: S302 - written by our own child
    except (EOFError, ValueError, TypeError):
        return []
    return [Declared(*item) for item in found]
