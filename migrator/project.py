"""The project in hand: where its files are, which database it is about, what its revision files say."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from migrator.chain.layout import Layout, find_layout
from migrator.chain.model import Chain
from migrator.chain.reader import ChainReading, read_chain

if TYPE_CHECKING:
    from migrator.chain.policy import Policy
    from migrator.profiles.care import Care
    from migrator.profiles.model import Profile


_NO_OVERRIDES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Project:
    """Everything that a command needs to know before it looks at a server."""

    layout: Layout
    profile: Profile | None
    """None: the connection is the one that the project's own ``env.py`` makes."""
    section: str = "alembic"
    """Section of the ini file that ``env.py`` is to use (``-n``)."""
    x: tuple[str, ...] = ()
    """``-x`` arguments, handed to ``env.py`` as Alembic does."""
    executed: frozenset[str] = field(default=frozenset())
    """Revision files whose ids are computed and may be imported to learn them (``--import``)."""
    settings: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    """``MIGRATOR_`` settings of the process and the command line, for when there is no profile."""
    replaces_connection: bool = False
    """A connection that ``env.py`` makes elsewhere is replaced instead of refused; for scratch databases only."""

    @property
    def env_option(self) -> str:
        """What a command to type next needs to mean the same database: such as `` --env prod``, or nothing."""
        profile = self.profile
        return f" --env {profile.name}" if profile and profile.source == "file" and profile.name != "local" else ""

    @property
    def root(self) -> Path:
        """The folder that relative paths in messages start from."""
        return self.layout.root

    @cached_property
    def reading(self) -> ChainReading:
        """The revision files as read, with what is wrong with them."""
        return read_chain(self.layout, executed=self.executed)

    @cached_property
    def chain(self) -> Chain:
        """The chain.

        Raises:
            ChainError: the files do not form a sound chain.

        """
        return self.reading.require_sound()

    @cached_property
    def policy(self) -> Policy:
        """What ``[tool.migrator]`` allows."""
        from migrator.chain.policy import read_policy

        return read_policy(self.root)

    @cached_property
    def care(self) -> Care:
        """How long to wait, and what to make of a database that is ahead: the profile's word, else the process's.

        Raises:
            ConfigurationError: a value in the process environment does not fit.

        """
        from migrator.profiles.care import care_of, care_of_process

        return care_of_process(self.settings) if self.profile is None else care_of(self.profile)

    def on(self, scratch: Profile) -> Project:
        """The same files on a scratch database, wherever ``env.py`` would connect to by itself."""
        project = replace(self, profile=replace(scratch, ledger=False), replaces_connection=True)
        if "reading" in vars(self):
            vars(project)["reading"] = self.reading  # read once, however many scratch databases the files are run on
        return project

    def display(self, path: str) -> str:
        """A path as messages show it: relative to the root when it lies below."""
        try:
            return str(Path(path).relative_to(self.root))
        except ValueError:
            return path


def open_project(
    *,
    env: str | None = None,
    config: Sequence[str] = (),
    section: str = "alembic",
    x: Sequence[str] = (),
    executed: Sequence[str] = (),
    start: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    with_profile: bool = True,
    overrides: Mapping[str, str] = _NO_OVERRIDES,
) -> Project:
    """Find the project around the current folder and the profile that was asked for.

    ``overrides`` are settings that the command line gives, by their names.

    Raises:
        ConfigurationError: there is no Alembic project here, or the profile cannot be used as it is.

    """
    layout = find_layout(start or Path.cwd(), config=config, section=section, environ=environ)
    profile = None
    if with_profile:
        from migrator.profiles.loading import load_profile

        profile = load_profile(env, root=layout.root, environ=environ, overrides=overrides)
    return Project(
        layout=layout,
        profile=profile,
        section=section,
        x=tuple(x),
        executed=frozenset(str(Path(path).resolve()) for path in executed),
        settings={name: value for name, value in {**environ, **overrides}.items() if name.startswith("MIGRATOR_")},
    )
