"""What a pair of schemas is."""

from __future__ import annotations

from dataclasses import dataclass

TABLE = "CREATE TABLE t (id integer PRIMARY KEY, a text, b integer, c integer); "
PREPARATION = """
DO $$ BEGIN
    CREATE ROLE migrator_test_reader;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
"""
"""What the pairs need of the server."""


@dataclass(frozen=True)
class Pair:
    """Two schemas; in their SQL the word PAIR stands for the name of the schema that everything is made in."""

    name: str
    before: str
    after: str
    expects: str = ""
    """The object that the difference is about, as its key is written; empty: they do not differ."""
    base: str = TABLE
    """Runs before both."""
    facts: int | None = None
    """The row in the table of what autogenerate sees, if it is one of these."""
    since: int = 14
    """The first major version that can do this."""
    dump_is_silent: str = ""
    """Why pg_dump shows no difference where there is one."""
    left_out: str = ""
    """Why pg_dump shows a difference that is none for this tool."""

    @property
    def differs(self) -> bool:
        return bool(self.expects)

    def statements(self, side: str, schema: str) -> str:
        """One side's SQL, to be run as it stands."""
        sql = self.base + (self.before if side == "before" else self.after)
        return f"CREATE SCHEMA IF NOT EXISTS {schema}; SET search_path = {schema}; {sql.replace('PAIR', schema)}"

    def object(self, schema: str) -> str:
        """The expected object."""
        return self.expects.replace("PAIR", schema)
