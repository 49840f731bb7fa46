"""The pool of an application's connections: its settings, who waits for it, and what it says when it is exhausted."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import AsyncAdaptedQueuePool, NullPool, QueuePool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine, Pool, PoolProxiedConnection

    from migrator.profiles.model import Profile


class PoolExhausted(PoolTimeout):
    """Every connection that the pool may open is in use, and none came back in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolFigures:
    """How a pool is used: at this moment, and since its engine was made."""

    size: int
    """Connections that the pool keeps open: ``DB_POOL_SIZE``."""
    max_overflow: int
    """Connections that it may open beyond: ``DB_MAX_OVERFLOW``."""
    idle: int
    checked_out: int
    overflow: int
    """Connections open now beyond `size`."""
    waiting: int
    """Requests that wait for a connection now."""
    waits: int
    """Requests that ever had to wait."""
    timeouts: int
    """Requests that waited for ``DB_POOL_TIMEOUT`` in vain."""

    def as_dict(self) -> dict[str, int]:
        """The figures by their names."""
        return asdict(self)


class _Waiting:
    """Who waits for a pool; the same for the pools that replace it."""

    def __init__(self) -> None:
        self.now = self.ever = self.in_vain = 0


class _Told(QueuePool):
    """A queue that counts who waits, and names the settings when nothing comes free."""

    __module__ = QueuePool.__module__  # SQLAlchemy logs under it: who listens to sqlalchemy.pool hears of this pool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting = _Waiting()

    def recreate(self) -> _Told:
        pool = super().recreate()
        assert isinstance(pool, _Told)  # noqa: S101 - it makes one of its own class
        pool.waiting = self.waiting
        return pool

    def max_overflow(self) -> int:
        """Connections that it may open beyond its size."""
        return self._max_overflow

    def connect(self) -> PoolProxiedConnection:
        with self._counted():
            try:
                return super().connect()
            except PoolTimeout:
                self.waiting.in_vain += 1
                raise PoolExhausted(self._exhausted()) from None

    def _exhausted(self) -> str:
        return (
            f"All {self.checkedout()} connections of the pool are in use (DB_POOL_SIZE={self.size()}, "
            f"DB_MAX_OVERFLOW={self._max_overflow}), and none came back within "
            f"DB_POOL_TIMEOUT={self._timeout:g} s. Close sessions sooner, or raise one of the three."
        )

    @contextmanager
    def _counted(self) -> Iterator[None]:
        if self.checkedin() or self.overflow() < self._max_overflow:
            yield
            return
        self.waiting.now += 1
        self.waiting.ever += 1
        try:
            yield
        finally:
            self.waiting.now -= 1


class _AsyncTold(_Told, AsyncAdaptedQueuePool):
    """The same for asynchronous engines."""

    __module__ = QueuePool.__module__


class _One(_Told):
    """The one connection of a database in memory: a second would be a second database, a new one an empty database."""

    __module__ = QueuePool.__module__

    def _exhausted(self) -> str:
        return (
            "The one connection of a database in memory is in use, and did not come back within "
            f"DB_POOL_TIMEOUT={self._timeout:g} s. Close a session before the next one is opened, or use a file."
        )


class _AsyncOne(_One, _AsyncTold):
    """The same for asynchronous engines."""

    __module__ = QueuePool.__module__


def pool_options(profile: Profile, *, asynchronous: bool) -> dict[str, Any]:
    """What ``create_engine`` is told about the pool."""
    if _is_in_memory(profile):
        one = _AsyncOne if asynchronous else _One
        return {"poolclass": one, "pool_size": 1, "max_overflow": 0, "pool_timeout": profile.pool_timeout}
    if profile.pool_size == 0:
        return {"poolclass": NullPool}
    return {
        "poolclass": _AsyncTold if asynchronous else _Told,
        "pool_size": profile.pool_size,
        "max_overflow": profile.pool_max_overflow,
        "pool_timeout": profile.pool_timeout,
        "pool_recycle": -1 if profile.pool_recycle is None else profile.pool_recycle,
        "pool_pre_ping": profile.pool_pre_ping,
        # The one that came back last is lent first: the others may become idle for long enough to be closed.
        "pool_use_lifo": profile.pool_max_idle is not None,
    }


def forget_waiting(pool: Pool) -> None:
    """Count from zero: in a forked process nobody waits, whoever waited in its parent."""
    if isinstance(pool, _Told):
        pool.waiting = _Waiting()


def leads_through_pooler(profile: Profile) -> bool:
    """Whether sessions are lent for a transaction; what is done about it is PostgreSQL's, as PgBouncer is."""
    return profile.pgbouncer and profile.dialect == "postgresql"


def keeps_connections(profile: Profile) -> bool:
    """Whether there is a pool whose connections others may replace."""
    return profile.pool_size > 0 and not _is_in_memory(profile)


def _is_in_memory(profile: Profile) -> bool:
    if profile.dialect != "sqlite":
        return False
    return ":memory:" in str(profile.database) or profile.url_options.get("mode") == "memory"


def figures_of(engine: Engine) -> PoolFigures:
    """The figures of an engine's pool; all of them 0 for one that keeps no connections."""
    pool = engine.pool
    if not isinstance(pool, _Told):
        return PoolFigures(size=0, max_overflow=0, idle=0, checked_out=0, overflow=0, waiting=0, waits=0, timeouts=0)
    return PoolFigures(
        size=pool.size(),
        max_overflow=pool.max_overflow(),
        idle=pool.checkedin(),
        checked_out=pool.checkedout(),
        overflow=max(0, pool.overflow()),
        waiting=pool.waiting.now,
        waits=pool.waiting.ever,
        timeouts=pool.waiting.in_vain,
    )
