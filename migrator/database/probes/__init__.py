"""What became of a statement whose end nobody saw: asked of the catalog, never guessed."""

from __future__ import annotations

from migrator.database.probes.effects import took_effect
from migrator.database.probes.indexes import index_builder, invalid_index, invalid_indexes, reindex_leftovers
from migrator.database.probes.partitions import unfinished_detach

__all__ = [
    "index_builder",
    "invalid_index",
    "invalid_indexes",
    "reindex_leftovers",
    "took_effect",
    "unfinished_detach",
]
