"""What is known of an env.py without running it; a wrong answer here would read the wrong version table."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.chain.envfile import EnvironmentFile, read_environment_file


def read(tmp_path: Path, source: str) -> EnvironmentFile:
    path = tmp_path / "env.py"
    path.write_text(source)
    return read_environment_file(path)


@pytest.mark.parametrize(
    ("source", "table"),
    [
        ("context.configure(connection=c)", None),
        ("context.configure(connection=c, version_table='versions')", "versions"),
        ("NAME = 'versions'\ncontext.configure(version_table=NAME)", "versions"),
        ("context.configure(version_table=None)", None),
        ("context.configure(url=u, version_table='v')\ncontext.configure(connection=c, version_table='v')", "v"),
        ("options = {'url': u}\noptions['render_as_batch'] = True\ncontext.configure(**options)", None),
        ("options: dict = {'version_table': 'v'}\ncontext.configure(connection=c, **options)", "v"),
        ("options = {}\noptions['version_table'] = 'v'\ncontext.configure(**options)", "v"),
        (
            "def offline():\n    o = {'url': u}\n    configure(**o)\ndef online():\n    o = {}\n    configure(**o)\n",
            None,
        ),
    ],
)
def test_version_table_in_plain_sight(tmp_path: Path, source: str, table: str | None) -> None:
    found = read(tmp_path, source)
    assert found.version_table_known
    assert found.version_table == table


@pytest.mark.parametrize(
    "source",
    [
        "context.configure(version_table=name())",
        "context.configure(version_table='a')\ncontext.configure(version_table='b')",
        "context.configure(**current_app.extensions['migrate'].configure_args)",
        "options = {'url': u}\noptions.update(more)\ncontext.configure(**options)",
        "options = {'url': u, **more}\ncontext.configure(**options)",
        "options = {key: 1}\ncontext.configure(**options)",
        "options = {}\noptions[key] = 1\ncontext.configure(**options)",
        "options = {}\nfill(options)\ncontext.configure(**options)",
        "options = make()\ncontext.configure(**options)",
        "options = {}\noptions |= more\ncontext.configure(**options)",
        "def run(options):\n    context.configure(**options)\n",
        "from settings import options\noptions['url'] = u\ncontext.configure(**options)",
        "import settings as options\ncontext.configure(**options)",
        "def (",
    ],
)
def test_version_table_that_only_a_run_can_tell(tmp_path: Path, source: str) -> None:
    assert not read(tmp_path, source).version_table_known


def test_missing_file_is_left_for_the_run_to_complain_about(tmp_path: Path) -> None:
    assert not read_environment_file(tmp_path / "env.py").version_table_known
