"""What two versions of PostgreSQL print differently of the same schema. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from migrator.database.snapshot.comparing import Difference, FacetChange
from migrator.database.snapshot.model import Kind

_SERVER: Final = re.compile(r"PostgreSQL (\d+)")
_QUALIFIER: Final = re.compile(r'(?:"(?:[^"]|"")+"|\b[A-Za-z_][\w$]*)\.(?=["A-Za-z_])')
_SHORT_VIEWS: Final = 16
"""From here on, columns in a view's definition are qualified only where they must be."""
_MAINTAIN: Final = 17
"""From here on, an owner has the privilege MAINTAIN."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The servers of the two schemas that are compared, in words, such as ``PostgreSQL 16.9``."""

    live: str
    scratch: str

    def prints_differently(self, difference: Difference) -> bool:
        """Whether an object is the same on both servers, for all that can be told from how each of them prints it."""
        return bool(difference.facets) and all(self._same(difference.key.kind, facet) for facet in difference.facets)

    def _same(self, kind: Kind, facet: FacetChange) -> bool:
        before, after = facet.before or "", facet.after or ""
        if kind in {Kind.VIEW, Kind.MATERIALIZED_VIEW} and facet.name == "definition" and self._part_at(_SHORT_VIEWS):
            return _QUALIFIER.sub("", before) == _QUALIFIER.sub("", after)
        if facet.name == "privileges" and self._part_at(_MAINTAIN):
            return before.replace("MAINTAIN, ", "") == after.replace("MAINTAIN, ", "")
        return False

    def _part_at(self, major: int) -> bool:
        found = [_SERVER.match(each) for each in (self.live, self.scratch)]
        return len({int(each[1]) >= major for each in found if each is not None}) > 1
