"""Flask: ``flask --app examples.applications.with_flask run``, or any WSGI server, forking ones too."""

from flask import Flask, abort
from sqlalchemy import select

from examples.service.models import Tag
from migrator.runtime import SyncDatabase

app = Flask(__name__)
database = SyncDatabase.from_env()
database.require_head(timeout=60)


@app.get("/tags")
def list_tags() -> list[str]:
    """All names."""
    with database.session() as session:
        return list(session.scalars(select(Tag.name).order_by(Tag.name)))


@app.post("/tags/<name>")
def add_tag(name: str) -> tuple[str, int]:
    """Committed at the end of the block, rolled back when it raises."""
    with database.session() as session:
        session.add(Tag(name=name))
        session.flush()
        if not name.islower():
            abort(422, "a tag is written in lower case")
    return name, 201


@app.get("/ready")
def ready() -> tuple[str, int]:
    """Whether the schema still suits this code."""
    found = database.readiness()
    return found.reason, 200 if found.is_ready else 503
