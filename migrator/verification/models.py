"""Whether the models say what the history builds."""

from __future__ import annotations

from migrator.execution.adapter.generating import NoMetadata, RevisionRequest, draft, fill_through_environment
from migrator.execution.differences import Change, Difference, probable_renames
from migrator.execution.gathering import bind
from migrator.findings import Finding, RuleInfo, Severity
from migrator.profiles.model import Profile
from migrator.project import Project

__all__ = ["MODELS_DIFFER", "NoMetadata", "compare_models"]

MODELS_DIFFER = RuleInfo(
    id="models-differ",
    severity=Severity.WARNING,
    summary="The models and the schema that the history builds are not the same.",
    why="The application meets tables that it does not expect; the next autogenerate mixes old changes with new ones.",
    remedy='migrator revision --autogenerate -m "..."',
)


def compare_models(project: Project, scratch_profile: Profile) -> tuple[Finding, ...]:
    """Compare ``target_metadata`` of ``env.py`` with a scratch database that stands at every head.

    Args:
        project: whose models and history are meant.
        scratch_profile: a throwaway database, already upgraded to ``heads``.

    Returns:
        One finding of rule ``models-differ`` for each difference.

    Raises:
        NoMetadata: ``env.py`` gives no ``target_metadata``.

    """
    scratch = project.on(scratch_profile)
    compared = draft(scratch, RevisionRequest(parents=scratch.chain.heads), autogenerate=True)
    fill_through_environment(compared, bind(scratch, scratch_profile), autogenerate=True)
    renamed = {each.removed: each.text for each in probable_renames(compared.differences)}
    env_py = project.display(str(project.layout.env_py))
    return tuple(_finding(each, env_py, renamed.get(each)) for each in compared.differences)


def _finding(difference: Difference, env_py: str, rename: str | None) -> Finding:
    return Finding(
        rule=MODELS_DIFFER.id,
        severity=MODELS_DIFFER.severity,
        message=_in_words(difference),
        path=env_py,
        cause=MODELS_DIFFER.why,
        remedy=rename or MODELS_DIFFER.remedy,
    )


def _in_words(difference: Difference) -> str:
    if difference.change is Change.ADDED:
        return f"{difference.subject} is in the models and missing in the history"
    if difference.change is Change.REMOVED:
        return f"{difference.subject} is in the history and missing in the models"
    return f"{difference.subject}: {difference.before} in the history, {difference.after} in the models"
