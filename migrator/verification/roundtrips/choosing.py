"""Which revisions make a round trip."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.chain.model import Chain, Revision
from migrator.chain.paths import upgrade_path
from migrator.chain.published import BaseHistory, read_base
from migrator.chain.resolve import resolve
from migrator.errors import UsageError
from migrator.project import Project
from migrator.verification.roundtrips.model import VerifyRequest


def chosen(project: Project, request: VerifyRequest) -> tuple[tuple[Revision, ...], frozenset[str]]:
    """All revisions in the order in which an upgrade applies them, and the ids of those that make a round trip.

    Raises:
        UsageError: the git ref or a revision does not exist, or ``last`` is less than 1.

    """
    if request.last is not None and request.last < 1:
        raise UsageError(f"--last {request.last} names no revision", remedy="migrator verify --last 1")
    chain = project.chain
    order = upgrade_path(chain, (), "heads") if chain.revisions else ()
    base = None if request.since is None else read_base(project.layout, request.since)
    named = [id_ for symbol in request.only for id_ in resolve(chain, symbol, current=())]
    return order, _fitting(chain, order, request, base, named)


def _fitting(
    chain: Chain, order: Sequence[Revision], request: VerifyRequest, base: BaseHistory | None, named: Sequence[str]
) -> frozenset[str]:
    ids = [revision.id for revision in order]
    if base is None and request.last is None and not request.only:
        return frozenset(ids)
    fitting = set(named)
    if base is not None:
        fitting |= (set(ids) - base.ids) | base.edited(chain)
    if request.last is not None:
        fitting.update(ids[-request.last :])
    return frozenset(fitting)
