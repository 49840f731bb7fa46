"""Which applied revisions have files that mean something else now."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from migrator.chain.model import Chain
from migrator.database.ledger.applied import StoredSource
from migrator.execution.applied_source import Sameness, sameness_of


def edited_revisions(
    chain: Chain, checksums: Mapping[str, str], stored: Callable[[str], StoredSource | None]
) -> tuple[str, ...]:
    """Compare files with what was applied; comments, docstrings and formatting do not count.

    Args:
        chain: the revision files.
        checksums: of each applied revision's file, when it was applied.
        stored: gives the source that was applied; asked only where the bytes differ.

    Returns:
        Revisions in the order of the chain.

    """
    found = []
    for id_, revision in chain.revisions.items():
        applied = checksums.get(id_)
        if applied is None or not revision.path.endswith(".py"):
            continue
        with open(revision.path, "rb") as file:  # noqa: PTH123 - thousands at once
            content = file.read()
        if hashlib.sha256(content).hexdigest() != applied and sameness_of(stored(id_), content) in (
            Sameness.EDITED,
            Sameness.NOT_STORED,
        ):
            found.append(id_)
    return tuple(found)
