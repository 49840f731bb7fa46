"""What the database and the validation raise, as answers over HTTP."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from examples.service.models import Base
from migrator.redaction import redact

log = logging.getLogger("examples.service")

# SQLSTATE classes of what passes: no connection, rolled back for another session's sake, out of resources, a lock that
# was not free, ended by an operator or a timeout.
PASSING = ("08", "40", "53", "55", "57")

CONSTRAINTS = {
    str(constraint.name): constraint
    for table in Base.metadata.tables.values()
    for constraint in table.constraints
    if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint | ForeignKeyConstraint)
}


def add_error_answers(app: FastAPI) -> None:
    """Make an application answer with 409, 422 and 503 where its endpoints meet such errors."""
    app.add_exception_handler(RequestValidationError, refused)
    app.add_exception_handler(IntegrityError, conflict)
    app.add_exception_handler(DBAPIError, unavailable)
    app.add_exception_handler(PoolTimeout, unavailable)
    app.add_exception_handler(OSError, unavailable)  # what asyncpg raises when nothing listens


async def refused(_request: Request, error: Exception) -> JSONResponse:
    """422: which fields are wrong, without what was sent: it may be a secret, or nothing that JSON can carry."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - for the type checker
    problems = [{"type": each["type"], "loc": each["loc"], "msg": each["msg"]} for each in error.errors()]
    return JSONResponse({"detail": jsonable_encoder(problems)}, 422)


async def conflict(_request: Request, error: Exception) -> JSONResponse:
    """409: which fields of the request the rows that are there do not allow."""
    constraint = CONSTRAINTS.get(_told(error, "constraint_name") or "")
    if constraint is None:
        raise error
    fields = [column.name for column in constraint.columns]
    missing = isinstance(constraint, ForeignKeyConstraint)
    said = "names nothing that exists" if missing else "is taken already"
    return JSONResponse({"detail": f"{', '.join(fields)} {said}", "fields": fields}, 409)


async def unavailable(request: Request, error: Exception) -> JSONResponse:
    """503: nothing is wrong with the request, and it may be sent again. Why is for the log, not for the client."""
    if isinstance(error, DBAPIError) and not _passes(error):
        raise error
    reason = redact(" ".join(str(error).split()))
    log.warning("503 for %s %s: %s", request.method, request.scope["route"].path, reason)
    return JSONResponse({"detail": "the database is busy or away; try again"}, 503, {"Retry-After": "1"})


def _passes(error: DBAPIError) -> bool:
    state = _told(error, "sqlstate")
    if state is None:  # the server never said a word: psycopg's way to say that nothing listens
        return error.connection_invalidated or isinstance(error, OperationalError)
    return error.connection_invalidated or state.startswith(PASSING)


def _told(error: Any, name: str) -> str | None:
    """What the server said of an error: asyncpg's is the cause of SQLAlchemy's own, psycopg has it in ``diag``."""
    said = error.orig
    places = (said, getattr(said, "diag", None), said.__cause__)
    return next((getattr(place, name) for place in places if getattr(place, name, None)), None)
