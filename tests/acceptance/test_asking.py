"""A protected profile asks a person at a terminal before something is lost, and nobody else."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest
from projects import Completed, TinyProject
from terminal import AtTerminal

from migrator.database.connecting import connect
from migrator.profiles.model import Profile

Run = Callable[..., Completed]
QUESTION = "Run it all the same? [y/N]"
SIZE = "users (about 5,000 rows)"


@pytest.fixture
def prod(project: TinyProject, local_database: Profile, run_migrator: Run) -> TinyProject:
    """A protected database at ``r1`` with 5,000 users; ``r2`` drops them, ``r3`` the posts of ``r1``."""
    project.use(local_database, env="prod", MIGRATOR_PROTECTED="true")
    project.use(local_database)
    project.revision(
        "r1",
        'op.create_table("users", sa.Column("id", sa.Integer))\nop.create_table("posts", sa.Column("id", sa.Integer))',
        'op.drop_table("posts")\nop.drop_table("users")',
    )
    project.revision("r2", 'op.drop_table("users")', 'op.create_table("users", sa.Column("id", sa.Integer))')
    assert run_migrator("upgrade", "r1", cwd=project.root).returncode == 0
    with connect(local_database) as connection:
        connection.execute("INSERT INTO users SELECT generate_series(1, 5000)")
        connection.execute("ANALYZE users")
        connection.commit()
    return project


def at_terminal(project: TinyProject, *arguments: str) -> AtTerminal:
    """Run a command against the protected database on a terminal."""
    return AtTerminal(*arguments, "--env", "prod", cwd=project.root, home=project.home)


def tables(profile: Profile) -> set[str]:
    """What is there of the two tables."""
    with connect(profile) as connection:
        found = connection.fetch("SELECT tablename FROM pg_tables WHERE tablename IN ('users', 'posts')")
    return {name for (name,) in found}


@pytest.mark.parametrize(("answer", "code", "left"), [("y", 0, {"posts"}), ("YES", 0, {"posts"})])
def test_yes_runs_what_was_shown(
    prod: TinyProject, local_database: Profile, answer: str, code: int, left: set[str]
) -> None:
    """The result on stdout is that of any other run."""
    with at_terminal(prod, "upgrade") as command:
        command.wait_for(QUESTION)
        assert "r2_create_r2.py:18: r2: drop table users: " + SIZE in command.screen
        command.press(f"{answer}\n")
        ended, output = command.finish()
    assert (ended, tables(local_database)) == (code, left), command.screen
    assert output.startswith("Upgraded r1 -> r2")


@pytest.mark.parametrize("answer", ["n\n", "\n", "sure\n", "\x04"], ids=["n", "return", "anything", "end of input"])
def test_everything_else_is_no(prod: TinyProject, local_database: Profile, answer: str) -> None:
    """With the exit code of a refusal."""
    with at_terminal(prod, "upgrade") as command:
        command.wait_for(QUESTION)
        command.press(answer)
        ended, output = command.finish()
    assert (ended, output, tables(local_database)) == (6, "", {"users", "posts"}), command.screen
    assert "the answer was no" in command.screen


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_is_no_answer(prod: TinyProject, local_database: Profile, number: int, code: int) -> None:
    """The run ends as any other that was interrupted."""
    with at_terminal(prod, "upgrade") as command:
        command.wait_for(QUESTION)
        command.send(number)
        ended, _ = command.finish()
    assert (ended, tables(local_database)) == (code, {"users", "posts"}), command.screen


def test_nobody_waits_for_the_answer(prod: TinyProject, run_migrator: Run) -> None:
    """The lock is free while the question stands, and what others did meanwhile is not done twice."""
    with at_terminal(prod, "upgrade") as command:
        command.wait_for(QUESTION)
        assert run_migrator("upgrade", "--lock-wait", "1s", cwd=prod.root).returncode == 0
        command.press("y\n")
        ended, output = command.finish()
    assert ended == 0, command.screen
    assert output.startswith("Nothing to do: another process brought the database to r2")


def test_yes_holds_for_nothing_that_was_not_shown(
    prod: TinyProject, local_database: Profile, run_migrator: Run
) -> None:
    """Another process takes the database back while the question stands: now more would be lost."""
    prod.revision("r3", 'op.drop_table("posts")', 'op.create_table("posts", sa.Column("id", sa.Integer))')
    assert run_migrator("upgrade", "r2", cwd=prod.root).returncode == 0
    with at_terminal(prod, "upgrade") as command:
        command.wait_for(QUESTION)
        assert "drop table users" not in command.screen
        assert run_migrator("downgrade", "r1", cwd=prod.root).returncode == 0
        command.press("y\n")
        ended, _ = command.finish()
    assert (ended, tables(local_database)) == (6, {"users", "posts"}), command.screen
    assert "r2: drop table users" in command.screen


@pytest.mark.parametrize("options", [(), ("--format", "json")])
def test_without_a_person_the_answer_is_no(prod: TinyProject, run_migrator: Run, options: tuple[str, ...]) -> None:
    """A job's log names the same tables; --yes is what lets it pass."""
    refused = run_migrator("upgrade", "--env", "prod", *options, cwd=prod.root)
    assert refused.returncode == 6, refused.stderr
    assert SIZE in refused.stderr + refused.stdout
    assert QUESTION not in refused.stderr
    assert run_migrator("upgrade", "--env", "prod", "--yes", cwd=prod.root).returncode == 0


