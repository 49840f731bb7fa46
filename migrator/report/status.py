"""The page that people open first: where a database is, what is pending, what to type next."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.chain.graph import ancestors
from migrator.chain.model import Chain, Revision
from migrator.chain.paths import upgrade_path
from migrator.errors import AheadOfCode, ExitCode, MigratorError, VerificationFailed
from migrator.execution.gathering import Gathered
from migrator.execution.position import Position, Standing, expected_heads
from migrator.project import Project
from migrator.report.header import profile_line
from migrator.report.listings import Listing
from migrator.report.revisions import RevisionLines

_SHOWN = 20
_LAST_ENTRIES = 5

_WORDS = {
    Standing.EMPTY: "empty: no revision was ever applied",
    Standing.UNSTAMPED: "not stamped: it has tables, but no revision is recorded",
    Standing.BEHIND: "behind",
    Standing.AT_HEAD: "at head",
    Standing.AHEAD: "ahead: it holds a revision that this code does not know",
    Standing.DIVERGED: "diverged: it holds revisions that this code knows beside one that it does not",
}
_EXIT_CODES = {
    Standing.AT_HEAD: ExitCode.DONE,
    Standing.EMPTY: ExitCode.FINDINGS,
    Standing.UNSTAMPED: ExitCode.FINDINGS,
    Standing.BEHIND: ExitCode.FINDINGS,
    Standing.DIVERGED: ExitCode.VERIFICATION,
    Standing.AHEAD: ExitCode.AHEAD,
}


def exit_code_of(positions: Sequence[Position]) -> ExitCode:
    """The gravest of the databases' exit codes."""
    return max(
        ExitCode.FINDINGS if position.redundant and not position.unknown else _EXIT_CODES[position.standing]
        for position in positions
    )


def status_as_text(project: Project, gathered: Gathered, positions: Sequence[Position]) -> str:
    """The page, one block a database."""
    return "\n\n".join(_page(project, gathered, position) for position in positions)


def _page(project: Project, gathered: Gathered, position: Position) -> str:
    chain = project.chain
    location = gathered.profile.location if gathered.profile and len(gathered.states) == 1 else position.state.location
    rows = [
        ("Profile", profile_line(project).removeprefix("profile ")),
        ("Server", _server(gathered, position, location)),
        ("State", state_in_words(position)),
    ]
    rows += [("Current", _titled(chain, id_)) for id_ in position.state.rows] or [("Current", "none")]
    rows += [("Head", _titled(chain, id_)) for id_ in chain.heads]
    rows.append(("Pending", str(len(position.pending)) if not position.unknown else "unknown"))
    rows += [
        ("", f"{number}. {revision.id}  {revision.title}  ({project.display(revision.path)})")
        for number, revision in enumerate(position.pending[:_SHOWN], start=1)
    ]
    if len(position.pending) > _SHOWN:
        rows.append(("", f"and {len(position.pending) - _SHOWN} more"))
    rows += _labelled("Applied last", [f"{each.id}  {each.title}".rstrip() for each in last_applied(chain, position)])
    rows.append(("Next", next_command(project, position)))
    return "\n".join(f"{label:<13}{text}" if label else f"{'':<13}{text}" for label, text in rows)


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


def state_in_words(position: Position) -> str:
    """The standing, with the numbers of this case."""
    words = _WORDS[position.standing]
    if position.standing is Standing.BEHIND:
        count = len(position.pending)
        words += f" by {count} revision{'s' if count != 1 else ''}"
    if position.standing is Standing.UNSTAMPED:
        words += f" ({len(position.state.tables)} tables)"
    if position.redundant:
        words += f"; the rows {', '.join(position.redundant)} are implied by others and should not be there"
    if not position.state.version_table_exists:
        words += "; the version table does not exist"
    return words


def last_applied(chain: Chain, position: Position) -> list[Revision]:
    """The revisions applied last, in the chain's order, newest first."""
    applied = ancestors(chain, position.current) | set(position.current)
    if not applied:
        return []
    order = [revision for revision in upgrade_path(chain, (), "heads") if revision.id in applied]
    return order[: -_LAST_ENTRIES - 1 : -1]


def next_command(project: Project, position: Position) -> str:
    """What to type next in this state."""
    env = project.env_option
    if position.redundant:
        return f"migrator stamp --purge {' '.join(position.current)}{env}"
    if position.standing is Standing.AT_HEAD:
        return "nothing"
    if position.unknown:
        return f"deploy the code that knows {', '.join(position.unknown)}, or: migrator stamp --purge REVISION{env}"
    if position.standing is Standing.UNSTAMPED:
        return f"migrator stamp REVISION{env}  (the revision that its tables correspond to)"
    return f"migrator upgrade{env}"


def status_as_dict(project: Project, gathered: Gathered, positions: Sequence[Position]) -> dict[str, object]:
    """The same as JSON."""
    chain = project.chain
    profile = project.profile
    return {
        "schema": "migrator/status/1",
        "profile": None if profile is None else {"name": profile.name, "protected": profile.protected},
        "heads": list(chain.heads),
        "expected": list(expected_heads(chain)),
        "exit_code": int(exit_code_of(positions)),
        "databases": [
            {
                "location": gathered.profile.location if gathered.profile else position.state.location,
                "server": position.state.server,
                "state": position.standing.value,
                "current": list(position.state.rows),
                "unknown": list(position.unknown),
                "redundant": list(position.redundant),
                "version_table": position.state.version_table_exists,
                "pending": [
                    {"revision": each.id, "doc": each.doc, "path": project.display(each.path)}
                    for each in position.pending
                ],
                "applied_last": [{"revision": each.id, "doc": each.doc} for each in last_applied(chain, position)],
                "next": next_command(project, position),
            }
            for position in positions
        ],
    }


def current_listing(chain: Chain, positions: Sequence[Position], *, verbose: bool) -> Listing:
    """The version rows, as ``alembic current`` prints them; unknown ones are told, not crashed on."""
    lines = RevisionLines(chain)
    blocks, bodies = [], []
    for position in positions:
        for id_ in position.state.rows:
            revision = chain.revisions.get(id_)
            if revision is None:
                blocks.append(f"{id_} (unknown to this code)")
            else:
                blocks.append(lines.full(revision) if verbose else lines.brief(revision))
        bodies.append(
            {
                "location": position.state.location,
                "state": position.standing.value,
                "current": list(position.state.rows),
                "at_head": position.standing is Standing.AT_HEAD and not position.redundant,
            }
        )
    return Listing("\n".join(blocks), {"schema": "migrator/current/1", "databases": bodies})


def require_heads(positions: Sequence[Position], *, check_heads: bool) -> None:
    """End with the exit code of a database that is not where it should be.

    Raises:
        AheadOfCode, VerificationFailed: a row is unknown to this code.
        NotAtHeads: ``--check-heads`` was asked for and something is pending.

    """
    for position in positions:
        unknown = ", ".join(position.unknown)
        if position.standing is Standing.AHEAD:
            raise AheadOfCode(f"the database is at {unknown}, which this code does not know", remedy="migrator status")
        if position.standing is Standing.DIVERGED:
            raise VerificationFailed(
                f"the database holds {unknown}, which this code does not know", remedy="migrator status"
            )
        if check_heads and (position.standing is not Standing.AT_HEAD or position.redundant):
            raise NotAtHeads(
                "the database is not at all heads", state=state_in_words(position), remedy="migrator upgrade"
            )


class NotAtHeads(MigratorError):
    """The database is not at every head of the chain."""

    exit_code = ExitCode.FINDINGS
