"""The project that is migrated: the history of this folder, Alembic's own env.py, and settings for one database."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from reliability.processes import Command
from reliability.servers import Address

HISTORY = Path(__file__).parent / "history"
FOLDERS = {"postgresql": "postgresql", "mysql": "mariadb"}
SYNCHRONOUS = ("psycopg", "pymysql")
COMMITS_ITSELF, ITS_PARENT = "p10_commits", "p09_once"
"""After a revision that commits by itself stock Alembic applies nothing more, and exits with 0: it gets a history
without that one."""


@dataclass(frozen=True)
class Workspace:
    """A project folder for one tool and one driver."""

    folder: Path
    tool: str
    driver: str

    def command(self, direction: str, database: Address, *options: str, **settings: str) -> Command:
        """An upgrade to the heads or a downgrade to base of a database."""
        arguments: tuple[str, ...]
        if self.tool == "migrator":
            arguments = ("upgrade",) if direction == "upgrade" else ("downgrade", "base", "--yes")
        else:
            arguments = ("upgrade", "heads") if direction == "upgrade" else ("downgrade", "base")
        return self.run(*arguments, *options, database=database, **settings)

    def run(self, *arguments: str, database: Address, **settings: str) -> Command:
        """Any command on a database."""
        own = database.settings(self.driver) if self.tool == "migrator" else {}
        environment = {**own, "RELIABILITY_URL": database.url(self.driver), **settings}
        return Command(self.tool, arguments, self.folder, tuple(environment.items()))


def make_workspace(folder: Path, dialect: str, tool: str, driver: str, *, further: str | None = None) -> Workspace:
    """Write the project, with the revisions of a further folder of histories on top if one is named."""
    root = folder / f"{tool}-{driver}"
    versions = root / "migrations" / "versions"
    versions.mkdir(parents=True)
    (root / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/migrations\n")
    (root / "env_profiles").mkdir()
    (root / "env_profiles" / "local.env").write_text(f"DB_DIALECT={dialect}\n")
    style = "sync" if driver in SYNCHRONOUS else "async"
    shutil.copyfile(HISTORY / f"env_{style}.py", root / "migrations" / "env.py")
    folders = [FOLDERS[dialect], *([further] if further else [])]
    for file in [file for each in folders for file in sorted((HISTORY / each).glob("*.py"))]:
        text = file.read_text()
        if tool == "alembic":
            if file.stem == COMMITS_ITSELF:
                continue
            text = text.replace(f'down_revision = "{COMMITS_ITSELF}"', f'down_revision = "{ITS_PARENT}"')
        (versions / file.name).write_text(text)
    return Workspace(root, tool, driver)
