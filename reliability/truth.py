"""Whether what ``migrator status`` says about a half-applied revision of the MariaDB history is so.

Each statement of the history that can be half of a revision has a question here that the database answers with a row
when the statement has taken effect.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass

from reliability.processes import Launcher
from reliability.servers import Address
from reliability.workspace import Workspace

_HALF_APPLIED = 8
_TABLE = "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = '{}'"
_COLUMNS = "SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = '{}'"
_COLUMN = f"{_COLUMNS} AND column_name = '{{}}'"
_INDEX = (
    "SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = '{}' "
    "AND index_name = '{}'"
)
_CONSTRAINT = (
    "SELECT 1 FROM information_schema.table_constraints WHERE table_schema = DATABASE() AND table_name = '{}' "
    "AND constraint_name = '{}'"
)
_WIDTH = f"{_COLUMN} AND column_type = '{{}}'"
_QUESTIONS = (
    (r"CREATE TABLE (\w+)", _TABLE),
    (r"ALTER TABLE (\w+) ADD COLUMN (\w+)", _COLUMN),
    (r"CREATE INDEX (?P<index>\w+) ON (?P<table>\w+)", _INDEX),
    (r"ALTER TABLE (\w+) ADD CONSTRAINT (\w+)", _CONSTRAINT),
    (r"ALTER TABLE (\w+) RENAME TO (?P<new>\w+)", _TABLE),
    (r"ALTER TABLE (\w+) MODIFY (\w+) (\w+\(\d+\))", _WIDTH),
)
_ROWS = {
    ("m01_tables", "INSERT INTO accounts"): "SELECT 1 FROM accounts LIMIT 1",
    ("m02_between", "UPDATE accounts SET region"): "SELECT 1 FROM accounts WHERE region = 'north' LIMIT 1",
    ("m02_between", "INSERT INTO accounts"): "SELECT 1 FROM accounts WHERE id = 31",
    ("m02_between", "UPDATE accounts SET score"): "SELECT 1 FROM accounts WHERE score = id * 2 LIMIT 1",
    ("m03_several", "INSERT INTO events"): "SELECT 1 FROM events LIMIT 1",
    ("m04_once", "UPDATE accounts SET balance"): "SELECT 1 FROM accounts WHERE id = 1 AND balance = 11",
    ("m04_once", "UPDATE events SET amount"): "SELECT 1 FROM events WHERE amount = 1 LIMIT 1",
    ("m05_batches", "UPDATE events SET note"): "SELECT 1 FROM events WHERE note = 'batched' LIMIT 1",
    ("m06_left", "INSERT INTO left_side"): "SELECT 1 FROM left_side LIMIT 1",
}


@dataclass(frozen=True)
class Claim:
    """A statement of which status says that it was done."""

    revision: str
    statement: str

    def question(self) -> str | None:
        """What the database answers with a row if the claim is true; None: nobody can tell."""
        text = " ".join(self.statement.replace("`", "").split())
        if text.startswith("INSERT INTO applied"):
            return f"SELECT 1 FROM applied WHERE revision = '{self.revision}'"
        for (revision, beginning), question in _ROWS.items():
            if revision == self.revision and text.startswith(beginning):
                return question
        for pattern, question in _QUESTIONS:
            if match := re.match(pattern, text, re.IGNORECASE):
                named = match.groupdict()
                if "index" in named:
                    return question.format(named["table"], named["index"])
                return question.format(*([named["new"]] if "new" in named else match.groups()))
        return None


async def untruths(launcher: Launcher, workspace: Workspace, database: Address, direction: str) -> list[str]:
    """What is said and is not so; after a downgrade, what is said to be undone must not be there."""
    ended = await launcher.run(workspace.run("status", "--format", "json", database=database))
    found = [] if ended.code == _HALF_APPLIED else [f"status exits with {ended.code} instead of {_HALF_APPLIED}"]
    try:
        said = json.loads(ended.output)["databases"][0]
        cut = said["half_applied"][0]
    except (ValueError, LookupError):
        return [*found, f"status does not say half applied: {ended.output[-200:]}"]
    if direction != cut["direction"]:
        found.append(f"status says {cut['direction']}")
    if not cut["done"] and not cut["in_doubt"]:
        found.append("status names no statement")
    if direction == "upgrade":
        found += await asyncio.to_thread(_contradicted, database, cut["revision"], cut["done"])
    return found


def _contradicted(database: Address, revision: str, done: list[str]) -> list[str]:
    found = []
    for statement in done:
        question = Claim(revision, statement).question()
        if question is None:
            found.append(f"nobody can tell whether {statement!r} was done")
        elif not database.ask(question):
            found.append(f"{statement!r} is said to be done in {revision}, and is not")
    return found
