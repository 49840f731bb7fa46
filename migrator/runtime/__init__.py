"""What an application imports: engines, sessions and readiness from the profile that its migrations use.

Neither Click nor Alembic is imported. ``migrator.runtime.fastapi`` has the dependency for FastAPI.
"""

from __future__ import annotations

from migrator.runtime.database import Database
from migrator.runtime.pooling import PoolExhausted, PoolFigures
from migrator.runtime.readiness import Readiness, SchemaBehind, SchemaUnseen
from migrator.runtime.synchronous import SyncDatabase

__all__ = ["Database", "PoolExhausted", "PoolFigures", "Readiness", "SchemaBehind", "SchemaUnseen", "SyncDatabase"]
