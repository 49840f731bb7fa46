"""Schemas, publications, foreign tables."""

from __future__ import annotations

from schema_pairs.pair import TABLE, Pair

_SERVER = "CREATE FOREIGN DATA WRAPPER PAIR_fdw; CREATE SERVER PAIR_s FOREIGN DATA WRAPPER PAIR_fdw; "
_FOREIGN = "CREATE FOREIGN TABLE ft (x integer) SERVER PAIR_s"
_PUBLICATION = "CREATE PUBLICATION PAIR_p FOR TABLE t"


def _publication(name: str, before: str, after: str, since: int = 14) -> Pair:
    return Pair(
        name, before, after, "publication PAIR_p", base=TABLE + "CREATE TABLE u (id integer PRIMARY KEY); ", since=since
    )


PAIRS = (
    Pair("comment on a schema", "", "COMMENT ON SCHEMA PAIR IS 'x'", "schema PAIR"),
    _publication("publication", "", _PUBLICATION),
    _publication("tables of a publication", _PUBLICATION, _PUBLICATION + ", u"),
    _publication("what is published", _PUBLICATION, _PUBLICATION + " WITH (publish = 'insert')"),
    _publication("published by the root", _PUBLICATION, _PUBLICATION + " WITH (publish_via_partition_root = true)"),
    _publication("published columns", _PUBLICATION, _PUBLICATION + " (id, a)", since=15),
    _publication("published rows", _PUBLICATION, _PUBLICATION + " WHERE (id > 0)", since=15),
    _publication("published schema", _PUBLICATION, "CREATE PUBLICATION PAIR_p FOR TABLES IN SCHEMA PAIR", since=15),
    Pair("foreign table", "", _FOREIGN, "foreign table PAIR.ft", base=_SERVER),
    Pair(
        "options of a foreign table", _FOREIGN, _FOREIGN + " OPTIONS (place 'x')", "foreign table PAIR.ft", base=_SERVER
    ),
    Pair(
        "column of a foreign table",
        "",
        "ALTER FOREIGN TABLE ft ADD COLUMN y text",
        "column PAIR.ft.y",
        base=_SERVER + _FOREIGN + "; ",
    ),
    Pair(
        "options of a column of a foreign table",
        "",
        "ALTER FOREIGN TABLE ft ALTER x OPTIONS (ADD place 'x')",
        "column PAIR.ft.x",
        base=_SERVER + _FOREIGN + "; ",
    ),
)
