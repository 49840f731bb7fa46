"""Post-write hooks, run so that one that fails is noticed: Alembic ignores their exit codes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from alembic.script import write_hooks
from alembic.util import CommandError


def run_hooks(path: Path, hooks: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Run the hooks on a new file, all of them, and say which ones failed and how."""
    return tuple(failure for hook in hooks if (failure := _run(path, dict(hook))))


def _run(path: Path, hook: dict[str, Any]) -> str | None:
    name = hook["_hook_name"]
    kind = hook.get("type")
    if kind is None:
        return f"post-write hook {name}: it has no type"
    try:
        command = _command(str(kind), hook)
        if command is None:
            write_hooks._invoke(str(kind), path, hook)  # noqa: SLF001 - a hook that the project registered
            return None
        arguments = write_hooks._parse_cmdline_options(hook.get("options", ""), str(path))  # noqa: SLF001
        ended = subprocess.run(
            [*command, *arguments],
            cwd=hook.get("cwd"),
            check=False,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except (CommandError, OSError, KeyError, ValueError) as failure:
        return f"post-write hook {name}: {failure}"
    sys.stderr.write(ended.stdout)
    return f"post-write hook {name} ended with exit code {ended.returncode}" if ended.returncode else None


def _command(kind: str, hook: Mapping[str, Any]) -> list[str] | None:
    """Give the command of a hook of Alembic's own kinds; None for one that the project registered."""
    if kind == "exec":
        return [hook["executable"]]
    if kind == "module":
        return [sys.executable, "-m", hook["module"]]
    if kind == "console_scripts":
        found = next(iter(entry_points(group="console_scripts", name=hook["entrypoint"])), None)
        if found is None:
            raise CommandError(f"there is no console script named {hook['entrypoint']}")
        return [sys.executable, "-c", f"import {found.module}; {found.module}.{found.attr}()"]
    return None
