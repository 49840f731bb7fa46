"""Rules on the structure: what keeps the files from forming a chain. Alembic cannot run on any of these."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from migrator.chain.graph import reachable, topological
from migrator.chain.model import Chain, Revision
from migrator.chain.resolve import nearest
from migrator.chain.rules.judgement import judge
from migrator.findings import Finding, RuleInfo, Severity

ILLEGAL_CHARACTERS = "@-+:"
_MOST_UNREACHABLE = 20

DUPLICATE_ID = RuleInfo(
    id="duplicate-id",
    severity=Severity.ERROR,
    summary="Two files have the same revision id.",
    why="Alembic only warns, keeps the file that it read last and never runs the other.",
    remedy="Give one of them a new id, in its revision variable and in the down_revision of its children.",
)
UNKNOWN_PARENT = RuleInfo(
    id="unknown-parent",
    severity=Severity.ERROR,
    summary="down_revision names a revision that no file declares.",
    why="Alembic stops with KeyError on any command.",
    remedy="Correct down_revision, or bring back the file of the missing revision.",
)
SELF_LOOP = RuleInfo(
    id="self-loop",
    severity=Severity.ERROR,
    summary="A revision names itself as its parent or dependency.",
    why="Alembic stops here on any command.",
    remedy="Name the revision that comes before it.",
)
CYCLE = RuleInfo(
    id="cycle",
    severity=Severity.ERROR,
    summary="Revisions are each other's parents in a circle.",
    why="None of them can come first, and Alembic stops on any command.",
    remedy="Correct the down_revision of one of them.",
)
DEPENDENCY_CYCLE = RuleInfo(
    id="dependency-cycle",
    severity=Severity.ERROR,
    summary="Revisions depend on each other in a circle, through depends_on.",
    why="None of them can come first, and Alembic stops on any command.",
    remedy="Remove one of the depends_on entries.",
)
UNREACHABLE_REVISION = RuleInfo(
    id="unreachable-revision",
    severity=Severity.ERROR,
    summary="A revision cannot be reached from any head, or leads to no base, because a cycle lies between.",
    why="No upgrade would ever run it.",
    remedy="Resolve the cycle.",
)
LABEL_CLASH = RuleInfo(
    id="label-clash",
    severity=Severity.ERROR,
    summary="A branch label is used twice, or is the id of a revision.",
    why="Alembic stops here on any command.",
    remedy="Choose another label in one of the two files.",
)
UNKNOWN_DEPENDS_ON = RuleInfo(
    id="unknown-depends-on",
    severity=Severity.ERROR,
    summary="depends_on names neither a revision nor a branch label.",
    why="Alembic stops with KeyError on any command; part of an id is not enough here.",
    remedy="Write the whole id, or a branch label.",
)
ILLEGAL_CHARACTER = RuleInfo(
    id="illegal-character",
    severity=Severity.ERROR,
    summary="A revision id holds one of @ - + : which mean something else on the command line.",
    why="Alembic stops here on any command.",
    remedy="Give the revision another id, here and in the down_revision of its children.",
)
RULES = (
    DUPLICATE_ID,
    UNKNOWN_PARENT,
    SELF_LOOP,
    CYCLE,
    DEPENDENCY_CYCLE,
    UNREACHABLE_REVISION,
    LABEL_CLASH,
    UNKNOWN_DEPENDS_ON,
    ILLEGAL_CHARACTER,
)


def structural_findings(chain: Chain, *, shadowed: Sequence[Revision], unread: Sequence[str]) -> list[Finding]:
    """Everything that keeps the files from forming a chain.

    Args:
        chain: the chain as far as it could be read.
        shadowed: revisions left out because their id is taken.
        unread: files that could not be read, one of which may be a missing parent.

    """
    found = [*_duplicates(chain, shadowed), *_labels(chain)]
    labels = {label: revision.id for revision in chain.revisions.values() for label in revision.branch_labels}
    for revision in chain.revisions.values():
        found += _of_revision(chain, revision, labels, unread)
    return found + _cycles(chain, labels)


def _of_revision(chain: Chain, revision: Revision, labels: Mapping[str, str], unread: Sequence[str]) -> list[Finding]:
    found: list[Finding] = []
    id_ = revision.id
    for parent in revision.parents:
        if parent == id_:
            found.append(_at(SELF_LOOP, revision, revision.parents_line, f"{id_} names itself as its parent."))
        elif parent not in chain.revisions:
            found.append(_unknown_parent(chain, revision, parent, labels, unread))
    for name in revision.depends_on:
        target = labels.get(name, name)
        if target == id_:
            found.append(_at(SELF_LOOP, revision, revision.depends_line, f"{id_} depends on itself."))
        elif target not in chain.revisions:
            near = nearest(name, (*chain.revisions, *labels))
            found.append(
                _at(
                    UNKNOWN_DEPENDS_ON,
                    revision,
                    revision.depends_line,
                    f"{id_} depends on {name!r}, which is neither a revision nor a branch label.",
                    remedy=f"Did you mean {near!r}?" if near else None,
                )
            )
    if not id_.isalnum() and (illegal := [character for character in ILLEGAL_CHARACTERS if character in id_]):
        found.append(_at(ILLEGAL_CHARACTER, revision, revision.line, f"The id {id_!r} holds {' and '.join(illegal)}."))
    return found


def _unknown_parent(
    chain: Chain, revision: Revision, parent: str, labels: Mapping[str, str], unread: Sequence[str]
) -> Finding:
    near = nearest(parent, (other for other in chain.revisions if other != revision.id))
    suspects = tuple(f"{path} (could not be read)" for path in unread if parent and parent in os.path.basename(path))
    if parent in labels:
        message = f"The parent of {revision.id} is {parent!r}, which is a branch label, not a revision."
        near = labels[parent]
    else:
        message = f"The parent of {revision.id} is {parent!r}, which no file declares."
    remedy = f'Did you mean {near}? Write: down_revision = "{near}"' if near and not suspects else None
    return _at(UNKNOWN_PARENT, revision, revision.parents_line, message, remedy=remedy, related=suspects)


def _duplicates(chain: Chain, shadowed: Sequence[Revision]) -> Iterator[Finding]:
    for revision in shadowed:
        first = chain.revisions[revision.id]
        yield _at(
            DUPLICATE_ID,
            revision,
            revision.line,
            f"The id {revision.id} is declared by another file already.",
            related=(f"{first.path}:{first.line}",),
        )


def _labels(chain: Chain) -> Iterator[Finding]:
    owners: dict[str, Revision] = {}
    for revision in chain.revisions.values():
        for label in revision.branch_labels:
            other = owners.get(label) or chain.revisions.get(label)
            if other is not None:
                what = "a branch label" if label in owners else "a revision"
                yield _at(
                    LABEL_CLASH,
                    revision,
                    revision.labels_line,
                    f"The branch label {label!r} of {revision.id} is {what} already.",
                    related=(f"{other.path}:{other.labels_line if label in owners else other.line}",),
                )
            owners.setdefault(label, revision)


def _cycles(chain: Chain, labels: Mapping[str, str]) -> list[Finding]:
    def parents(id_: str) -> Sequence[str]:
        return [other for other in chain.revisions[id_].parents if other in chain.revisions and other != id_]

    def all_below(id_: str) -> Sequence[str]:
        named = (labels.get(name, name) for name in chain.revisions[id_].depends_on)
        return list(
            dict.fromkeys([*parents(id_), *(name for name in named if name in chain.revisions and name != id_)])
        )

    found = list(_circles(chain, CYCLE, parents))
    if found:
        return found + _unreachable(chain, parents)
    if any(revision.depends_on for revision in chain.revisions.values()):
        found = list(_circles(chain, DEPENDENCY_CYCLE, all_below))
    return found


def _circles(chain: Chain, rule: RuleInfo, below: Callable[[str], Sequence[str]]) -> Iterator[Finding]:
    """One finding for each circle, printed as a path that ends where it began."""
    sorted_out = set(topological(chain.revisions, below))
    waiting = [id_ for id_ in chain.revisions if id_ not in sorted_out]
    done: set[str] = set()
    for start in waiting:
        walked: dict[str, None] = {}
        id_ = start
        while id_ not in walked and id_ not in done:
            walked[id_] = None
            # Each revision that is left has something below it that is left too, so this walk ends in a circle.
            id_ = next(other for other in below(id_) if other not in sorted_out)
        if id_ in walked:
            steps = list(walked)
            circle = steps[steps.index(id_) :]
            turn = circle.index(min(circle))
            circle = circle[turn:] + circle[:turn]
            path = " -> ".join(reversed([*circle, circle[0]]))
            revision = chain.revisions[circle[0]]
            places = tuple(
                f"{other.path}:{other.parents_line}" for other in map(chain.revisions.__getitem__, circle[1:])
            )
            line = revision.parents_line if rule is CYCLE else revision.depends_line
            yield _at(rule, revision, line, f"Revisions form a circle: {path}.", related=places)
        done.update(walked)


def _unreachable(chain: Chain, parents: Callable[[str], Sequence[str]]) -> list[Finding]:
    """Revisions under a circle that no head leads to, and revisions above one that lead to no base."""
    from_heads = reachable(chain.heads, parents)
    from_bases = reachable(chain.bases, lambda id_: chain.children.get(id_, ()))
    circular = _on_a_circle(chain, parents)
    lost = [id_ for id_ in chain.revisions if id_ not in circular and not (id_ in from_heads and id_ in from_bases)]
    found: list[Finding] = []
    for id_ in lost[:_MOST_UNREACHABLE]:
        revision = chain.revisions[id_]
        message = f"{id_} leads to no base." if id_ in from_heads else f"{id_} cannot be reached from any head."
        if len(found) == _MOST_UNREACHABLE - 1 and len(lost) > _MOST_UNREACHABLE:
            message += f" The same holds for {len(lost) - _MOST_UNREACHABLE} more revisions."
        found.append(_at(UNREACHABLE_REVISION, revision, revision.parents_line, message))
    return found


def _on_a_circle(chain: Chain, parents: Callable[[str], Sequence[str]]) -> set[str]:
    """What is left after taking away, again and again, what nothing points to from either side."""
    left = set(chain.revisions) - set(topological(chain.revisions, parents))
    above = {id_: [other for other in chain.children.get(id_, ()) if other in left] for id_ in left}
    return left - set(topological(left, above.__getitem__))


def _at(
    rule: RuleInfo,
    revision: Revision,
    line: int,
    message: str,
    *,
    remedy: str | None = None,
    related: Iterable[str] = (),
) -> Finding:
    return judge(
        rule, message, path=revision.path, line=line, revision=revision.id, remedy=remedy, related=tuple(related)
    )
