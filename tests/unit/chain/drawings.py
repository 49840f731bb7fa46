"""Chains for tests: drawn as text, or made at random together with Alembic's own map of the same revisions."""

from __future__ import annotations

from alembic.script.revision import Revision as AlembicRevision
from alembic.script.revision import RevisionMap
from hypothesis import strategies as st

from migrator.chain.graph import graph_of
from migrator.chain.model import Chain, Revision


def drawn(
    text: str, *, labels: dict[str, str] | None = None, depends_on: dict[str, tuple[str, ...]] | None = None
) -> Chain:
    """A chain such as ``a > b > d, a > c, b+c > m``; revisions stand in the order of their first mention."""
    parents: dict[str, tuple[str, ...]] = {}
    for line in text.split(","):
        names = [name.strip() for name in line.split(">")]
        for number, name in enumerate(names):
            if "+" not in name:
                parents.setdefault(name, ())
            if number:
                parents[name] = tuple(dict.fromkeys(parents[name] + tuple(names[number - 1].split("+"))))
    return Chain(
        {
            id_: Revision(
                id=id_,
                parents=above,
                branch_labels=((labels or {}).get(id_, ""),) if id_ in (labels or {}) else (),
                depends_on=(depends_on or {}).get(id_, ()),
                path=f"/versions/{id_}.py",
            )
            for id_, above in parents.items()
        }
    )


def alembic_map(chain: Chain) -> RevisionMap:
    """Alembic's map of the same revisions, with dependencies in declared order where Alembic leaves it to chance."""
    revisions = [
        AlembicRevision(
            revision.id,
            revision.parents or None,
            dependencies=revision.depends_on or None,
            branch_labels=revision.branch_labels or None,
        )
        for revision in chain.revisions.values()
    ]
    map_ = RevisionMap(lambda: revisions)
    map_._revision_map  # noqa: B018 - builds it
    for revision in revisions:
        kept = set(revision._normalized_resolved_dependencies)
        revision._normalized_resolved_dependencies = tuple(
            name for name in graph_of(chain).dependencies.get(revision.revision, ()) if name in kept
        )
    return map_


@st.composite
def chains(draw: st.DrawFn, *, largest: int = 14) -> Chain:
    """Sound chains with branches, merges, several bases, labels and dependencies, in any order of files."""
    count = draw(st.integers(1, largest))
    names = [
        f"{letter}{number:03d}" for number, letter in zip(range(count), "abcdefghijklmnopqrstuvwxyz" * 2, strict=False)
    ]
    revisions = []
    labelled = []
    for number, name in enumerate(names):
        earlier = names[:number]
        kind = draw(st.integers(0, 9))
        if not earlier or kind == 0:
            parents: tuple[str, ...] = ()
        elif kind <= 2 and len(earlier) > 1:
            parents = tuple(draw(st.lists(st.sampled_from(earlier), min_size=2, max_size=3, unique=True)))
        elif kind <= 5:
            parents = (earlier[-1],)
        else:
            parents = (draw(st.sampled_from(earlier)),)
        depends = ()
        if earlier and draw(st.integers(0, 4)) == 0:
            targets = st.sampled_from(earlier + [label for label, _ in labelled])
            depends = tuple(draw(st.lists(targets, min_size=1, max_size=3, unique=True)))
        labels = ()
        if draw(st.integers(0, 6)) == 0:
            labels = (f"label{number}",)
            labelled.append((labels[0], name))
        revisions.append(Revision(id=name, parents=parents, branch_labels=labels, depends_on=depends))
    ordered = draw(st.permutations(revisions))
    return Chain({revision.id: revision for revision in ordered})
