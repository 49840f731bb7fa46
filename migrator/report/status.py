"""The page that people open first: where a database is, what is pending, what to type next."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.chain.model import Chain
from migrator.errors import PartlyApplied
from migrator.events import LockHolder
from migrator.execution.account import Account
from migrator.execution.gathering import Gathered
from migrator.execution.half_applied import found_half_applied
from migrator.execution.lineage import Containment
from migrator.execution.planning import beyond_lines
from migrator.execution.position import Position, expected_heads
from migrator.project import Project
from migrator.report.durations import duration
from migrator.report.header import profile_line
from migrator.report.ledger import entry_as_dict, time_of
from migrator.report.standing import exit_code_of, last_applied, next_command, state_of

_SHOWN = 20


def status_as_text(project: Project, gathered: Gathered, accounts: Sequence[Account]) -> str:
    """The page, one block a database."""
    return "\n\n".join(_page(project, gathered, account) for account in accounts)


def _page(project: Project, gathered: Gathered, account: Account) -> str:
    chain, position = project.chain, account.position
    location = gathered.profile.location if gathered.profile and len(gathered.states) == 1 else position.state.location
    rows = [
        ("Profile", profile_line(project).removeprefix("profile ")),
        ("Server", _server(gathered, position, location)),
        ("State", state_of(account)),
    ]
    rows += [("Migrating", f"now, by {account.holder}")] if account.holder else []
    for error in _half_applied(project, account):
        rows += _labelled("Half applied", [error.message, *error.details])
    rows += [("Current", _titled(chain, id_)) for id_ in position.state.rows] or [("Current", "none")]
    rows += _labelled("Not here", beyond_lines(() if position.lineage is None else position.lineage.beyond))
    rows += [("Head", _titled(chain, id_)) for id_ in chain.heads]
    rows.append(("Pending", str(len(position.pending)) if not position.unknown else "unknown"))
    rows += [
        ("", f"{number}. {revision.id}  {revision.title}  ({project.display(revision.path)})")
        for number, revision in enumerate(position.pending[:_SHOWN], start=1)
    ]
    if len(position.pending) > _SHOWN:
        rows.append(("", f"and {len(position.pending) - _SHOWN} more"))
    rows += _labelled("Applied last", _applied_last(chain, account))
    rows += _labelled("Edited since", [_edited(project, id_) for id_ in account.edited[:_SHOWN]])
    if len(account.edited) > _SHOWN:
        rows.append(("", f"and {len(account.edited) - _SHOWN} more"))
    rows.append(("Next", next_command(project, account)))
    return "\n".join(f"{label:<13}{text}" for label, text in rows)


def _server(gathered: Gathered, position: Position, location: str) -> str:
    profile = gathered.profile
    if profile is not None and profile.embedded is not None:
        return f"embedded {position.state.server}, database {profile.database}"
    return ", ".join(filter(None, (position.state.server, location)))


def _labelled(label: str, texts: Sequence[str]) -> list[tuple[str, str]]:
    return [(label if not number else "", text) for number, text in enumerate(texts)]


def _titled(chain: Chain, id_: str) -> str:
    known = chain.revisions.get(id_)
    return f"{id_}  {known.title}".rstrip() if known else f"{id_}  (unknown to this code)"


def _half_applied(project: Project, account: Account) -> list[PartlyApplied]:
    return [found_half_applied(project, cut) for cut in account.half_applied]


def _edited(project: Project, id_: str) -> str:
    revision = project.chain.revisions[id_]
    return f"{id_}  {revision.title}  ({project.display(revision.path)})"


def _applied_last(chain: Chain, account: Account) -> list[str]:
    if not account.has_ledger:
        return [f"{each.id}  {each.title}".rstrip() for each in last_applied(chain, account.position)]
    return [
        f"{each.revision}  {each.doc}".rstrip()
        + f"  ({time_of(each.at)}{'' if each.seconds is None else f', {duration(each.seconds)}'}, by {each.actor}"
        + f"{'' if each.direction == 'upgrade' else f', {each.direction}'})"
        for each in account.applied_last
    ]


def status_as_dict(project: Project, gathered: Gathered, accounts: Sequence[Account]) -> dict[str, object]:
    """The same as JSON."""
    chain = project.chain
    profile = project.profile
    return {
        "schema": "migrator/status/1",
        "profile": None if profile is None else {"name": profile.name, "protected": profile.protected},
        "heads": list(chain.heads),
        "expected": list(expected_heads(chain)),
        "exit_code": int(exit_code_of(accounts)),
        "databases": [_database_as_dict(project, gathered, account) for account in accounts],
    }


def _database_as_dict(project: Project, gathered: Gathered, account: Account) -> dict[str, object]:
    position, chain = account.position, project.chain
    lineage = position.lineage
    if account.has_ledger:
        applied_last = [entry_as_dict(each) for each in account.applied_last]
    else:
        applied_last = [{"revision": each.id, "doc": each.doc} for each in last_applied(chain, position)]
    return {
        "location": gathered.profile.location if gathered.profile else position.state.location,
        "server": position.state.server,
        "state": "half applied" if account.half_applied else position.standing.value,
        "current": list(position.state.rows),
        "unknown": list(position.unknown),
        "contains_the_code": position.contains_the_code,
        "beyond": [] if lineage is None else [{"revision": each.id, "doc": each.title} for each in lineage.beyond],
        "missing": list(lineage.missing) if lineage and lineage.containment is Containment.DIVERGED else [],
        "redundant": list(position.redundant),
        "version_table": position.state.version_table_exists,
        "ledger": account.has_ledger,
        "pending": [
            {"revision": each.id, "doc": each.doc, "path": project.display(each.path)} for each in position.pending
        ],
        "applied_last": applied_last,
        "edited": [{"revision": id_, "path": project.display(chain.revisions[id_].path)} for id_ in account.edited],
        "half_applied": [
            {
                "revision": cut.revision,
                "direction": cut.direction,
                "done": list(cut.done),
                "in_doubt": list(cut.doubtful),
            }
            for cut in account.half_applied
        ],
        "migrating": None if account.holder is None else _holder_as_dict(account.holder),
        "next": next_command(project, account),
    }


def _holder_as_dict(holder: LockHolder) -> dict[str, object]:
    return {
        "session": holder.session,
        "application": holder.application,
        "user": holder.user,
        "client": holder.client,
        "seconds": holder.since_seconds,
        "revision": holder.revision,
    }
