"""Round trips on SQLite and MariaDB: what is right is let be, what is wrong is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from projects import TinyProject, make_project
from servers import ServerMissing, Servers

from migrator.profiles.model import Profile
from migrator.project import open_project
from migrator.verification.roundtrips.choosing import VerifyRequest
from migrator.verification.roundtrips.verifying import verify

USERS = """op.create_table("users", sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(20), nullable=False, server_default="x"), sa.Column("at", sa.TIMESTAMP),
        sa.Column("kind", sa.Enum("a", "b", name="kind")), sa.UniqueConstraint("name", name="uq_users_name"))
op.create_table("posts", sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id", name="fk_posts_users")))
op.create_index("ix_users_name", "users", ["name"])"""
NO_USERS = """op.drop_table("posts")
op.drop_table("users")"""
BATCH = """with op.batch_alter_table("users") as batch:
    batch.{}"""

SOUND = (
    (USERS, NO_USERS),
    (
        BATCH.format('alter_column("name", type_=sa.String(40), existing_nullable=False, existing_server_default="x")'),
        'op.execute("UPDATE users SET name = substr(name, 1, 20)")\n'
        + BATCH.format(
            'alter_column("name", type_=sa.String(20), existing_nullable=False, existing_server_default="x")'
        ),
    ),
    (BATCH.format('add_column(sa.Column("age", sa.Integer, server_default="1"))'), BATCH.format('drop_column("age")')),
    (
        BATCH.format('create_check_constraint("ck_id", "length(name) >= 0")'),
        BATCH.format('drop_constraint("ck_id", type_="check")'),
    ),
    (
        BATCH.format(
            'alter_column("at", existing_type=sa.TIMESTAMP, existing_nullable=True, server_default=sa.func.now())'
        ),
        BATCH.format('alter_column("at", existing_type=sa.TIMESTAMP, existing_nullable=True, server_default=None)'),
    ),
    ('op.execute("CREATE VIEW names AS SELECT name FROM users")', 'op.execute("DROP VIEW names")'),
)

Make = Callable[[str], TinyProject]


@pytest.fixture
def history(servers: Servers, tmp_path: Path) -> Make:
    def make(server: str) -> TinyProject:
        try:
            found = servers.profile(server)
        except ServerMissing as reason:
            pytest.skip(f"{server}: {reason}")
        project = make_project(tmp_path / "project", tmp_path / "home", style="sync")
        driver = {"sqlite": "pysqlite", "mariadb": "pymysql"}[server]
        own = Profile(
            name="local",
            source="process",
            dialect=found.dialect,
            driver=driver,
            migration_driver=driver,
            database="app",
        )
        url = f"mysql://{found.user}@{found.host}:{found.port}/{found.database}"
        project.use(own, **({} if server == "sqlite" else {"MIGRATOR_SCRATCH_URL": url}))
        return project

    return make


def findings_of(project: TinyProject) -> list[tuple[str | None, str]]:
    report = verify(open_project(start=project.root, environ={}), VerifyRequest())
    return [(finding.rule, finding.message) for verdict in report.verdicts for finding in verdict.findings]


@pytest.mark.parametrize("server", ["sqlite", "mariadb"])
def test_a_sound_history_has_no_findings_but_the_notice_that_long_names_are_cut(history: Make, server: str) -> None:
    project = history(server)
    for number, (upgrade, downgrade) in enumerate(SOUND):
        project.revision(f"r{number}", upgrade, downgrade)
    assert [(rule, "users.name: the value is replaced" in words) for rule, words in findings_of(project)] == [
        ("downgrade-loses-new-data", True)
    ]


DEFECTS = (
    ("sqlite", BATCH.format('alter_column("name", type_=sa.String(40))'), "pass", "column users.name"),
    ("sqlite", 'op.execute("CREATE VIEW v AS SELECT 1 AS one")', "pass", "view v"),
    (
        "sqlite",
        'op.execute("CREATE TRIGGER tr AFTER INSERT ON users BEGIN SELECT 1; END")',
        "pass",
        "trigger tr on users",
    ),
    ("sqlite", BATCH.format('drop_constraint("uq_users_name", type_="unique")'), "pass", "unique (name)"),
    (
        "mariadb",
        """op.add_column("posts", sa.Column("a", sa.Integer))
op.create_foreign_key("fk_a", "posts", "users", ["user_id"], ["id"])""",
        'op.drop_column("posts", "a")',
        "constraint fk_a on posts",
    ),
    (
        "mariadb",
        'op.drop_constraint("fk_posts_users", "posts", type_="foreignkey")',
        'op.create_foreign_key("fk_posts_users", "posts", "users", ["user_id"], ["id"], ondelete="CASCADE")',
        "constraint fk_posts_users on posts",
    ),
    (
        "mariadb",
        'op.alter_column("users", "name", type_=sa.Text, existing_nullable=False)',
        "pass",
        "column users.name",
    ),
    ("mariadb", 'op.execute("CREATE FUNCTION f () RETURNS INT RETURN 1")', "pass", "function f"),
    (
        "mariadb",
        """op.execute("ALTER TABLE users MODIFY kind ENUM('a', 'b', 'c')")""",
        """op.execute("ALTER TABLE users MODIFY kind ENUM('b', 'a')")""",
        "column users.kind",
    ),
)


@pytest.mark.parametrize("server", ["sqlite", "mariadb"])
def test_each_defect_is_named(history: Make, server: str) -> None:
    project = history(server)
    project.revision("start", USERS, NO_USERS)
    wanted = []
    for number, (of, upgrade, downgrade, named) in enumerate(DEFECTS):
        if of == server:
            project.revision(f"d{number}", upgrade, downgrade)
            wanted.append((f"d{number}", named))
    messages = [message for _, message in findings_of(project)]
    for revision, named in wanted:
        assert [message for message in messages if revision in message and named in message], (revision, messages)
    assert not [message for message in messages if "start" in message]