def test_a_program_at_a_terminal_is_not_asked(prod: TinyProject, local_database: Profile) -> None:
    """With --format json nobody reads a question."""
    with at_terminal(prod, "upgrade", "--format", "json") as command:
        ended, _ = command.finish()
    assert (ended, tables(local_database)) == (6, {"users", "posts"})
    assert QUESTION not in command.screen


def test_a_downgrade_asks_too(prod: TinyProject, local_database: Profile) -> None:
    """And names what it drops."""
    with at_terminal(prod, "downgrade", "base") as command:
        command.wait_for(QUESTION)
        assert "it refuses a downgrade" in command.screen
        assert f"r1: drop table users: {SIZE}" in command.screen
        command.press("y\n")
        ended, _ = command.finish()
    assert (ended, tables(local_database)) == (0, set()), command.screen


def test_a_dry_run_shows_sizes_and_asks_nothing(prod: TinyProject, run_migrator: Run) -> None:
    """Also where nothing is protected."""
    for env in ("prod", "local"):
        shown = run_migrator("upgrade", "--dry-run", "--env", env, cwd=prod.root)
        assert f"- drop table users  (destructive: {SIZE})" in shown.stdout, shown.stderr
    body = run_migrator("upgrade", "--dry-run", "--format", "json", cwd=prod.root).json
    assert body["plans"][0]["steps"][0]["losses"] == [
        {"operation": "drop table users", "line": 18, "table": "users", "estimated_rows": 5000}
    ]


def test_sessions_of_a_protected_database_are_not_ended_by_the_way(prod: TinyProject, run_migrator: Run) -> None:
    """Not even for a plan that destroys nothing."""
    prod.revision("r4", 'op.create_table("tags", sa.Column("id", sa.Integer))', 'op.drop_table("tags")', parent="r1")
    refused = run_migrator("upgrade", "r4", "--env", "prod", "--kill-blockers", "60s", cwd=prod.root)
    assert refused.returncode == 6, refused.stderr
    assert "--kill-blockers" in refused.stderr
    done = run_migrator("upgrade", "r4", "--env", "prod", "--kill-blockers", "60s", "--yes", cwd=prod.root)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("option", ["--kill-blockers", "--deadline", "--lock-timeout"])
def test_a_length_of_time_that_is_none_is_wrong_usage(prod: TinyProject, run_migrator: Run, option: str) -> None:
    """With an example of what to write."""
    wrong = run_migrator("upgrade", option, "soon", cwd=prod.root)
    assert wrong.returncode == 2
    assert "write it like 500ms" in wrong.stderr
