"""Pairs of PostgreSQL schemas that differ in one thing: what sees differences must see each of them, and no other."""

from __future__ import annotations

from schema_pairs import access, attached, columns, known, programs, relations, surroundings
from schema_pairs import types as own_types
from schema_pairs.pair import PREPARATION, Pair

PAIRS: tuple[Pair, ...] = (
    *known.PAIRS,
    *relations.PAIRS,
    *columns.PAIRS,
    *attached.PAIRS,
    *own_types.PAIRS,
    *programs.PAIRS,
    *access.PAIRS,
    *surroundings.PAIRS,
)
__all__ = ["PAIRS", "PREPARATION", "Pair"]
