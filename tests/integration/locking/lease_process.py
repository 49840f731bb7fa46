"""A process that wants a lease. Run as a program: a profile and the lease's length come as JSON in the first argument.

``count``: takes the lease ROUNDS times and adds one to a counter, in a way that loses counts where two are at it.
``hold``: takes it, says ``held``, and answers each line of its input with ``held`` or ``lost``.
"""

from __future__ import annotations

import json
import sys
import time

from migrator.database.connecting import connect
from migrator.database.lock.holding import holding
from migrator.database.lock.lease import LeaseMutex
from migrator.errors import MigratorError
from migrator.profiles.model import Profile, Secret

KEY = b"\x07" * 32
ROUNDS = 3


def lease_of(profile: Profile, seconds: float) -> LeaseMutex:
    """The lease that all of them want."""
    return LeaseMutex(lambda autocommit: connect(profile, autocommit=autocommit), key=KEY, lease=seconds)


def arguments_of(profile: Profile, seconds: float) -> str:
    """What `main` reads."""
    password = profile.password.reveal() if profile.password else None
    names = ("name", "source", "dialect", "driver", "migration_driver", "host", "port", "user", "database")
    return json.dumps({**{name: getattr(profile, name) for name in names}, "password": password, "lease": seconds})


def main(argument: str, task: str) -> None:
    """Do one of the two."""
    settings = json.loads(argument)
    seconds, password = settings.pop("lease"), settings.pop("password")
    profile = Profile(**settings, password=Secret(password) if password else None)
    for _ in range(ROUNDS if task == "count" else 1):
        with holding(lease_of(profile, seconds), location="", limit=60, listen=lambda _event: None) as lock:
            if task == "count":
                with connect(profile) as connection:
                    [(found,)] = connection.fetch("SELECT value FROM counter")
                    time.sleep(0.02)
                    connection.execute(f"UPDATE counter SET value = {found + 1}")
                continue
            print("held", flush=True)
            for _line in sys.stdin:
                try:
                    lock.require()
                    print("held", flush=True)
                except MigratorError as error:
                    print("lost:", error.message, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
