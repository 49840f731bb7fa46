"""``--wait``: a server that comes later is waited for; what waiting does not change stops at once."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace

import pytest
from processes import version
from projects import TinyProject

from migrator.profiles.model import Profile, Secret

Door = Callable[..., Profile]


class _Door:
    """A port that leads to a server from a moment on; before, it is closed, or hangs up like Docker's proxy."""

    def __init__(self, server: Profile, *, opens_after: float, hangs_up: bool) -> None:
        self._address = (
            (socket.AF_UNIX, f"{server.host}/.s.PGSQL.{server.port}")
            if server.is_socket
            else (socket.AF_INET, (str(server.host), int(server.port or 0)))
        )
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._opens = time.monotonic() + opens_after
        self._hangs_up = hangs_up
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        if not self._hangs_up:
            while time.monotonic() < self._opens and not self._ended.wait(0.02):
                pass
        with socket.create_server(("127.0.0.1", self.port)) as listener, ExitStack() as stack:
            listener.settimeout(0.05)
            pipes: list[threading.Thread] = []
            while not self._ended.is_set():
                with suppress(TimeoutError):
                    client, _address = listener.accept()
                    if time.monotonic() < self._opens:
                        client.close()
                        continue
                    stack.enter_context(client)
                    server = stack.enter_context(socket.socket(self._address[0]))
                    server.connect(self._address[1])
                    for pair in ((client, server), (server, client)):
                        pipes.append(threading.Thread(target=_pump, args=pair))
                        pipes[-1].start()
            for pipe in pipes:
                pipe.join(timeout=5)

    def close(self) -> None:
        self._ended.set()
        self._thread.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(65536):
            target.sendall(chunk)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


@contextmanager
def _door(server: Profile, *, opens_after: float, hangs_up: bool) -> Iterator[Profile]:
    door = _Door(server, opens_after=opens_after, hangs_up=hangs_up)
    try:
        yield replace(server, host="127.0.0.1", port=door.port)
    finally:
        door.close()


@pytest.fixture
def door() -> Iterator[Door]:
    """``door(profile, opens_after=2)``: the same server behind a port that opens later."""
    with ExitStack() as stack:
        yield lambda server, *, opens_after, hangs_up=False: stack.enter_context(
            _door(server, opens_after=opens_after, hangs_up=hangs_up)
        )


@pytest.mark.parametrize("hangs_up", [False, True], ids=["refuses", "hangs-up"])
def test_a_postgresql_server_that_comes_later_is_waited_for(
    project: TinyProject, postgres_database: Profile, door: Door, hangs_up: bool
) -> None:
    project.use(door(postgres_database, opens_after=2, hangs_up=hangs_up), MIGRATOR_WAIT_FOR_DB="30s")
    project.revision("r1")
    done = project.run("upgrade")
    assert done.returncode == 0, done.stderr
    assert "Waiting for the database (0 of 30 s): Cannot connect to postgresql://" in done.stderr
    assert version(postgres_database) == ["r1"]


@pytest.mark.parametrize("driver", ["asyncmy", "pymysql"])
@pytest.mark.parametrize("hangs_up", [False, True], ids=["refuses", "hangs-up"])
def test_a_mariadb_server_that_comes_later_is_waited_for(
    project: TinyProject, mariadb_database: Profile, door: Door, hangs_up: bool, driver: str
) -> None:
    behind = replace(door(mariadb_database, opens_after=1, hangs_up=hangs_up), driver=driver, migration_driver=driver)
    project.use(behind)
    project.revision("r1")
    done = project.run("upgrade", "--wait", "30")
    assert done.returncode == 0, done.stderr
    assert version(mariadb_database) == ["r1"]


@pytest.mark.parametrize("command", [["upgrade"], ["downgrade", "base"], ["stamp", "heads"]], ids=" ".join)
def test_a_server_that_never_comes_is_given_up_with_the_time_that_it_took(
    project: TinyProject, local_database: Profile, door: Door, command: list[str]
) -> None:
    project.use(door(local_database, opens_after=60))
    project.revision("r1")
    began = time.monotonic()
    done = project.run(*command, "--wait", "2")
    assert 2 <= time.monotonic() - began < 8
    assert done.returncode == 10
    assert "nothing listens there; waited 2 s for it" in done.stderr
    assert "Next: start the server, or correct DB_HOST and DB_PORT" in done.stderr


def test_without_the_setting_nothing_is_waited_for(project: TinyProject, local_database: Profile, door: Door) -> None:
    project.use(door(local_database, opens_after=60))
    project.revision("r1")
    done = project.run("upgrade")
    assert done.returncode == 10
    assert "wait" not in done.stderr.lower()


@pytest.mark.parametrize("wrong", [{"database": "no_such_database"}, {"user": "nobody_here"}], ids=["database", "user"])
def test_what_waiting_does_not_change_stops_at_once(
    project: TinyProject, postgres_database: Profile, wrong: dict[str, str]
) -> None:
    project.use(replace(postgres_database, **wrong))
    project.revision("r1")
    began = time.monotonic()
    done = project.run("upgrade", "--wait", "60")
    assert done.returncode == 10
    assert time.monotonic() - began < 10
    assert "Waiting" not in done.stderr


def test_a_wrong_password_stops_at_once(project: TinyProject, mariadb_database: Profile) -> None:
    project.use(replace(mariadb_database, password=Secret("wrong")))
    project.revision("r1")
    began = time.monotonic()
    done = project.run("upgrade", "--wait", "60")
    assert done.returncode == 10
    assert time.monotonic() - began < 10


def test_a_length_of_time_that_is_none_is_a_mistake_of_usage(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database)
    done = project.run("upgrade", "--wait", "soon")
    assert done.returncode == 2
    assert "write it like 500ms, 30s, 5min or 1h" in done.stderr
