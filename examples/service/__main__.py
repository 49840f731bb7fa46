"""``python -m examples.service``: serve on the profile that ``MIGRATOR_ENV`` names, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from contextlib import suppress

import uvicorn

from examples.service.app import create_app
from migrator.errors import MigratorError
from migrator.report.errors import show_error

GRACE = 20
"""Seconds that running requests have to end; Kubernetes kills the pod after 30."""


def main() -> int:
    """Run the service; 0 when it was told to end, else the exit code of what kept it from serving."""
    arguments = parser().parse_args()
    try:
        asyncio.run(serve(arguments))
    except MigratorError as error:
        return show_error(error, as_json=False, with_traceback=False)
    return 0


def parser() -> argparse.ArgumentParser:
    """The arguments; where the database is, the profile says."""
    parser = argparse.ArgumentParser(prog="python -m examples.service", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one, and says which")
    parser.add_argument("--wait", type=float, default=60.0, metavar="SECONDS", help="how long to wait for migrations")
    parser.add_argument("--access-log", action="store_true", help="write a line for each request")
    return parser


async def serve(arguments: argparse.Namespace) -> None:
    """Serve until a signal arrives.

    The lifespan is run here: uvicorn prints its errors as tracebacks, and hears no signal until it ends.
    """
    app = create_app(patience=arguments.wait)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=arguments.host,
            port=arguments.port,
            access_log=arguments.access_log,
            lifespan="off",
            timeout_graceful_shutdown=GRACE,
        )
    )
    starting = asyncio.current_task()
    assert starting is not None  # noqa: S101 - a coroutine runs in a task

    def end() -> None:
        if server.started:
            server.should_exit = True
        else:
            starting.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end)
    with suppress(asyncio.CancelledError):
        async with app.router.lifespan_context(app):
            await server.serve()


if __name__ == "__main__":
    sys.exit(main())
