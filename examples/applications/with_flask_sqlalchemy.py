"""Flask-SQLAlchemy: ``flask --app examples.applications.with_flask_sqlalchemy run``."""

from typing import Any

from flask import Flask, abort
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import Engine, select

from examples.service.models import Tag
from migrator.runtime import SyncDatabase

database = SyncDatabase.from_env()


class ProfileSession(Session):
    """A session on the engine of the profile, whatever it is asked about."""

    def get_bind(self, *_arguments: Any, **_options: Any) -> Engine:
        """Flask-SQLAlchemy would make an engine of the address alone."""
        return database.engine


app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = database.engine.url.render_as_string(hide_password=False)
db = SQLAlchemy(app, session_options={"class_": ProfileSession})
database.require_head(timeout=60)


@app.get("/tags")
def list_tags() -> list[str]:
    """All names."""
    return list(db.session.scalars(select(Tag.name).order_by(Tag.name)))


@app.post("/tags/<name>")
def add_tag(name: str) -> tuple[str, int]:
    """Commit by hand, as ever; what is not committed is rolled back at the end of the request."""
    db.session.add(Tag(name=name))
    db.session.flush()
    if not name.islower():
        abort(422, "a tag is written in lower case")
    db.session.commit()
    return name, 201


@app.get("/ready")
def ready() -> tuple[str, int]:
    """Whether the schema still suits this code."""
    found = database.readiness()
    return found.reason, 200 if found.is_ready else 503
