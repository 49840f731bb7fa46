"""The image, without a Docker engine: hadolint reads the Dockerfile, its steps run in a folder instead of a layer."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from servers import ServerMissing, Servers

ROOT = Path(__file__).parents[2]
USER = 10001
HASHED_UNCHECKED = b"\x01\x00\x00\x00"


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, comments dropped and continued lines joined."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line)]


def stages() -> list[list[tuple[str, str]]]:
    """The instructions of each stage, its FROM first."""
    found: list[list[tuple[str, str]]] = []
    for word, rest in instructions():
        if word == "FROM":
            found.append([])
        found[-1].append((word, rest))
    return found


def python_for_everybody() -> str | None:
    """An interpreter that another user may start (one below a private home is none), able to make environments."""
    candidates = (
        sys.executable if os.geteuid() else None,
        *(f"/usr/bin/python3{minor}" for minor in ("", ".13", ".12", ".11")),
    )
    for candidate in filter(None, candidates):
        able = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"
        if shutil.which(candidate) and subprocess.run([candidate, "-c", able], capture_output=True).returncode == 0:
            return candidate
    return None


@pytest.fixture(scope="module")
def image() -> Iterator[Path]:
    """A folder in which the build stage's steps have been carried out, as root's files that others can only read."""
    python = python_for_everybody()
    if python is None:
        pytest.skip("no python3 >= 3.11 with venv that another user could start")
    folder = Path(tempfile.mkdtemp(prefix="image-"))
    folder.chmod(0o755)
    (folder / "shims").mkdir()
    shim = folder / "shims" / "python"
    shim.write_text(f'#!/bin/sh\nexec {python} "$@"\n')
    shim.chmod(0o755)
    workdir = folder
    for word, rest in stages()[0]:
        if word == "WORKDIR":
            workdir = folder / rest.lstrip("/")
            workdir.mkdir(parents=True, exist_ok=True)
        elif word == "COPY":
            copy(rest.split(), workdir)
        elif word == "RUN":
            run_step(inside(folder, rest), workdir, folder / "shims")
    yield folder
    shutil.rmtree(folder)


def inside(folder: Path, command: str) -> str:
    """A step's command with the image's absolute paths moved into the folder."""
    return re.sub(r"(?<![\w.])/(opt/migrator|srv/app|src)\b", rf"{folder}/\1", command)


def copy(words: list[str], workdir: Path) -> None:
    """Carry out a COPY from what a clone holds."""
    *sources, destination = words
    target = workdir / destination
    for source in sources:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", source],
            cwd=ROOT, check=True, capture_output=True, text=True,
        ).stdout.splitlines()  # fmt: skip
        assert listed, f"COPY {source}: no such file in the repository"
        for name in filter(lambda name: (ROOT / name).exists(), listed):
            below = Path(name).relative_to(source) if (ROOT / source).is_dir() else Path(Path(name).name)
            (target / below).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / below)


def run_step(command: str, workdir: Path, shims: Path) -> None:
    """Carry out a RUN."""
    environment = {**os.environ, "PATH": f"{shims}{os.pathsep}{os.environ['PATH']}", "EXTRAS": ""}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        ["sh", "-ec", command], cwd=workdir, env=environment, capture_output=True, text=True, umask=0o022
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def in_the_image(folder: Path, *arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    """Run the tool as the image does: its ENV, its WORKDIR, its user where root may become another one."""
    settings = dict(part.split("=", 1) for word, rest in stages()[1] if word == "ENV" for part in rest.split())
    environment = {name: inside(folder, value).replace("$PATH", "/usr/bin:/bin") for name, value in settings.items()}
    environment |= given
    another = {} if os.geteuid() else {"user": USER, "group": USER, "extra_groups": []}
    return subprocess.run(
        [folder / "opt/migrator/bin/migrator", *arguments],
        cwd=folder / "srv/app", env=environment, capture_output=True, text=True, timeout=60, **another,
    )  # fmt: skip


def files(folder: Path) -> dict[str, float]:
    """Every file in the image with the date of its last change."""
    return {str(path): path.stat().st_mtime for path in folder.rglob("*") if path.is_file()}


def test_hadolint_has_nothing_to_say() -> None:
    """The Dockerfile follows the usual advice."""
    linter = Path(sys.executable).parent / "hadolint"
    if not linter.exists():
        pytest.skip("hadolint is not installed (the development dependencies bring it on Linux)")
    done = subprocess.run([linter, "--no-color", ROOT / "Dockerfile"], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("", 0)


def test_the_final_stage_compiles_nothing_and_is_not_root() -> None:
    """A slim base, no package manager's step, a numeric user, the tool as the entry point, its help by default."""
    final = stages()[1]
    steps = [rest for word, rest in final if word == "RUN"]
    assert final[0][1].endswith("-slim")
    assert not [step for step in steps if re.search(r"\b(apt|apt-get|apk|pip|gcc|make)\b", step)]
    assert ("USER", f"{USER}:{USER}") in final
    assert final[-2:] == [("ENTRYPOINT", '["migrator"]'), ("CMD", '["--help"]')]


