"""What a name on the command line stands for: ids, parts of ids, labels, heads, and steps from there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from migrator.chain.graph import Graph, ancestors, graph_of
from migrator.chain.model import Chain
from migrator.errors import UsageError

_RELATIVE = re.compile(r"(?:(.+?)@)?(\w+)?((?:\+|-)\d+)")
_SHORTEST_PART = 4
BASE = "base"


def resolve(chain: Chain, symbol: str, *, current: Sequence[str] = ()) -> tuple[str, ...]:
    """The revisions that a symbol stands for; an empty tuple is the base.

    Args:
        chain: a sound chain.
        symbol: ``head``, ``heads``, ``base``, ``current``, an id or the beginning of one, a branch label,
            ``label@head``, ``label@-1``, ``+1``, ``-2``, ``rev+2``, ``rev-1``; several separated by commas.
        current: the rows of the version table, for ``current`` and for steps without a revision.

    Raises:
        UsageError: there is no such revision, or more than one where one is meant.

    """
    if symbol == "current":
        return tuple(current)
    match = _RELATIVE.fullmatch(symbol)
    if match is None or symbol in chain.revisions:
        return revisions_for(chain, symbol)
    branch, name, steps = match.groups()
    if int(steps) >= 0:
        return upgrade_targets(chain, current, symbol)
    if name is None and not current:
        heads = graph_of(chain).effective_heads if branch is None else _heads_of_branch(chain, branch)
        return tuple(filter(None, (_walked(chain, head, int(steps), symbol) for head in heads)))
    _, target = downgrade_target(chain, current, symbol)
    return () if target is None else (target,)


def revisions_for(chain: Chain, symbol: str) -> tuple[str, ...]:
    """The revisions of an absolute symbol; Alembic's ``get_revisions``."""
    branch, _, name = symbol.rpartition("@") if "@" in symbol else ("", "", symbol)
    graph = graph_of(chain)
    if name == "heads":
        if not branch:
            return graph.effective_heads
        return in_branch(chain, chain.heads, branch)
    if name == "head":
        heads = in_branch(chain, chain.heads, branch) if branch else chain.heads
        if len(heads) > 1:
            raise _several_heads(chain, heads, symbol)
        return heads
    if name == BASE:
        return ()
    if branch and name.startswith("-") and name[1:].isdecimal():
        walked = (_walked(chain, head, int(name), symbol) for head in _heads_of_branch(chain, branch))
        return tuple(filter(None, walked))
    return (revision_for(chain, name, branch=branch or None),)


def revision_for(chain: Chain, name: str, *, branch: str | None = None) -> str:
    """The one revision that an id, the beginning of an id or a label stands for.

    Raises:
        UsageError: none, several, or one outside of ``branch``.

    """
    graph = graph_of(chain)
    lineage = graph.lineage(revision_for(chain, branch)) if branch else None
    found = name if name in chain.revisions else graph.labels.get(name)
    if found is None:
        names = (*chain.revisions, *graph.labels)
        starting = dict.fromkeys(
            graph.labels.get(key, key) for key in names if len(key) >= _SHORTEST_PART and key.startswith(name)
        )
        matches = [id_ for id_ in starting if lineage is None or id_ in lineage]
        if len(matches) > 1:
            raise UsageError(
                f"{name!r} is the beginning of {len(matches)} revisions.",
                details=[_described(chain, id_) for id_ in matches[:10]],
                remedy="Type more characters of the id.",
            )
        if not matches:
            raise _unknown(chain, name)
        found = matches[0]
    if lineage is not None and found not in lineage:
        raise UsageError(f"Revision {found} is not a member of branch {branch!r}.", where=_place(chain, found))
    return found


def in_branch(chain: Chain, ids: Iterable[str], branch: str) -> tuple[str, ...]:
    """Those of some revisions that are ancestors or descendants of a branch's revision, or that itself."""
    lineage = graph_of(chain).lineage(revision_for(chain, branch))
    return tuple(id_ for id_ in ids if id_ in lineage)


def upgrade_targets(chain: Chain, current: Sequence[str], target: str) -> tuple[str, ...]:
    """The revisions that an upgrade is to reach; Alembic's ``_parse_upgrade_target``."""
    match = None if target in chain.revisions else _RELATIVE.match(target)
    if match is None:
        return revisions_for(chain, target)
    branch, name, written = match.groups()
    steps = int(written)
    if name is not None:
        start = _single(chain, f"{branch}@{name}" if branch and steps < 0 else name)
        walked = walk(chain, start, steps, branch=branch if steps > 0 else None, symbol=target)
    elif steps > 0:
        walked = walk(chain, _start_of_upgrade(chain, current, branch, target), steps, branch=branch, symbol=target)
    else:
        raise UsageError(
            f"{target!r} goes backwards, which an upgrade cannot.", remedy=f"Did you mean: migrator downgrade {target}"
        )
    if walked is None or walked == BASE:
        raise UsageError(f"{target!r} leads past the end of the chain.", remedy="migrator history")
    return (walked,)


def _start_of_upgrade(chain: Chain, current: Sequence[str], branch: str | None, target: str) -> str | None:
    starts: Sequence[str | None] = tuple(dict.fromkeys(current))
    if branch:
        starts = in_branch(chain, known_rows(chain, current), branch)
        if not starts:
            active = in_branch(chain, ancestors(chain, known_rows(chain, current)), branch)
            below = {down for id_ in active for down in graph_of(chain).steps_down(id_)}
            starts = tuple(id_ for id_ in active if id_ not in below)
    if len(starts) > 1:
        raise UsageError(
            f"{target!r} is ambiguous: the database is on {len(starts)} revisions.",
            details=[_described(chain, id_) for id_ in starts if id_ is not None],
            remedy=f"Name the branch or the revision: migrator upgrade LABEL@{target} or REVISION{target}",
        )
    return starts[0] if starts else None


