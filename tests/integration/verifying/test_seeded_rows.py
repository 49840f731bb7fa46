"""Rows that a revision makes are there for later ones, also after a round trip that works on empty tables only."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from projects import TinyProject

from migrator.project import Project
from migrator.verification.roundtrips import VerifyRequest, verify

Opened = Callable[[TinyProject], Project]

SEED = """
op.execute("CREATE TABLE people (id integer PRIMARY KEY, name varchar(60))")
op.execute("CREATE TABLE roles (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text UNIQUE, rights text)")
op.execute("CREATE TABLE grants (role_id uuid REFERENCES roles, person_id integer REFERENCES people, note text)")
op.execute("INSERT INTO roles (name, rights) VALUES ('admin', 'all'), ('viewer', 'read')")
""".strip()
TOO_NARROW = ('op.execute("ALTER TABLE people ALTER name TYPE varchar(5)")', "pass")
NULLS = 'op.add_column("people", sa.Column("kind", sa.Text))'
NO_NULLS = 'op.execute("ALTER TABLE people ALTER kind SET NOT NULL")\nop.drop_column("people", "kind")'


@pytest.mark.parametrize("step", [TOO_NARROW, (NULLS, NO_NULLS)], ids=["upgrade", "downgrade"])
def test_what_a_later_revision_does_to_seeded_rows_shows(
    history: TinyProject, opened: Opened, step: tuple[str, str]
) -> None:
    history.revision("seed", SEED, 'op.drop_table("grants")\nop.drop_table("roles")\nop.drop_table("people")')
    history.revision("fails", *step)
    history.revision("change", "op.execute(\"UPDATE roles SET rights = 'some' WHERE name = 'viewer'\")", "pass")
    number = 'op.get_bind().scalar(sa.text("SELECT count(*) FROM roles WHERE length(name) < 9"))'
    history.revision("count", f'number = {number}\nif number != 2:\n    raise ValueError(f"{{number}} roles")', "pass")
    report = verify(opened(history), VerifyRequest())
    found = {each.revision: [finding.rule for finding in each.findings] for each in report.verdicts}
    which = "upgrade" if step is TOO_NARROW else "downgrade"
    assert f"{which}-fails-on-data" in found["fails"]
    assert found["change"] == ["downgrade-loses-data"], [each.message for each in report.findings]
    assert found["count"] == []
    (lost,) = [each for each in report.findings if each.revision == "change"]
    assert "public.roles.rights in 1 row" in lost.message
    assert "'read' is 'some'" in lost.message