def test_the_image_runs_for_a_user_who_can_write_nowhere(image: Path) -> None:
    """Version, heads and chain check work, and leave no file behind."""
    before = files(image)
    version, heads, check = (in_the_image(image, *words) for words in (["--version"], ["heads"], ["check", "--chain"]))
    assert (version.returncode, version.stderr) == (0, "")
    assert version.stdout.startswith("migrator, version ")
    assert (heads.returncode, heads.stdout.split()[0]) == (0, "e4a9276bd0fc"), heads.stderr
    assert check.returncode == 0, check.stdout + check.stderr
    assert files(image) == before


def test_the_image_migrates_a_database_with_a_password_from_a_file(
    image: Path, servers: Servers, tmp_path: Path
) -> None:
    """As the manifests start it: the environment says where, a mounted file holds the password; again finds nothing."""
    secret = image / "password"
    secret.write_text("1q2w3e4r!!\n")
    try:
        with servers.database("postgresql", folder=tmp_path) as profile:
            where = {
                "DB_HOST": str(profile.host),
                "DB_PORT": str(profile.port),
                "DB_NAME": str(profile.database),
                "DB_USER": str(profile.user),
                "DB_PASS_FILE": str(secret),
            }
            before = files(image)
            first, again, status = (
                in_the_image(image, *words, "--env", "ci", **where) for words in (["upgrade"], ["upgrade"], ["status"])
            )
            assert files(image) == before
    except ServerMissing as reason:
        pytest.skip(str(reason))
    assert first.returncode == 0, first.stderr
    assert again.returncode == 0, again.stderr
    assert status.returncode == 0, status.stderr
    assert "1q2w3e4r" not in first.stdout + first.stderr + status.stdout + status.stderr


def test_everything_in_the_image_is_compiled(image: Path) -> None:
    """Package and revisions have bytecode that is never checked against a file's date."""
    sources = [
        *image.glob("opt/migrator/lib/*/site-packages/migrator/**/*.py"),
        *image.glob("srv/app/migrations/**/*.py"),
    ]
    assert len(sources) > 50
    for source in sources:
        (compiled,) = (source.parent / "__pycache__").glob(f"{source.stem}.cpython-*.pyc")
        assert compiled.read_bytes()[4:8] == HASHED_UNCHECKED, compiled


def test_the_wheel_brings_what_is_no_python(image: Path) -> None:
    """The marker for type checkers, and the templates of ``migrator init``, are installed."""
    (package,) = image.glob("opt/migrator/lib/*/site-packages/migrator")
    assert (package / "py.typed").exists()
    for template in (ROOT / "migrator" / "templates").rglob("*.*"):
        if template.is_file() and template.suffix != ".pyc":
            assert (package / template.relative_to(ROOT / "migrator")).exists()


def test_the_image_holds_no_secret_and_nothing_writable(image: Path) -> None:
    """No personal profile, no pip, and no file that the image's user could change."""
    assert not list(image.glob("srv/app/env_profiles/*.local.env"))
    assert not list(image.glob("opt/migrator/bin/pip*"))
    assert not [path for path in image.rglob("*") if not path.is_symlink() and path.stat().st_mode & stat.S_IWOTH]


def test_compose_waits_for_the_database_and_runs_once() -> None:
    """The one-shot service depends on a healthy database, and what follows on its success."""
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    assert services["database"]["image"] == "postgres:18"
    assert services["database"]["healthcheck"]["test"][1] == "pg_isready"
    assert services["migrate"]["depends_on"]["database"]["condition"] == "service_healthy"
    assert services["status"]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert services["migrate"]["restart"] == "no"
    assert services["migrate"]["read_only"] is True
