"""Ten revisions that do not make a round trip, one of each kind that real histories have."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

REVISION = '''"""{name}"""

import sqlalchemy as sa
from alembic import op

revision = "{name}"
down_revision = "{parent}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    {upgrade}


def downgrade() -> None:
    {downgrade}
'''


@dataclass(frozen=True)
class Defect:
    """A revision with a defect, and the line that makes the models fit it at head."""

    name: str
    upgrade: str
    downgrade: str = "pass"
    models: str = ""


def _sql(statement: str) -> str:
    return f"op.execute({statement!r})"


DEFECTS = (
    Defect(
        "downgrade_fails",
        'op.create_table("d1", sa.Column("id", sa.Integer, primary_key=True))',
        'op.drop_table("d_one")',
        'Table("d1", metadata, Column("id", Integer, primary_key=True))',
    ),
    Defect(
        "index_left",
        'op.create_index("ix_left", "t0", ["c1"], if_not_exists=True)',
        models='Index("ix_left", metadata.tables["t0"].c.c1)',
    ),
    Defect(
        "column_left",
        'op.add_column("t0", sa.Column("left_over", sa.String(5)))',
        models='metadata.tables["t0"].append_column(Column("left_over", String(5)))',
    ),
    Defect("type_left", _sql("CREATE TYPE mood AS ENUM ('calm', 'keen')")),
    Defect(
        "check_left",
        _sql("ALTER TABLE t0 DROP CONSTRAINT IF EXISTS t0_c2, ADD CONSTRAINT t0_c2 CHECK (c2 <> 'x')"),
    ),
    Defect("default_left", _sql("ALTER TABLE t0 ALTER c2 SET DEFAULT 'none'")),
    Defect(
        "not_null_left",
        _sql("UPDATE t0 SET c3 = '' WHERE c3 IS NULL") + "\n    " + _sql("ALTER TABLE t0 ALTER c3 SET NOT NULL"),
        models='metadata.tables["t0"].c.c3.nullable = False',
    ),
    Defect("function_left", _sql("CREATE OR REPLACE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT n * 2'")),
    Defect("view_left", _sql("CREATE OR REPLACE VIEW names AS SELECT id FROM t0")),
    Defect(
        "fails_on_rows",
        _sql("ALTER TABLE t0 ALTER c1 TYPE integer USING c1::integer"),
        _sql("ALTER TABLE t0 ALTER c1 TYPE varchar(20)"),
        'metadata.tables["t0"].c.c1.type = Integer()',
    ),
)


def add_defect(root: Path, defect: Defect) -> None:
    """Put a defect on top of a project's history."""
    versions = root / "migrations" / "versions"
    parent = _newest(versions)
    text = REVISION.format(name=defect.name, parent=parent, upgrade=defect.upgrade, downgrade=defect.downgrade)
    (versions / f"zz{len([*versions.iterdir()]):04}_{defect.name}.py").write_text(text)
    if defect.models:
        with (root / "models.py").open("a") as models:
            models.write(f"{defect.models}\n")


def _newest(versions: Path) -> str:
    last = max(path for path in versions.iterdir() if path.suffix == ".py")
    return next(line.split('"')[1] for line in last.read_text().splitlines() if line.startswith("revision"))
