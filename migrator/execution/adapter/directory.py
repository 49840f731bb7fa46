"""Alembic's ScriptDirectory on the statically read chain: a file is executed only when its step is due."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from alembic.script.revision import Revision as GraphNode
from alembic.script.revision import RevisionMap
from alembic.util import load_python_file

from migrator.chain.model import Chain, Revision


class _OneTimeLoader(SourceFileLoader):
    """Loads a revision without leaving bytecode behind: a revision runs once, so its cache would only cost time."""

    compiled: CodeType | None = None

    def get_code(self, fullname: str) -> CodeType | None:
        """What was compiled ahead of time, else the file's code now."""
        return self.compiled or super().get_code(fullname)

    def set_data(self, path: str, data: Any, *, _mode: int = 0o666) -> None:
        """Write nothing; bytecode that is there already (in an image, say) is still used."""


class StaticScript(Script):
    """A Script whose place in the graph comes from static reading; its module is loaded when a step needs it."""

    def __init__(self, revision: Revision) -> None:
        # Script.__init__ takes ids from the loaded module; here they are known without loading it.
        GraphNode.__init__(
            self,
            revision.id,
            revision.parents or None,
            branch_labels=revision.branch_labels,
            dependencies=revision.depends_on,
        )
        self.path = revision.path
        self._doc = revision.doc
        self._loader: _OneTimeLoader | None = None

    @cached_property
    def module(self) -> ModuleType:  # type: ignore[override]
        """The revision's module, executed on first use."""
        folder, name = os.path.split(self.path)
        if not name.endswith(".py"):
            return load_python_file(folder, name)
        loader = self._loader or self._new_loader()
        spec = spec_from_file_location(loader.name, self.path, loader=loader)
        assert spec is not None  # noqa: S101 - a loader was given
        module = module_from_spec(spec)
        loader.exec_module(module)
        return module

    def compile(self) -> None:
        """Compile the file now, for a use that comes soon; what is wrong with it shows when it is used."""
        if self.path.endswith(".py"):
            loader = self._new_loader()
            with suppress(Exception):
                loader.compiled = loader.get_code(loader.name)
                self._loader = loader

    def _new_loader(self) -> _OneTimeLoader:
        return _OneTimeLoader(re.sub(r"\W", "_", Path(self.path).name), self.path)

    @property
    def longdoc(self) -> str:
        """The docstring; only its first paragraph as long as the module is not loaded."""
        return self._doc


def make_directory(config: Config, chain: Chain) -> ScriptDirectory:
    """Make the ScriptDirectory of a project, its graph filled from the chain instead of from executed files."""
    directory = ScriptDirectory.from_config(config)
    directory.revision_map = RevisionMap(lambda: _scripts(chain))
    return directory


def _scripts(chain: Chain) -> Iterator[Script]:
    return (StaticScript(revision) for revision in chain.revisions.values())


def env_py(directory: ScriptDirectory) -> Path:
    """Where the project's ``env.py`` is."""
    return Path(directory.dir) / "env.py"
