"""``migrator merge``."""

from __future__ import annotations

import click

from migrator.cli.opening import show
from migrator.cli.options import Invocation, global_options
from migrator.cli.writing import project_for_writing
from migrator.errors import ExitCode


@click.command("merge")
@click.argument("revisions", nargs=-1)
@click.option("-m", "--message", metavar="TEXT", help="What is merged and why.")
@click.option("--branch-label", metavar="LABEL", help="Label for the merged branch.")
@click.option("--rev-id", metavar="ID", help="Revision id, instead of a generated one.")
@click.option("--splice", is_flag=True, help="Allow revisions that are not heads.")
@global_options
def command(
    invocation: Invocation,
    *,
    revisions: tuple[str, ...],
    message: str | None,
    branch_label: str | None,
    rev_id: str | None,
    splice: bool,
) -> None:
    """Join REVISIONS, or all heads when none is named, with a merge revision.

    With a single head there is nothing to merge and nothing is written.

    \b
    Examples:
      migrator merge heads -m "merge reporting"
      migrator merge 1975ea 27c6a
    """
    from migrator.execution.revising import merge
    from migrator.report.writing import revised_as_dict, revised_as_text

    project = project_for_writing(invocation)
    names = revisions or ("heads",)
    merged = merge(project, names, message=message, branch_label=branch_label, rev_id=rev_id, splice=splice)
    show(invocation, revised_as_text(project, merged), revised_as_dict(project, merged))
    raise click.exceptions.Exit(ExitCode.DONE if merged.usable else ExitCode.FINDINGS)
