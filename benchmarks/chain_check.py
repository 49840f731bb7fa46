"""``migrator check --chain`` against ``alembic heads`` on the same generated folder, without ``.pyc`` files there.

Runs alternate, medians count. Prints wall time and peak memory of both, and their ratios.

    python benchmarks/chain_check.py --revisions 5000 --runs 7 [--merges 0.1]
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

INI = "[alembic]\nscript_location = %(here)s/migrations\npath_separator = os\n"
HEADER = '''"""step {number}

Revision ID: {id}
Revises: {revises}
Create Date: 2024-01-01 00:00:00.000000

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision: str = "{id}"
down_revision: Union[str, Sequence[str], None] = {down}
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    """Upgrade schema."""
{upgrade}

def downgrade() -> None:
    """Downgrade schema."""
{downgrade}'''


def generate(folder: Path, *, count: int, merges: float) -> None:
    """Write a project of ``count`` revisions: a quarter creates tables, the rest adds columns."""
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True)
    (folder / "alembic.ini").write_text(INI)
    (folder / "migrations" / "env.py").write_text("")
    choose = random.Random(1)
    heads: list[str] = []
    for number in range(count):
        id_ = f"{number:012x}"
        parents = heads[-1:]
        if len(heads) > 1 and choose.random() < merges * 2:
            parents = heads[-2:]
        elif heads and choose.random() < merges:
            parents = [f"{max(number - 3, 0):012x}"]
        heads = [head for head in heads if head not in parents] + [id_]
        down = "None" if not parents else f'"{parents[0]}"' if len(parents) == 1 else repr(tuple(parents))
        text = HEADER.format(number=number, id=id_, revises=", ".join(parents), down=down, **bodies(number))
        (versions / f"{id_}_step_{number}.py").write_text(text)


def bodies(number: int) -> dict[str, str]:
    if number % 4:
        table, column = f"table_{number - number % 4}", f"column_{number}"
        added = f'    op.add_column("{table}", sa.Column("{column}", sa.Integer(), nullable=True))\n'
        return {"upgrade": added, "downgrade": f'    op.drop_column("{table}", "{column}")\n'}
    created = (
        f'    op.create_table(\n        "table_{number}",\n        sa.Column("id", sa.Integer(), nullable=False),\n'
        '        sa.Column("name", sa.String(length=50), nullable=True),\n'
        '        sa.PrimaryKeyConstraint("id"),\n    )\n'
    )
    return {"upgrade": created, "downgrade": f'    op.drop_table("table_{number}")\n'}


def run(command: list[str], folder: Path) -> tuple[float, float]:
    """Seconds and peak mebibytes of one run with no ``.pyc`` beside the revisions."""
    for cache in folder.rglob("__pycache__"):
        shutil.rmtree(cache)
    environment = {name: value for name, value in os.environ.items() if name != "ALEMBIC_CONFIG"}
    begun = time.perf_counter()
    pipe, null = subprocess.PIPE, subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=null, stderr=pipe)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    elapsed = time.perf_counter() - begun
    process.stderr.close()
    if process.returncode not in {0, 1, 4}:
        sys.exit(f"{' '.join(command)} failed: {said.decode()[-500:]}")
    # Linux counts kibibytes, macOS bytes.
    return elapsed, usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--revisions", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--merges", type=float, default=0.0, help="share of merge revisions")
    options = parser.parse_args()
    scripts = Path(sys.executable).parent
    commands = {
        "migrator": [str(scripts / "migrator"), "check", "--chain"],
        "alembic": [str(scripts / "alembic"), "heads"],
    }
    measured: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        generate(folder, count=options.revisions, merges=options.merges)
        for command in commands.values():
            run(command, folder)  # warms the file cache, and the installed packages
        for _ in range(options.runs):
            for name, command in commands.items():
                measured[name].append(run(command, folder))
    seconds = {name: statistics.median(took for took, _ in runs) for name, runs in measured.items()}
    memory = {name: statistics.median(peak for _, peak in runs) for name, runs in measured.items()}
    print(f"{options.revisions} revisions, {options.merges:.0%} merges, median of {options.runs} alternating runs")
    for name in commands:
        print(f"  {' '.join([name, *commands[name][1:]]):24} {seconds[name] * 1000:7.0f} ms {memory[name]:7.1f} MiB")
    print(f"  time ratio   {seconds['migrator'] / seconds['alembic']:.3f}  (target <= 0.333)")
    print(f"  memory ratio {memory['migrator'] / memory['alembic']:.3f}  (target < 1)")


if __name__ == "__main__":
    main()
