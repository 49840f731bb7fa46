"""``migrator revision``, ``merge`` and ``edit`` write what Alembic would have written, and say what is wrong."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest
from projects import TinyProject

from migrator.profiles.model import Profile


def revision_named(project: TinyProject, slug: str) -> Path:
    (path,) = project.versions.glob(f"*{slug}.py")
    return path


def test_revisions_follow_one_another(project: TinyProject) -> None:
    first = project.run("revision", "-m", "first thing", "--format", "json")
    assert first.returncode == 0, first.stderr
    (written,) = first.json["written"]
    assert written["parents"] == []
    second = project.run("revision", "-m", "second thing", "--rev-id", "bbbb", "--branch-label", "main")
    assert second.returncode == 0, second.stderr
    text = revision_named(project, "bbbb_second_thing").read_text()
    assert f"Revises: {written['revision']}\n" in text
    assert "branch_labels: str | Sequence[str] | None = ('main',)" in text


def test_options_of_alembic_are_all_there(project: TinyProject) -> None:
    project.revision("aaaa")
    project.revision("bbbb", labels=("side",), parent=None)
    project.revision("cccc", parent="aaaa")
    for arguments in (
        ("--head", "side@head", "--rev-id", "dddd", "--depends-on", "cccc"),
        ("--head", "aaaa", "--splice", "--rev-id", "eeee", "--branch-label", "other"),
        ("--head", "base", "--rev-id", "ffff", "--version-path", "migrations/versions", "--depends-on", "side"),
    ):
        outcome = project.run("revision", "-m", "x", *arguments)
        assert outcome.returncode == 0, outcome.stderr
    assert "depends_on: str | Sequence[str] | None = 'cccc'" in revision_named(project, "dddd_x").read_text()
    assert "depends_on: str | Sequence[str] | None = 'side'" in revision_named(project, "ffff_x").read_text()
    assert "down_revision: str | Sequence[str] | None = None" in revision_named(project, "ffff_x").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--head", "aaab"], "aaaa"),
        (["--head", "aaaa"], "--splice"),
        (["--rev-id", "bb-cc"], "'-'"),
        (["--rev-id", "bbbb"], "already"),
        (["--branch-label", "main"], "taken"),
        (["--depends-on", "nothing"], "nothing"),
        (["--version-path", "elsewhere"], "version_locations"),
        (["--sql"], "--sql"),
        (["--sql", "--autogenerate"], "--autogenerate"),
        (["--allow-drops"], "--autogenerate"),
    ],
)
def test_what_does_not_fit_is_a_usage_error_and_writes_nothing(
    project: TinyProject, arguments: list[str], said: str
) -> None:
    project.revision("aaaa", labels=("main",))
    project.revision("bbbb")
    before = sorted(project.versions.iterdir())
    outcome = project.run("revision", "-m", "x", *arguments)
    assert outcome.returncode == 2, outcome.stderr
    assert said in outcome.stderr
    assert sorted(path for path in project.versions.iterdir() if path.name != "__pycache__") == before


def test_two_heads_ask_for_a_merge_or_a_head(project: TinyProject) -> None:
    project.revision("aaaa")
    project.revision("bbbb", parent="aaaa")
    project.revision("cccc", parent="aaaa")
    outcome = project.run("revision", "-m", "x")
    assert outcome.returncode == 2
    assert "migrator merge heads" in outcome.stderr
    merged = project.run("merge", "heads", "-m", "join them", "--rev-id", "dddd")
    assert merged.returncode == 0, merged.stderr
    assert (
        "down_revision: str | Sequence[str] | None = ('bbbb', 'cccc')"
        in revision_named(project, "dddd_join_them").read_text()
    )
    again = project.run("merge", "heads")
    assert (again.returncode, "Nothing to merge" in again.stdout) == (0, True)
    assert project.run("merge", "bbbb", "bbbb").returncode == 2
    assert project.run("merge", "bbbb", "cccc").returncode == 2


def test_a_file_is_never_overwritten(project: TinyProject) -> None:
    ini = project.root / "alembic.ini"
    ini.write_text(ini.read_text().replace("%%(year)d%%(month).2d%%(day).2d_%%(rev)s_%%(slug)s", "%%(slug)s"))
    assert project.run("revision", "-m", "same").returncode == 0
    before = (project.versions / "same.py").read_bytes()
    outcome = project.run("revision", "-m", "same")
    assert outcome.returncode == 6, outcome.stderr
    assert (project.versions / "same.py").read_bytes() == before


def test_a_missing_import_is_named_with_the_line_to_add(project: TinyProject) -> None:
    template = project.root / "migrations" / "script.py.mako"
    template.write_text(
        template.read_text().replace('${upgrades if upgrades else "pass"}', "print(json.decoder.JSONDecoder, nowhere)")
    )
    outcome = project.run("revision", "-m", "x", "--format", "json")
    assert outcome.returncode == 1
    found = {finding["message"].split()[6]: finding["remedy"] for finding in outcome.json["findings"]}
    assert found == {"json,": "import json.decoder", "nowhere,": "add the import that defines nowhere"}
    assert revision_named(project, "x").exists()


def test_a_file_that_cannot_be_imported_is_reported_and_kept(project: TinyProject) -> None:
    template = project.root / "migrations" / "script.py.mako"
    template.write_text(template.read_text() + "\nimport no_such_module\n")
    outcome = project.run("revision", "-m", "x")
    assert outcome.returncode == 3
    assert "no_such_module" in outcome.stderr
    assert revision_named(project, "x").name in outcome.stderr


def test_a_failing_post_write_hook_is_reported(project: TinyProject) -> None:
    ini = project.root / "alembic.ini"
    hook = f"[post_write_hooks]\nhooks = good, bad\ngood.type = exec\ngood.executable = {sys.executable}\n"
    hook += "good.options = -c \"import sys; open(sys.argv[1], 'a').write('# seen')\" REVISION_SCRIPT_FILENAME\n"
    hook += f"bad.type = exec\nbad.executable = {sys.executable}\n"
    hook += 'bad.options = -c "raise SystemExit(3)" REVISION_SCRIPT_FILENAME\n'
    ini.write_text(ini.read_text() + hook)
    outcome = project.run("revision", "-m", "x")
    assert outcome.returncode == 1
    assert "hook bad ended with exit code 3" in outcome.stdout
    assert "good" not in outcome.stdout
    assert revision_named(project, "x").read_text().endswith("# seen")


def test_revision_environment_runs_env_py(project: TinyProject, sqlite_database: Profile) -> None:
    project.use(sqlite_database)
    ini = project.root / "alembic.ini"
    ini.write_text(ini.read_text() + "revision_environment = true\n")
    env_py = project.root / "migrations" / "env.py"
    env_py.write_text(
        env_py.read_text().replace("with context.begin", "open('seen', 'w').close()\n    with context.begin", 1)
    )
    assert project.run("revision", "-m", "x").returncode == 0
    assert (project.root / "seen").exists()
    (project.root / "seen").unlink()
    sql = project.run("revision", "-m", "y", "--sql")
    assert sql.returncode == 0, sql.stderr


def test_edit_opens_the_file_and_reads_the_chain_again(project: TinyProject) -> None:
    path = project.revision("aaaa")
    script = project.root / "editor.py"
    script.write_text("import sys\nopen(sys.argv[1], 'a').write('# edited\\n')\n")
    editor = shlex.join([sys.executable, str(script)])
    outcome = project.run("edit", "head", env={"EDITOR": editor})
    assert outcome.returncode == 0, outcome.stderr
    assert path.read_text().endswith("# edited\n")
    script.write_text("import sys\nopen(sys.argv[1], 'a').write('down_revision = \"zzzz\"\\n')\n")
    assert project.run("edit", "aaaa", env={"EDITOR": editor}).returncode == 4
    script.write_text(
        "import sys\nt = open(sys.argv[1]).read().replace('\"zzzz\"', 'None')\nopen(sys.argv[1], 'w').write(t)\n"
    )
    assert project.run("edit", "aaaa", env={"EDITOR": editor}).returncode == 0


def test_edit_says_when_there_is_no_such_revision_or_editor(project: TinyProject) -> None:
    project.revision("aaaa")
    assert project.run("edit", "zzzz").returncode == 2
    outcome = project.run("edit", "aaaa", env={"EDITOR": "no-such-editor"})
    assert outcome.returncode == 2
    assert "EDITOR" in outcome.stderr
