"""The applications of docs/applications.md: each serves over a real socket, on a real database."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from askers import fetch, run
from projects import TinyProject, clean_environment

from migrator.profiles.model import Profile

ROOT = Path(__file__).parents[4]
SERVERS = {
    "with_fastapi": ("-m", "uvicorn", "examples.applications.with_fastapi:app", "--port", "0"),
    "with_flask": ("-m", "flask", "--app", "examples.applications.with_flask", "run", "--port", "0"),
    "with_flask_sqlalchemy": (
        *("-m", "flask", "--app", "examples.applications.with_flask_sqlalchemy", "run", "--port", "0"),
    ),
    "with_litestar": ("-m", "uvicorn", "examples.applications.with_litestar:app", "--port", "0"),
}
each_of_them = pytest.mark.parametrize("name", SERVERS)


@dataclass
class Adopted:
    """This repository's migrations and examples in a folder, on a fresh database."""

    project: TinyProject
    profile: Profile

    def start(self, name: str) -> subprocess.Popen[str]:
        """Start an application and don't wait for it."""
        return subprocess.Popen(
            [sys.executable, *SERVERS[name]],
            cwd=self.project.root,
            env=clean_environment(self.project.home, {"PYTHONUNBUFFERED": "1"}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    @contextmanager
    def serving(self, name: str, between: Callable[[], None] = lambda: None) -> Iterator[httpx.Client]:
        """A client of an application that serves; what happens before it does is up to the caller."""
        process = self.start(name)
        try:
            between()
            assert process.stderr is not None
            seen: list[str] = []
            for line in process.stderr:
                seen.append(line)
                found = re.search(r"http://127\.0\.0\.1:\d+", line)
                if found:
                    break
            else:
                raise AssertionError("".join(seen))
            # uvicorn hangs up after an error that nobody caught: each request has a connection of its own
            with httpx.Client(
                base_url=found[0], timeout=60, limits=httpx.Limits(max_keepalive_connections=0)
            ) as client:
                yield client
        finally:
            process.kill()
            process.communicate()

    def upgraded(self) -> None:
        """Migrate it, as the Job does."""
        done = self.project.run("upgrade")
        assert done.returncode == 0, done.stderr

    def tags(self) -> list[str]:
        """What is committed."""
        return [name for (name,) in fetch(self.profile, "SELECT name FROM tags ORDER BY name")]


@pytest.fixture
def adopted(local_database: Profile, tmp_path: Path) -> Adopted:
    folder = tmp_path / "shop"
    for name in ("migrations", "examples"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    project = TinyProject(folder, tmp_path / "home")
    project.home.mkdir()
    project.use(local_database)
    return Adopted(project, local_database)


@each_of_them
def test_requests_are_committed_or_rolled_back_before_they_are_answered(adopted: Adopted, name: str) -> None:
    adopted.upgraded()
    with adopted.serving(name) as client:
        for tag in ("sql", "async"):
            assert client.post(f"/tags/{tag}").status_code == 201
            assert tag in adopted.tags(), "whoever reads the answer finds what it tells of"
        assert client.post("/tags/Shouted").status_code == 422
        assert adopted.tags() == ["async", "sql"]
        assert client.get("/tags").json() == ["async", "sql"]
        assert client.post("/tags/sql").status_code == 500, "a unique violation that nobody caught"
        assert client.get("/tags").json() == ["async", "sql"]


@each_of_them
def test_it_serves_when_somebody_has_migrated_and_tells_when_the_schema_is_taken_back(
    adopted: Adopted, name: str
) -> None:
    with adopted.serving(name, between=adopted.upgraded) as client:
        assert client.get("/ready").status_code == 200
        run(adopted.profile, "UPDATE alembic_version SET version_num = '1f60c8e7d3b5'")
        refused = client.get("/ready")
        assert refused.status_code == 503
        assert "1 revision of this code is not applied" in refused.text


def test_the_tests_of_such_an_application_take_back_what_they_do(adopted: Adopted) -> None:
    quiet = ("-p", "no:cacheprovider", "-W", "ignore:Using `httpx` with")  # Starlette wants another client one day
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *quiet, "examples/applications/test_shop.py"],
        cwd=adopted.project.root,
        env=clean_environment(adopted.project.home),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout
    assert adopted.tags() == []


@pytest.mark.parametrize("name", [*SERVERS, "test_shop"])
def test_the_page_shows_the_file_that_is_run_here(name: str) -> None:
    page = (ROOT / "docs" / "applications.md").read_text(encoding="utf-8")
    lines = (ROOT / "examples" / "applications" / f"{name}.py").read_text(encoding="utf-8").splitlines(keepends=True)
    shown = "".join(line for line in lines if not line.startswith("# ruff: "))
    assert f"```python\n{shown}```" in page
