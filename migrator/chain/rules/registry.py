"""All rules on a chain, by id."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.chain.rules import (
    applied,
    files,
    heads,
    imports,
    models,
    options,
    published,
    revisions,
    round_trips,
    structure,
    suppression,
)
from migrator.findings import RuleInfo

GROUPS: Mapping[str, tuple[RuleInfo, ...]] = {
    "Files": files.RULES,
    "Structure": structure.RULES,
    "Heads, bases and dependencies": heads.RULES,
    "Revisions": revisions.RULES,
    "Imports": imports.RULES,
    "Options of a revision": options.RULES,
    "Against a base ref": published.RULES,
    "Against a database": applied.RULES,
    "Round trips": round_trips.RULES,
    "Models and drift": models.RULES,
    "Policies": suppression.RULES,
}
"""The rules by what they look at, in the order of the documentation."""

RULES: Mapping[str, RuleInfo] = {rule.id: rule for group in GROUPS.values() for rule in group}
