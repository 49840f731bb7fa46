"""An application that ``env.py`` imports: it is on the database that is meant, and does not wait for itself."""

from __future__ import annotations

import pytest
from projects import TinyProject

from migrator.profiles.model import Profile

APPLICATION = """
from migrator.runtime import SyncDatabase

database = SyncDatabase.from_env()
found = database.require_head(timeout=600)
print("profile", database.profile.name, "waited for", found.is_ready, found.reason)
"""
TOLD = "waited for False migrator runs env.py in this process"


@pytest.fixture
def importing(project: TinyProject, local_database: Profile) -> TinyProject:
    """A project whose models, as so often, are in the application that makes its database when it is imported."""
    project.use(local_database, env="shop")
    project.revision("r1", 'op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))', 'op.drop_table("t")')
    (project.root / "shop.py").write_text(APPLICATION)
    env = project.root / "migrations" / "env.py"
    env.write_text(
        env.read_text().replace("from alembic import context", "import shop\nfrom alembic import context", 1)
    )
    return project


def test_an_upgrade_of_an_empty_database_goes_on_at_once(importing: TinyProject) -> None:
    done = importing.run("upgrade", "--env", "shop")
    assert done.returncode == 0, done.stderr
    assert f"profile shop {TOLD}" in done.stderr
    assert importing.run("status", "--env", "shop").returncode == 0


@pytest.mark.parametrize("command", ["check", "verify"])
def test_on_a_scratch_database_it_has_the_profile_that_is_meant(importing: TinyProject, command: str) -> None:
    done = importing.run(command, "--env", "shop")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"profile shop {TOLD}" in done.stderr
