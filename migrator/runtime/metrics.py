"""The pool of an application in OpenTelemetry's words. Needs its API: the extra ``otel``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias
from weakref import WeakKeyDictionary

from migrator.errors import ConfigurationError
from migrator.runtime.pooling import PoolFigures
from migrator.runtime.readiness import as_used

if TYPE_CHECKING:
    from opentelemetry.metrics import CallbackOptions, Meter, MeterProvider, Observation

    from migrator.profiles.model import Profile

_Points: TypeAlias = "Callable[[PoolFigures], dict[str, int]]"
"""Values of an instrument by the state of the connection; the state is empty where it has none."""

_LEVELS: Final[tuple[tuple[str, str, str, _Points], ...]] = (
    (
        "db.client.connection.count",
        "{connection}",
        "Connections that are open, by whether somebody uses them.",
        lambda figures: {"idle": figures.idle, "used": figures.checked_out},
    ),
    (
        "db.client.connection.max",
        "{connection}",
        "Connections that the pool may open at once: DB_POOL_SIZE and DB_MAX_OVERFLOW.",
        lambda figures: {"": figures.size + figures.max_overflow},
    ),
    (
        "db.client.connection.idle.max",
        "{connection}",
        "Connections that the pool keeps open: DB_POOL_SIZE.",
        lambda figures: {"": figures.size},
    ),
    (
        "db.client.connection.pending_requests",
        "{request}",
        "Requests that wait for a connection.",
        lambda figures: {"": figures.waiting},
    ),
)
_SUMS: Final[tuple[tuple[str, str, str, _Points], ...]] = (
    (
        "db.client.connection.timeouts",
        "{timeout}",
        "Requests that waited for DB_POOL_TIMEOUT in vain.",
        lambda figures: {"": figures.timeouts},
    ),
    (
        "migrator.pool.waits",
        "{request}",
        "Requests that had to wait for a connection.",
        lambda figures: {"": figures.waits},
    ),
)


class Pooled(Protocol):
    """Whatever has a pool: `Database` and `SyncDatabase`."""

    @property
    def profile(self) -> Profile:
        """Whose database it is."""

    def pool_figures(self) -> PoolFigures:
        """How the pool is used at this moment."""


_observed: WeakKeyDictionary[MeterProvider, WeakKeyDictionary[Pooled, str]] = WeakKeyDictionary()
"""The pools that each provider is told of, by their names: an instrument exists once, however many pools there are."""


def observe(database: Pooled, *, name: str | None, provider: MeterProvider | None) -> None:
    """Report a pool whenever a reader of the provider asks, for as long as the database object lives.

    Args:
        database: whose pool is meant; one that keeps no connections has nothing to report.
        name: of the pool; None: the database's address.
        provider: None: the process's own.

    Raises:
        ConfigurationError: OpenTelemetry is not installed.

    """
    try:
        from opentelemetry.metrics import get_meter_provider
    except ImportError:
        raise ConfigurationError(
            "OpenTelemetry is not installed, and the pool is to be reported to it.",
            remedy='install "migrator[otel]", or read pool_figures() by yourself',
        ) from None
    provider = provider or get_meter_provider()
    pools = _observed.get(provider)
    if pools is None:
        import migrator

        pools = _observed[provider] = WeakKeyDictionary()
        _make_instruments(provider.get_meter("migrator.runtime", migrator.__version__), pools)
    pools[database] = name or as_used(database.profile).location.partition("://")[2] or str(database.profile.database)


def _make_instruments(meter: Meter, pools: WeakKeyDictionary[Pooled, str]) -> None:
    for name, unit, description, points in _LEVELS:
        meter.create_observable_up_down_counter(name, [_callback(pools, points)], unit=unit, description=description)
    for name, unit, description, points in _SUMS:
        meter.create_observable_counter(name, [_callback(pools, points)], unit=unit, description=description)


def _callback(
    pools: WeakKeyDictionary[Pooled, str], points: _Points
) -> Callable[[CallbackOptions], Iterable[Observation]]:
    def observations(_options: CallbackOptions) -> Iterator[Observation]:
        from opentelemetry.metrics import Observation

        for database, name in [*pools.items()]:
            figures = database.pool_figures()
            if figures.size:  # else no pool at all
                for state, value in points(figures).items():
                    attributes = {"db.client.connection.pool.name": name}
                    yield Observation(value, attributes | ({"db.client.connection.state": state} if state else {}))

    return observations
