"""The server starts wherever the clone lies and whoever starts it, and changes no folder that it was not given."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from servers import REPOSITORY
from starters import START

from migrator.database import embedded

AS_ROOT = os.geteuid() == 0


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folder_that_nobody_else_can_enter_stays_closed(place: Path) -> None:
    place.parent.chmod(0o700)
    place.chmod(0o700)
    server = embedded.ensure_running(place, 18)
    assert embedded.find_running(place, 18) == server
    assert (mode(place.parent), mode(place)) == (0o700, 0o700)
    assert (place / ".migrator" / "postgres-18").resolve() == server.data
    assert server.data.is_relative_to(place) is not AS_ROOT
    assert mode(server.data) == 0o700
    assert embedded.reset(place, 18)
    assert not server.data.exists()


def test_data_that_was_removed_elsewhere_is_made_anew(place: Path) -> None:
    place.chmod(0o700)
    server = embedded.ensure_running(place, 18)
    embedded.stop(place, 18)
    shutil.rmtree(server.data if server.data.is_relative_to(place) else server.data.parent)
    assert embedded.find_running(place, 18) is None
    assert embedded.ensure_running(place, 18).data == server.data


def test_moved_project_finds_its_data_and_a_copied_one_makes_its_own(place: Path) -> None:
    place.parent.chmod(0o700)
    first = embedded.ensure_running(place, 18)
    embedded.ensure_database(first, "mine")
    copied = place.with_name("copy")
    embedded.stop(place, 18)
    shutil.copytree(place, copied, symlinks=True, copy_function=shutil.copy2)
    try:
        assert embedded.ensure_running(copied, 18).data != first.data if AS_ROOT else True
    finally:
        embedded.reset(copied, 18)
    moved = place.rename(place.with_name("moved"))
    try:
        assert not embedded.ensure_database(embedded.ensure_running(moved, 18), "mine")
    finally:
        embedded.stop(moved, 18)
        moved.rename(place)


@pytest.mark.parametrize("name", ["x" * 150, "space, quote\"'$(id)` données-%s"])
def test_long_and_odd_paths(place: Path, name: str) -> None:
    folder = place / name
    folder.mkdir(mode=0o755)
    try:
        server = embedded.ensure_running(folder, 18)
        assert len(os.fsencode(server.socket_dir)) < 90
        assert mode(server.socket_dir) == 0o700
        assert embedded.ensure_database(server, "there")
        assert embedded.stop(folder, 18)
    finally:
        embedded.reset(folder, 18)


@pytest.mark.needs_root
def test_root_hands_the_server_to_the_owner_of_the_clone(place: Path) -> None:
    owner = pwd.getpwnam("daemon")
    os.chown(place, owner.pw_uid, owner.pw_gid)
    place.chmod(0o700)
    server = embedded.ensure_running(place, 18)
    assert server.data.is_relative_to(place)
    owners = {path.stat().st_uid for path in (server.data, place / ".migrator", place / ".migrator/postgres-18.lock")}
    assert owners == {owner.pw_uid}
    assert Path(f"/proc/{server.pid}").stat().st_uid == owner.pw_uid


@pytest.mark.needs_root
def test_programs_that_the_account_cannot_read_are_copied(place: Path, packages: Path) -> None:
    packages.parent.chmod(0o700)
    binaries = Path("/var/lib/migrator/binaries")
    before = set(binaries.glob("*")) if binaries.exists() else set()
    start = subprocess.run(
        [sys.executable, "-S", "-c", START, str(place), "18"],
        cwd="/",
        env={"PATH": os.defpath, "PYTHONPATH": str(packages)},
        check=False,
        capture_output=True,
        text=True,
    )
    try:
        assert start.returncode == 0, start.stderr
        assert mode(packages.parent) == 0o700
        assert embedded.find_running(place, 18) is not None
    finally:
        embedded.stop(place, 18)
        for made in set(binaries.glob("*")) - before:
            shutil.rmtree(made)


@pytest.mark.needs_root
def test_ordinary_user_runs_the_server_as_himself(place: Path, packages: Path) -> None:
    user = pwd.getpwnam("daemon")
    os.chown(place, user.pw_uid, user.pw_gid)
    interpreter = _readable_interpreter(user)
    code = START + "from migrator.database.embedded import stop; assert stop(Path(sys.argv[1]), 18)\n"
    outcome = subprocess.run(
        [interpreter, "-S", "-c", code, str(place), "18"],
        cwd="/",
        env={"PATH": os.defpath, "PYTHONPATH": str(packages), "HOME": "/nonexistent"},
        user=user.pw_uid,
        group=user.pw_gid,
        extra_groups=[],
        check=False,
        capture_output=True,
        text=True,
    )
    assert outcome.returncode == 0, outcome.stderr
    assert (place / ".migrator" / "postgres-18").stat().st_uid == user.pw_uid


def _readable_interpreter(user: pwd.struct_passwd) -> str:
    """A Python 3.11 or later that an ordinary user may run: the tests' own may lie in root's home."""
    known = [
        sys.executable,
        *(
            shutil.which(f"python3{minor}", path="/usr/bin:/usr/local/bin")
            for minor in ("", ".11", ".12", ".13", ".14")
        ),
    ]
    for candidate in filter(None, known):
        try:
            trial = subprocess.run(
                [candidate, "-S", "-c", "import sys; sys.exit(sys.version_info < (3, 11))"],
                check=False,
                user=user.pw_uid,
                group=user.pw_gid,
                cwd="/",
                capture_output=True,
            )
        except PermissionError:
            continue
        if trial.returncode == 0:
            return candidate
    pytest.skip("no Python 3.11 outside of root's home")


def test_repository_itself_is_not_a_place_for_data() -> None:
    ignored = subprocess.run(["git", "check-ignore", "-q", ".migrator/postgres-18"], cwd=REPOSITORY, check=False)
    assert ignored.returncode == 0
