"""Where a database stands in words, as an exit code, and what to type next."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.chain.graph import ancestors
from migrator.chain.model import Chain, Revision
from migrator.chain.paths import upgrade_path
from migrator.errors import ExitCode
from migrator.execution.account import Account
from migrator.execution.half_applied import found_half_applied
from migrator.execution.lineage import Containment
from migrator.execution.planning import way_back
from migrator.execution.position import Position, Standing
from migrator.project import Project

_LAST_ENTRIES = 5
_WORDS = {
    Standing.EMPTY: "empty: no revision was ever applied",
    Standing.UNSTAMPED: "not stamped: it has tables, but no revision is recorded",
    Standing.BEHIND: "behind",
    Standing.AT_HEAD: "at head",
    Standing.AHEAD: "ahead: it holds a revision that this code does not know",
    Standing.DIVERGED: "diverged: it holds revisions that this code knows beside one that it does not",
}
_PROVEN_WORDS = {
    Containment.CONTAINED: "ahead: newer code has migrated it; all that this code has is applied",
    Containment.DIVERGED: "diverged: other code has migrated it; not all that this code has is applied",
}
_EXIT_CODES = {
    Standing.AT_HEAD: ExitCode.DONE,
    Standing.EMPTY: ExitCode.FINDINGS,
    Standing.UNSTAMPED: ExitCode.FINDINGS,
    Standing.BEHIND: ExitCode.FINDINGS,
    Standing.DIVERGED: ExitCode.VERIFICATION,
    Standing.AHEAD: ExitCode.AHEAD,
}


def exit_code_of(accounts: Sequence[Account]) -> ExitCode:
    """The gravest of the databases' exit codes."""
    return max(_exit_code(account) for account in accounts)


def _exit_code(account: Account) -> ExitCode:
    position = account.position
    if account.half_applied:
        return ExitCode.PARTLY_APPLIED
    return ExitCode.FINDINGS if position.redundant and not position.unknown else _EXIT_CODES[position.standing]


def state_of(account: Account) -> str:
    """The state, with the numbers of this case."""
    if account.half_applied:
        return f"half applied: {', '.join(cut.revision for cut in account.half_applied)}"
    return state_in_words(account.position)


def state_in_words(position: Position) -> str:
    """The standing, with the numbers of this case."""
    words = _WORDS[position.standing]
    if position.lineage is not None:
        words = _PROVEN_WORDS.get(position.lineage.containment, words)
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
    """The revisions applied last, in the chain's order, newest first: for a database without a ledger."""
    applied = ancestors(chain, position.current) | set(position.current)
    if not applied:
        return []
    order = [revision for revision in upgrade_path(chain, (), "heads") if revision.id in applied]
    return order[: -_LAST_ENTRIES - 1 : -1]


def next_command(project: Project, account: Account) -> str:
    """What to type next in this state."""
    env, position = project.env_option, account.position
    if account.half_applied:
        return str(found_half_applied(project, account.half_applied[0]).remedy)
    if position.redundant:
        return f"migrator stamp --purge {' '.join(position.current)}{env}"
    if position.standing is Standing.AT_HEAD:
        return "nothing"
    if position.unknown:
        back = way_back(position, project.chain) or "migrator stamp --purge REVISION"
        return f"deploy the code that knows {', '.join(position.unknown)}, or: {back}{env}"
    if position.standing is Standing.UNSTAMPED:
        return f"migrator stamp REVISION{env}  (the revision that its tables correspond to)"
    return f"migrator upgrade{env}"
