"""A project, its database, and a look into the ledger beside the commands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from projects import TinyProject

from migrator.database.connecting import connect
from migrator.profiles.model import Profile


@dataclass(frozen=True)
class Remembered:
    """A project on a database."""

    project: TinyProject
    profile: Profile
    files: list[Path]

    def upgraded(self) -> TinyProject:
        """The project, its database at the heads."""
        done = self.project.run("upgrade")
        assert done.returncode == 0, done.stderr
        return self.project

    def older(self, *files: Path) -> TinyProject:
        """The project of an older image on the database of the newer one: some files are not there."""
        project = self.upgraded()
        for file in files:
            file.unlink()
        return project

    def ledger(self, name: str = "migrator_ledger") -> str:
        """The name of a table of the ledger in a query."""
        return f"migrator.{name}" if self.profile.dialect == "postgresql" else name

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        """Rows."""
        with connect(self.profile) as connection:
            return connection.fetch(query)

    def execute(self, statement: str) -> None:
        """Run a statement."""
        with connect(self.profile) as connection:
            connection.execute(statement)

    def tables(self) -> list[str]:
        """All tables of the database, in every schema."""
        if self.profile.dialect == "sqlite":
            return sorted(row[0] for row in self.fetch("SELECT name FROM sqlite_master"))
        schema = "DATABASE()" if self.profile.dialect == "mysql" else "ANY (ARRAY['public', 'migrator'])"
        query = f"SELECT table_name FROM information_schema.tables WHERE table_schema = {schema}"
        return sorted(row[0] for row in self.fetch(query))

    def history(self) -> list[tuple[str, str, str]]:
        """Revision, direction and outcome of each row of the ledger, oldest first."""
        return [
            (row[0], row[1], row[2])
            for row in self.fetch(f"SELECT revision, direction, outcome FROM {self.ledger()} ORDER BY entry")
        ]
