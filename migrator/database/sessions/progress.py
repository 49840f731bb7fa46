"""How far the server has come with a statement, where it tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from migrator.database.state import Reader


@dataclass(frozen=True, slots=True)
class Progress:
    """What a statement is at."""

    phase: str
    share: float | None = None
    """From 0 to 1, of the phase."""


_POSTGRESQL: Final = (
    "SELECT 'index', phase, blocks_done, blocks_total, tuples_done, tuples_total, lockers_done, lockers_total "
    "FROM pg_catalog.pg_stat_progress_create_index WHERE pid = CAST(? AS integer) UNION ALL "
    "SELECT 'vacuum', phase, heap_blks_scanned, heap_blks_total, heap_blks_vacuumed, heap_blks_total, NULL, NULL "
    "FROM pg_catalog.pg_stat_progress_vacuum WHERE pid = CAST(? AS integer) UNION ALL "
    "SELECT 'rewrite', phase, heap_blks_scanned, heap_blks_total, NULL, NULL, NULL, NULL "
    "FROM pg_catalog.pg_stat_progress_cluster WHERE pid = CAST(? AS integer) UNION ALL "
    "SELECT 'analyze', phase, sample_blks_scanned, sample_blks_total, NULL, NULL, NULL, NULL "
    "FROM pg_catalog.pg_stat_progress_analyze WHERE pid = CAST(? AS integer) UNION ALL "
    "SELECT 'copy', 'copying', bytes_processed, bytes_total, NULL, NULL, NULL, NULL "
    "FROM pg_catalog.pg_stat_progress_copy WHERE pid = CAST(? AS integer)"
)
_VIEWS: Final = 5
_MARIADB: Final = "SELECT state, progress, stage, max_stage FROM information_schema.processlist WHERE id = ?"
_MYSQL: Final = "SELECT state, 0, 0, 0 FROM information_schema.processlist WHERE id = ?"


def progress_of(reader: Reader, session: int) -> Progress | None:
    """What a session's statement is at; None where the server doesn't say.

    Raises:
        DatabaseError: the server is too old for the question.

    """
    if reader.dialect == "postgresql":
        rows = reader.fetch(_POSTGRESQL, *[session] * _VIEWS)
        return read_postgresql(rows[0]) if rows else None
    if reader.dialect in ("mysql", "mariadb"):
        is_mariadb = "mariadb" in str(reader.fetch("SELECT VERSION()")[0][0]).lower()
        rows = reader.fetch(_MARIADB if is_mariadb else _MYSQL, session)
        return read_mariadb(*rows[0]) if rows else None
    return None


def read_postgresql(row: Sequence[Any]) -> Progress:
    """Choose the numbers that belong to the phase: those of a former phase stay in the others.

    Args:
        row: kind, phase; done and total of blocks, of what its second pass counts, and of the sessions waited for.

    """
    kind, phase, blocks_done, blocks, second_done, second, lockers_done, lockers = row
    if "waiting" in phase:
        done, total = lockers_done, lockers
    elif "loading" in phase or phase.startswith("vacuuming heap"):
        done, total = second_done, second
    elif "scan" in phase or "acquiring" in phase or kind == "copy":
        done, total = blocks_done, blocks
    else:
        done, total = None, None
    return Progress(phase, _share(done, total))


def read_mariadb(state: Any, percent: Any, stage: Any, stages: Any) -> Progress | None:
    """MariaDB's state of a session, with its stage where there are several."""
    if not state:
        return None
    counted = f" (stage {stage} of {stages})" if stages and int(stages) > 1 else ""
    return Progress(f"{state}{counted}", _share(float(percent), 100.0) if percent else None)


def _share(done: float | None, total: float | None) -> float | None:
    if done is None or not total:
        return None
    return min(max(float(done) / float(total), 0.0), 1.0)
