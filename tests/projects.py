"""Tiny Alembic projects outside of the repository, and the installed command run in them."""

from __future__ import annotations

import json
import os
import subprocess
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from migrator.profiles.model import Profile

EXECUTABLE = Path(sysconfig.get_path("scripts")) / "migrator"

REVISION = '''"""{message}

Revision ID: {revision}
Revises: {revises}

"""

import sqlalchemy as sa
from alembic import op

revision = {revision!r}
down_revision = {parent!r}
branch_labels = {labels!r}
depends_on = {depends!r}


def upgrade():
    {upgrade}


def downgrade():
    {downgrade}
'''


@dataclass(frozen=True)
class Completed:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """What it printed with ``--format json``."""
        return json.loads(self.stdout)


def run_command(
    *arguments: str,
    cwd: Path,
    home: Path,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    timeout: float = 120,
) -> Completed:
    """Run the installed ``migrator`` with nothing of this machine in its environment but ``PATH``."""
    home.mkdir(exist_ok=True)
    outcome = subprocess.run(
        [str(EXECUTABLE), *arguments],
        cwd=cwd,
        env=clean_environment(home, env),
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        check=False,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    return Completed(outcome.returncode, outcome.stdout, outcome.stderr)


def clean_environment(home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a machine where nothing is set up."""
    return {
        "PATH": f"{EXECUTABLE.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "COLUMNS": "200",
        **(extra or {}),
    }


@dataclass
class TinyProject:
    """A project with profiles and a migrations folder, as ``migrator init`` makes it."""

    root: Path
    home: Path
    _last: str | None = field(default=None)

    @property
    def versions(self) -> Path:
        """The folder with the revision files."""
        return self.root / "migrations" / "versions"

    def run(self, *arguments: str, **settings: Any) -> Completed:
        """Run ``migrator`` in the project."""
        return run_command(*arguments, cwd=self.root, home=self.home, **settings)

    def use(self, profile: Profile, *, env: str = "local", **extra: str) -> None:
        """Write a database's address, and extra settings by their full names, into ``env_profiles/<env>.env``."""
        settings = {
            "DB_DIALECT": profile.dialect,
            "DB_DRIVER": profile.driver,
            "DB_MIGRATION_DRIVER": profile.migration_driver,
            "DB_HOST": profile.host,
            "DB_PORT": profile.port,
            "DB_NAME": profile.database,
            "DB_USER": profile.user,
            "DB_PASS": profile.password.reveal() if profile.password else None,
            **extra,
        }
        lines = [f"{name}={value}\n" for name, value in settings.items() if value is not None]
        folder = self.root / "env_profiles"
        folder.mkdir(exist_ok=True)
        (folder / f"{env}.env").write_text("".join(lines))

    def revision(
        self,
        name: str,
        upgrade: str = "",
        downgrade: str = "",
        *,
        parent: str | tuple[str, ...] | None = "",
        labels: str | tuple[str, ...] | None = None,
        depends: str | tuple[str, ...] | None = None,
        message: str | None = None,
    ) -> Path:
        """Write a revision on top of the last one (or on ``parent``); without a body it creates the table ``name``.

        Bodies are Python; each line is indented for you.
        """
        if not upgrade and not downgrade:
            upgrade = f'op.create_table("{name}", sa.Column("id", sa.Integer, primary_key=True))'
            downgrade = f'op.drop_table("{name}")'
        below = self._last if parent == "" else parent
        text = REVISION.format(
            message=message or f"create {name}",
            revision=name,
            revises=below if isinstance(below, str) else ", ".join(below or ()),
            parent=below,
            labels=labels,
            depends=depends,
            upgrade="\n    ".join((upgrade or "pass").splitlines()),
            downgrade="\n    ".join((downgrade or "pass").splitlines()),
        )
        path = self.versions / f"{name}_{(message or f'create {name}').replace(' ', '_')}.py"
        path.write_text(text)
        self._last = name
        return path


def make_project(root: Path, home: Path, *, style: str = "async") -> TinyProject:
    """Make a project as ``migrator init`` does, without any revision."""
    from migrator.chain.scaffold import Style, plan_project, write_scaffold

    root.mkdir(parents=True, exist_ok=True)
    write_scaffold(plan_project(root, style=Style(style)), dry_run=False)
    return TinyProject(root, home)
