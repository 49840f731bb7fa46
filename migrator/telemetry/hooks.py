"""What is to be called before and after a run and a revision: read from settings and entry points, and called."""

from __future__ import annotations

import importlib
import importlib.util
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any, Final, TypeAlias

from migrator.errors import ConfigurationError
from migrator.profiles.care import Care
from migrator.telemetry.hook_calls import call_function
from migrator.telemetry.hook_commands import run_command

BEFORE_RUN: Final = "before_run"
AFTER_RUN: Final = "after_run"
BEFORE_REVISION: Final = "before_revision"
AFTER_REVISION: Final = "after_revision"
_MOMENTS: Final = (BEFORE_RUN, AFTER_RUN, BEFORE_REVISION, AFTER_REVISION)
ENTRY_POINTS: Final = "migrator.hooks"
_PYTHON: Final = "python:"

Printed: TypeAlias = Callable[[str], None]
"""Takes a line of a hook's output; called from any thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """One thing to call at one of the four moments."""

    moment: str
    written: str
    """As in the setting, or the entry point's value."""
    argv: tuple[str, ...] = ()
    """Of a command; nothing for a Python function."""
    function: str = ""
    """``module:function``."""

    def __str__(self) -> str:
        """Such as ``before_run hook ./backup.sh``."""
        return f"{self.moment} hook {self.written}"


def read_hooks(care: Care, root: Path) -> tuple[Hook, ...]:
    """The hooks that the settings name. Commands are looked for; Python modules are not imported yet.

    Raises:
        ConfigurationError: there is no such command or package.

    """
    written = ((moment, getattr(care, moment)) for moment in _MOMENTS)
    return tuple(_hook(moment, text, root) for moment, text in written if text)


def installed_hooks() -> tuple[Hook, ...]:
    """The hooks that installed packages offer as entry points, in the order of their names."""
    from importlib.metadata import entry_points

    offered = sorted((each for each in entry_points(group=ENTRY_POINTS) if each.name in _MOMENTS), key=str)
    return tuple(Hook(moment=each.name, written=each.value, function=each.value) for each in offered)


def _hook(moment: str, text: str, root: Path) -> Hook:
    if text.startswith(_PYTHON):
        function = text.removeprefix(_PYTHON)
        if not all(function.partition(":")[::2]):
            raise _unusable(moment, text, "does not name a function", "write it as python:package.module:function")
        return Hook(moment=moment, written=text, function=function)
    words = shlex.split(text)
    # A path is meant from where the command will run, which is the project's folder, wherever the user stands.
    program = str(root / words[0]) if "/" in words[0] else words[0]
    found = shutil.which(program)
    if found is None:
        raise _unusable(
            moment, text, f"names {words[0]}, which is not there or may not be executed", "correct it, or chmod +x"
        )
    return Hook(moment=moment, written=text, argv=(found, *words[1:]))


def _unusable(moment: str, text: str, why: str, remedy: str) -> ConfigurationError:
    return ConfigurationError(
        f"the {moment} hook `{text}` {why}",
        where=f"MIGRATOR_{moment.upper()}",
        state="nothing was run",
        remedy=remedy,
    )


class Caller:
    """Calls hooks, each in the project's folder and with a report."""

    def __init__(self, root: Path, search_path: Sequence[str]) -> None:
        self._root = root
        self._search_path = tuple(search_path)

    def require(self, hooks: Sequence[Hook]) -> None:
        """Import the functions of hooks.

        Raises:
            ConfigurationError: one is not there, or is not a plain function.

        """
        for hook in hooks:
            if hook.function:
                self._function(hook)

    def call(
        self,
        hook: Hook,
        report: Mapping[str, Any],
        *,
        variables: Mapping[str, str],
        printed: Printed,
        end: float | None,
    ) -> None:
        """Call one.

        Args:
            hook: what to call.
            report: what it is told.
            variables: what is added to a command's environment.
            printed: takes each line of its output.
            end: moment of `time.monotonic` at which a command is ended; None: it may take as long as it wants.

        Raises:
            HookFailed: it failed.

        """
        if hook.argv:
            run_command(hook.argv, report, folder=self._root, variables=variables, printed=printed, end=end)
        else:
            with self._importing():
                call_function(self._function(hook), report, printed=printed)

    def _function(self, hook: Hook) -> Callable[..., object]:
        module, _, name = hook.function.partition(":")
        with self._importing():
            try:
                found: Any = importlib.import_module(module)
                for part in name.split("."):
                    found = getattr(found, part)
            except (ImportError, AttributeError) as error:
                raise _unusable(hook.moment, hook.written, f"cannot be imported: {error}", "correct it") from error
        if not callable(found) or iscoroutinefunction(found):
            raise _unusable(hook.moment, hook.written, "is not a plain function", "name one that takes the report")
        function: Callable[..., object] = found
        return function

    @contextmanager
    def _importing(self) -> Iterator[None]:
        """The project's own folders can be imported from, as its ``env.py`` can."""
        kept = list(sys.path)
        sys.path[:0] = self._search_path
        try:
            yield
        finally:
            sys.path[:] = kept
