"""Where a project keeps its revisions: as Alembic takes its own settings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from migrator.chain.layout import Layout, find_layout
from migrator.errors import ConfigurationError


def write(root: Path, **files: str) -> Path:
    """Files by name, with ``__`` for a slash; ``_`` at the end is for a folder."""
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("ini", "alembic.ini").replace("toml", "pyproject.toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def find(root: Path, **options) -> Layout:  # noqa: ANN003
    return find_layout(root, environ=options.pop("environ", {}), **options)


@pytest.mark.parametrize(
    "settings",
    [
        "version_locations = %(here)s/a:%(here)s/b\npath_separator = :",
        "version_locations = %(here)s/a;%(here)s/b\npath_separator = ;",
        "version_locations = %(here)s/a %(here)s/b\npath_separator = space",
        "version_locations =\n  %(here)s/a\n  %(here)s/b\npath_separator = newline",
        f"version_locations = %(here)s/a{os.pathsep}%(here)s/b\npath_separator = os",
        "version_locations = %(here)s/a, %(here)s/b",
        "version_locations = %(here)s/a %(here)s/b",
        "version_locations = %(here)s/a:%(here)s/b\nversion_path_separator = :",
        "where = %(here)s\nversion_locations = %(where)s/a %(where)s/b\npath_separator = space",
        "recursive_version_locations = true\nsourceless = true",
        "truncate_slug_length = 20\nfile_template = %%(year)d_%%(rev)s",
        "truncate_slug_length = 0",
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_ini_means_what_it_means_to_alembic(tmp_path: Path, settings: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(tmp_path, ini=f"[alembic]\nscript_location = %(here)s/db\n{settings}\n", db__env="")
    monkeypatch.chdir(root)
    layout, theirs = find(root), ScriptDirectory.from_config(Config("alembic.ini"))
    assert layout.version_locations == tuple(theirs._version_locations)
    assert layout.script_location == Path(theirs.dir)
    assert (layout.recursive, layout.sourceless) == (theirs.recursive_version_locations, theirs.sourceless)
    assert (layout.file_template, layout.truncate_slug_length) == (theirs.file_template, theirs.truncate_slug_length)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("paths", [".", ". src", "%(here)s:src", ".,src"])
def test_prepend_sys_path_splits_as_alembic_does(tmp_path: Path, paths: str) -> None:
    root = write(tmp_path, ini=f"[alembic]\nscript_location = db\nprepend_sys_path = {paths}\n", db__env="")
    theirs = Config(str(root / "alembic.ini")).get_prepend_sys_paths_list()
    assert find(root).prepend_sys_path == tuple(Path(os.path.normpath(root / path)) for path in theirs or ())


def test_the_ini_wins_over_pyproject_and_both_count(tmp_path: Path) -> None:
    toml = '[tool.alembic]\nscript_location = "%(here)s/other"\ntimezone = "utc"\n'
    layout = find(write(tmp_path, ini="[alembic]\nscript_location = db\n", toml=toml, db__env="", other__env=""))
    assert (layout.script_location, layout.timezone) == (tmp_path / "db", "utc")


def test_pyproject_alone_is_enough(tmp_path: Path) -> None:
    toml = '[tool.alembic]\nscript_location = "%(here)s/db"\nversion_locations = ["%(here)s/a", "b"]\n'
    toml += 'file_template = "%%(rev)s"\n'
    layout = find(write(tmp_path, toml=toml, db__env=""))
    assert (layout.ini, layout.toml) == (None, tmp_path / "pyproject.toml")
    assert layout.version_locations == (tmp_path / "a", tmp_path / "b")
    assert layout.file_template == "%(rev)s"


def test_a_folder_below_the_project_finds_it(tmp_path: Path) -> None:
    root = write(tmp_path, ini="[alembic]\nscript_location = db\n", db__env="", app__deep__x="")
    assert find(root / "app" / "deep").root == root
    (root / "app" / ".git").mkdir()
    with pytest.raises(ConfigurationError):
        find(root / "app" / "deep")


def test_files_are_named_with_c_or_in_the_environment(tmp_path: Path) -> None:
    root = write(tmp_path, db__env="", etc__my="")
    (root / "etc" / "my").rename(root / "etc" / "my.ini")
    (root / "etc" / "my.ini").write_text("[alembic]\nscript_location = db\n")
    for layout in (find(root, config=["etc/my.ini"]), find(root, environ={"ALEMBIC_CONFIG": "etc/my.ini"})):
        assert (layout.script_location, layout.root) == (root / "db", root)


def test_a_relative_location_may_also_be_beside_the_ini(tmp_path: Path) -> None:
    root = write(tmp_path, backend__ini="[alembic]\nscript_location = db\n", backend__db__env="")
    assert find(root, config=["backend/alembic.ini"]).script_location == root / "backend" / "db"


def test_flask_migrate_needs_no_location(tmp_path: Path) -> None:
    write(tmp_path, migrations__ini="[alembic]\n# nothing\n")
    (tmp_path / "migrations" / "env.py").write_text("")
    layout = find(tmp_path)
    assert (layout.root, layout.script_location) == (tmp_path, tmp_path / "migrations")


def test_sections_other_than_alembic(tmp_path: Path) -> None:
    root = write(tmp_path, ini="[DEFAULT]\nscript_location = db\n[tenant]\nversion_locations = t\n", db__env="")
    assert find(root, section="tenant").version_locations == (root / "t",)
    with pytest.raises(ConfigurationError, match=r"no \[tennant\] section") as refused:
        find(root, section="tennant")
    assert refused.value.details == ("sections: tenant",)


def test_comments_behind_values_are_forgiven(tmp_path: Path) -> None:
    settings = "script_location = db  # here\nversion_locations = a:b\nversion_path_separator = :  # Use os.pathsep."
    layout = find(write(tmp_path, ini=f"[alembic]\n{settings}\n", db__env=""))
    assert layout.script_location == tmp_path / "db"
    assert layout.version_locations == (tmp_path / "a", tmp_path / "b")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("script_location = gone", "is not a folder"),
        ("script_location = nothing_like_this:db", "cannot be found on the Python path"),
        ("script_location = %(nowhere)s/db", "cannot be interpolated"),
        ("script_location = db\ntruncate_slug_length = x", "whole number"),
        ("script_location = db\nversion_locations = a\npath_separator = comma", "is not one of"),
        ("", "does not set script_location"),
    ],
)
def test_what_cannot_be_used_is_told(tmp_path: Path, settings: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as refused:
        find(write(tmp_path, ini=f"[alembic]\n{settings}\n", db__x=""))
    assert refused.value.where


def test_no_project_at_all_says_how_to_begin(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    with pytest.raises(ConfigurationError, match="no Alembic project") as refused:
        find(tmp_path)
    assert "migrator init" in (refused.value.remedy or "")


def test_broken_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="not valid TOML"):
        find(write(tmp_path, toml="[tool.alembic\n"))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        find(write(tmp_path, ini="script_location = db\n", toml=""))