def downgrade_target(chain: Chain, current: Sequence[str], target: str) -> tuple[str | None, str | None]:
    """The branch that was named, if any, and the revision to go back to; None is the base.

    Alembic's ``_parse_downgrade_target``.
    """
    match = None if target in chain.revisions else _RELATIVE.match(target)
    if match is None:
        branch, _, name = target.rpartition("@")
        found = _single(chain, name)
        return branch or None, found
    branch, name, written = match.groups()
    steps = int(written)
    if steps >= 0 and name is None:
        raise UsageError(f"{target!r} goes forwards, which a downgrade cannot.", remedy=f"migrator upgrade {target}")
    if steps >= 0:
        walked = walk(chain, _single(chain, name), steps, branch=branch, symbol=target)
    else:
        if name is None:
            name = _start_of_downgrade(chain, current, branch, target)
            branch = branch or name
        walked = walk(chain, _single(chain, f"{branch}@{name}" if branch else name), steps, symbol=target)
    if walked is None:
        raise UsageError(f"{target!r} leads past the end of the chain.", remedy="migrator history")
    return branch, None if walked == BASE else walked


def _start_of_downgrade(chain: Chain, current: Sequence[str], branch: str | None, target: str) -> str:
    rows = known_rows(chain, current)
    if branch:
        starts = in_branch(chain, rows, branch)
        if not starts:
            active = ancestors(chain, rows)
            tips = [id_ for id_ in active if active.isdisjoint(graph_of(chain).children(id_))]
            starts = in_branch(chain, tips, branch)
    else:
        starts = rows
    if len(starts) == 1:
        return starts[0]
    if not starts:
        raise UsageError(f"{target!r} starts from the current revision, and the database has none.")
    # Alembic warns and takes the first row, which the server orders as it likes.
    raise UsageError(
        f"{target!r} is ambiguous: the database is on {len(starts)} revisions.",
        details=[_described(chain, id_) for id_ in starts],
        remedy=f"Name the branch or the revision: migrator downgrade LABEL@{target} or REVISION{target}",
    )


def known_rows(chain: Chain, current: Sequence[str]) -> tuple[str, ...]:
    """The rows of a version table, once each.

    Raises:
        UsageError: one of them is no revision of this chain.

    """
    return tuple(dict.fromkeys(revision_for(chain, row) for row in current))


def walk(chain: Chain, start: str | None, steps: int, *, branch: str | None = None, symbol: str) -> str | None:
    """Walk up or down the chain.

    Args:
        chain: a sound chain.
        start: where to begin; None is below the bases when walking up, above the heads when walking down.
        steps: how many revisions, down when negative.
        branch: which way to go where the chain branches, when walking up.
        symbol: what the user typed, for messages.

    Returns:
        The revision, ``"base"`` just below a base, None past the ends of the chain.

    """
    graph = graph_of(chain)
    position: str | None = start
    for _ in range(abs(steps)):
        if steps > 0:
            options: Sequence[str] = chain.bases if position is None else graph.children(position)
            if branch:
                options = in_branch(chain, options, branch)
        elif position == BASE:
            options = ()
        else:
            options = (chain.heads if position is None else graph.parents(position)) or (BASE,)
        if not options:
            return None
        if len(options) > 1:
            raise UsageError(
                f"{symbol!r} is ambiguous: there are {len(options)} ways to go from {position or BASE}.",
                details=[_described(chain, id_) for id_ in options],
                remedy="Name the revision itself.",
            )
        position = options[0]
    return position


def _walked(chain: Chain, head: str, steps: int, symbol: str) -> str | None:
    found = walk(chain, head, steps, symbol=symbol)
    if found is None:
        raise UsageError(f"{symbol!r} leads past the base of the chain.", remedy="migrator history")
    return None if found == BASE else found


def _heads_of_branch(chain: Chain, branch: str) -> tuple[str, ...]:
    graph: Graph = graph_of(chain)
    if branch not in graph.labels:
        return in_branch(chain, graph.effective_heads, branch)
    return tuple(id_ for id_ in graph.effective_heads if branch in graph.branch_labels.get(id_, ()))


def _single(chain: Chain, symbol: str) -> str | None:
    found = revisions_for(chain, symbol)
    if len(found) > 1:
        raise _several_heads(chain, found, symbol)
    return found[0] if found else None


def _several_heads(chain: Chain, heads: Sequence[str], symbol: str) -> UsageError:
    return UsageError(
        f"{symbol!r} is ambiguous: there are {len(heads)} heads.",
        details=[_described(chain, id_) for id_ in heads],
        remedy="Name one of them, or all: heads. To join them: migrator merge heads",
    )


def _unknown(chain: Chain, name: str) -> UsageError:
    graph = graph_of(chain)
    near = nearest(name, (*chain.revisions, *graph.labels))
    return UsageError(
        f"There is no revision or branch {name!r}.",
        remedy=f"Did you mean {near}?" if near else "migrator history",
    )


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name that a mistyped one was probably meant to be."""
    candidates = list(names)
    for candidate in candidates:
        if len(name) >= _SHORTEST_PART and (candidate.startswith(name) or name.startswith(candidate)):
            return candidate
    import difflib

    close = difflib.get_close_matches(name, candidates, n=1, cutoff=0.6)
    return close[0] if close else None


def _described(chain: Chain, id_: str) -> str:
    revision = chain.revisions.get(id_)
    return f"{id_}  {revision.title}" if revision and revision.title else id_


def _place(chain: Chain, id_: str) -> str:
    revision = chain.revisions[id_]
    return f"{revision.path}:{revision.line}"
