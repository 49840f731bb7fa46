"""An answer holds exactly as long as what it depends on: files that were read, settings, choices."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module, invalidate_caches
from pathlib import Path

import pytest
from projects import TinyProject

from migrator.findings import Finding, Severity
from migrator.project import Project, open_project
from migrator.verification.checking.pull_request import base_of_job
from migrator.verification.checking.remembering import Remembering
from migrator.verification.checking.report import CheckedPart, Part, RevisionVerdict

FINDING = Finding(
    rule="models-differ", severity=Severity.WARNING, message="ünlike", path="a.py", line=3, related=("b",)
)
ANSWER = CheckedPart(
    part=Part.MODELS,
    title="models against history",
    findings=(FINDING,),
    verdicts=(RevisionVerdict(revision="r1", title="t", path="p", findings=(FINDING,), not_reached="x", seconds=0.5),),
    notes=("a note",),
)


class Asking:
    """Asks about a project again and again, each time as a new process would; counts how often it was looked at."""

    def __init__(self, project: TinyProject) -> None:
        self.root = project.root
        self.looked = 0

    def open(self) -> Project:
        return open_project(start=self.root, environ={})

    def look(self) -> CheckedPart:
        self.looked += 1
        for name in [name for name in sys.modules if name.partition(".")[0] == "shop_of_this_test"]:
            del sys.modules[name]
        invalidate_caches()
        import_module("shop_of_this_test.models")
        (self.root / "migrations" / "view.sql").read_text()
        return ANSWER

    def __call__(self, project: Project | None = None, **choices: object) -> CheckedPart:
        return Remembering(project or self.open()).recall({"part": "models", **choices}, self.look)


@pytest.fixture
def ask(project: TinyProject, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asking]:
    monkeypatch.delenv("MIGRATOR_SCRATCH_URL", raising=False)
    package = project.root / "shop_of_this_test"
    package.mkdir()
    for name in ("__init__", "models"):
        (package / f"{name}.py").write_text("")
    (project.root / "migrations" / "view.sql").write_text("SELECT 1")
    (project.root / "pyproject.toml").write_text("")
    project.revision("r1")
    monkeypatch.syspath_prepend(str(project.root))
    yield Asking(project)
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop_of_this_test"]:
        del sys.modules[name]


def append(path: str, text: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        with (root / path).open("a") as file:
            file.write(text)

    return change


CHANGES = {
    "a revision": append("migrations/versions/r1_create_r1.py", "\n# edited\n"),
    "a new revision": append("migrations/versions/r2.py", 'revision = "r2"\ndown_revision = "r1"\n'),
    "env.py": append("migrations/env.py", "\n"),
    "alembic.ini": append("alembic.ini", "\n# edited\n"),
    "a policy": append("pyproject.toml", "[tool.migrator]\nversion_num_length = 40\n"),
    "a module": append("shop_of_this_test/models.py", "pass\n"),
    "a module that nobody imported yet": append("shop_of_this_test/orders.py", ""),
    "a file that a revision reads": append("migrations/view.sql", ";"),
    "a file is gone": lambda root: (root / "migrations" / "view.sql").rename(root / "elsewhere.sql"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_an_answer_depends_on_is_looked_at_again(ask: Asking, change: Callable[[Path], None]) -> None:
    ask()
    assert ask().kept_since is not None
    assert ask.looked == 1
    change(ask.root)
    if (ask.root / "elsewhere.sql").exists():
        with pytest.raises(FileNotFoundError):
            ask()
    else:
        assert ask().kept_since is None
    assert ask.looked == 2


def test_an_answer_comes_back_whole_with_the_moment_when_it_was_found(ask: Asking) -> None:
    assert ask() == ANSWER
    again = ask()
    assert again == replace(ANSWER, kept_since=again.kept_since)


def test_what_does_not_matter_changes_nothing(ask: Asking) -> None:
    ask()
    append("pyproject.toml", "[tool.ruff]\nline-length = 100\n")(ask.root)
    append("README.md", "words")(ask.root)
    (ask.root / ".migrator" / "postgres-18.log").write_text("started")
    assert ask().kept_since is not None


def test_other_choices_another_profile_and_other_arguments_are_other_questions(ask: Asking) -> None:
    ask()
    ask(revisions=["r1"])
    ask(replace(ask.open(), x=("tenant=a",)))
    profile = ask.open().profile
    assert profile is not None
    ask(replace(ask.open(), profile=replace(profile, search_path=("shop",))))
    assert ask.looked == 4
    ask(replace(ask.open(), profile=replace(profile, host="elsewhere", port=1)))
    assert ask.looked == 4


@pytest.mark.parametrize("part", [replace(ANSWER, complete=False), replace(ANSWER, not_checked="no server")])
def test_half_an_answer_is_not_kept(ask: Asking, part: CheckedPart) -> None:
    assert Remembering(ask.open()).recall({"part": "models"}, lambda: part) == part
    assert ask().kept_since is None
    assert ask.looked == 1


@pytest.mark.parametrize("path", ["shop_of_this_test/models.py", "migrations/env.py"])
def test_an_answer_while_which_a_file_was_saved_is_not_kept(ask: Asking, path: str) -> None:
    def look() -> CheckedPart:
        answer = ask.look()
        time.sleep(0.02)  # the clock of a file system ticks coarsely
        append(path, "# saved meanwhile\n")(ask.root)
        return answer

    Remembering(ask.open()).recall({"part": "models"}, look)
    assert ask().kept_since is None


@pytest.mark.parametrize(
    ("variables", "base"),
    [
        ({}, None),
        ({"GITHUB_BASE_REF": ""}, None),
        ({"GITHUB_BASE_REF": "release/2"}, "origin/release/2"),
        ({"SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main"}, "origin/main"),
        ({"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_MERGE_REQUEST_DIFF_BASE_SHA": "0a1b"}, "0a1b"),
    ],
)
def test_the_base_of_a_job(variables: dict[str, str], base: str | None) -> None:
    assert base_of_job(variables) == base


def test_without_the_cache_nothing_is_read_and_nothing_written(ask: Asking) -> None:
    Remembering(ask.open(), enabled=False).recall({"part": "models"}, ask.look)
    assert not (ask.root / ".migrator" / "cache").exists()


FOREIGN = {
    "cut short": lambda text: text[: len(text) // 2],
    "empty": lambda _: "",
    "of another kind": lambda _: '["schema"]',
    "of another version": lambda text: text.replace("migrator/checked/1", "migrator/checked/0"),
    "of another key": lambda text: text.replace('"key": "', '"key": "0'),
    "with an unknown weight": lambda text: text.replace('"warning"', '"terrible"'),
    "with an unknown field": lambda text: text.replace('"line"', '"lines"'),
    "without a part": lambda text: json.dumps({**json.loads(text), "part": None}),
    "with a moment that is none": lambda text: json.dumps({**json.loads(text), "found": "yesterday"}),
}


@pytest.mark.parametrize("spoil", FOREIGN.values(), ids=FOREIGN)
def test_what_cannot_be_understood_counts_as_nothing(ask: Asking, spoil: Callable[[str], str]) -> None:
    ask()
    (file,) = (ask.root / ".migrator" / "cache").iterdir()
    spoiled = spoil(file.read_text())
    assert spoiled != file.read_text()
    file.write_text(spoiled)
    assert ask() == ANSWER
    assert ask.looked == 2
    assert ask().kept_since is not None


def test_the_folder_is_no_change_in_git_and_does_not_grow(ask: Asking) -> None:
    for number in range(45):
        ask(number=number)
    assert (ask.root / ".migrator" / ".gitignore").read_text() == "*\n"
    assert len([*(ask.root / ".migrator" / "cache").iterdir()]) == 40


def test_a_folder_that_cannot_be_written_keeps_nothing(ask: Asking) -> None:
    (ask.root / ".migrator").write_text("in the way")
    assert ask() == ANSWER
    assert ask() == ANSWER
    assert ask.looked == 2
