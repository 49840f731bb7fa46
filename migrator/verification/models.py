"""Whether the models say what the history builds: as autogenerate sees it, and as the schemas of both are."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from migrator.database.connecting import connect
from migrator.database.snapshot import ddl
from migrator.database.snapshot.comparing import Difference, compare
from migrator.database.snapshot.model import Kind, ObjectKey, Snapshot
from migrator.database.snapshot.reading import read_snapshot
from migrator.errors import ConfigurationError, MigratorError
from migrator.execution import differences as modelled
from migrator.execution.adapter.generating import NoMetadata, RevisionRequest, draft, fill_through_environment
from migrator.execution.adapter.modelling import CreatedModels, create_models
from migrator.execution.adapter.thorough import THOROUGH
from migrator.execution.gathering import bind
from migrator.findings import Finding, RuleInfo, Severity
from migrator.profiles.model import Profile
from migrator.project import Project
from migrator.verification import models_compared as two_way
from migrator.verification.dialect import profile_for_scratch
from migrator.verification.scratch import scratch_database

__all__ = ["MODELS_DIFFER", "ModelsComparison", "NoMetadata", "compare_models", "compare_models_both_ways"]

MODELS_DIFFER = RuleInfo(
    id="models-differ",
    severity=Severity.WARNING,
    summary="The models and the schema that the history builds are not the same.",
    why="The application meets tables that it does not expect; the next autogenerate mixes old changes with new ones.",
    remedy='migrator revision --autogenerate -m "..."',
)
TABLES_WITHOUT_MODELS = RuleInfo(
    id="tables-without-models",
    severity=Severity.WARNING,
    summary="The history has tables that no model has.",
    why="A module with models is not imported in env.py, and the next autogenerate would drop its tables; or they are "
    "left over.",
    remedy="import every module with models in env.py; or drop the tables in a revision; or leave them out with "
    "include_name in env.py",
)
MODELS_NOT_CREATED = RuleInfo(
    id="models-not-created",
    severity=Severity.NOTICE,
    summary="The models cannot be created on an empty database.",
    why="Only autogenerate compared them: constraints, enum values, index methods and more are not seen by it.",
    remedy="create the missing type or function in an event of the models (before_create), as tests would need it too",
)
_UNSEEN_REMEDY = "autogenerate does not see this one: write the statement into a revision by hand, or correct the model"
_NEEDED_FIRST = frozenset({Kind.EXTENSION})
_NEEDED_BY_SOME = frozenset(
    {
        Kind.EXTENSION,
        Kind.COLLATION,
        Kind.ENUM,
        Kind.DOMAIN,
        Kind.COMPOSITE,
        Kind.RANGE,
        Kind.FUNCTION,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsComparison:
    """What was found, and what of autogenerate's was not believed."""

    findings: tuple[Finding, ...]
    unconfirmed: tuple[modelled.Difference, ...] = ()
    """What autogenerate said of things that are the same in both schemas: false positives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Schemas:
    """What history and models build, as far as models have words for it."""

    differences: tuple[Difference, ...]
    default_schema: str | None


def compare_models(project: Project, scratch_profile: Profile) -> tuple[Finding, ...]:
    """What `compare_models_both_ways` finds."""
    return compare_models_both_ways(project, scratch_profile).findings


def compare_models_both_ways(project: Project, scratch_profile: Profile) -> ModelsComparison:
    """Compare ``target_metadata`` of ``env.py`` with a scratch database that stands at every head.

    Autogenerate compares first. Then the models are created in a second scratch database: what autogenerate said and
    the two schemas do not confirm is dropped, and what it did not see is added.

    Args:
        project: whose models and history are meant.
        scratch_profile: a throwaway database, already upgraded to ``heads``.

    Raises:
        NoMetadata: ``env.py`` gives no ``target_metadata``.

    """
    found = _by_autogenerate(project.on(scratch_profile), scratch_profile)
    env_py = project.display(str(project.layout.env_py))
    try:
        schemas = _both_schemas(project, scratch_profile)
    except (SQLAlchemyError, MigratorError) as error:
        if isinstance(error, NoMetadata):
            raise
        return ModelsComparison(findings=(*_findings(found, found, env_py), _not_created(error, env_py)))
    real = two_way.confirmed(found, schemas.differences, schemas.default_schema)
    lost = _never_modelled(schemas, found)
    told = [each for each in real if not two_way.is_of(each, lost, schemas.default_schema)]
    unseen = [
        each
        for each in two_way.without_mere_names(schemas.differences)
        if each.key not in lost and not any(two_way.covers(one, each, schemas.default_schema) for one in real)
    ]
    findings = (*_findings(told, found, env_py), *_missing_models(lost, env_py), *_unseen(unseen, env_py))
    return ModelsComparison(findings=findings, unconfirmed=tuple(each for each in found if each not in real))


def _by_autogenerate(scratch: Project, profile: Profile) -> Sequence[modelled.Difference]:
    compared = draft(scratch, RevisionRequest(parents=scratch.chain.heads), autogenerate=True)
    fill_through_environment(compared, bind(scratch, profile), autogenerate=True, unsaid=THOROUGH)
    return compared.differences


def _both_schemas(project: Project, history: Profile) -> _Schemas:
    with closing(connect(history)) as connection:
        built = read_snapshot(connection, leave_out=_version_tables(project))
    try:
        created, models = _created(project, built, _NEEDED_FIRST)
    except (SQLAlchemyError, ConfigurationError):
        created, models = _created(project, built, _NEEDED_BY_SOME)
    differences = compare(two_way.expressible(built, created.left_out), two_way.expressible(models))
    return _Schemas(differences=differences, default_schema=created.default_schema)


def _created(project: Project, built: Snapshot, needed: frozenset[Kind]) -> tuple[CreatedModels, Snapshot]:
    """Create the models on a scratch database of their own, with what they may need of the history there before."""
    tables = [(each.key.schema, each.key.name) for each in built.of_kind(Kind.TABLE)]
    before = Snapshot(built.dialect, {})
    objects = {key: each for key, each in built.objects.items() if key.kind in needed}
    prepared = ddl.statements(compare(before, Snapshot(built.dialect, objects)), built.dialect)
    with scratch_database(profile_for_scratch(project), root=project.root) as profile:
        scratch = project.on(profile)
        created = create_models(scratch, bind(scratch, profile), prepared=prepared, tables=tables)
        with closing(connect(profile)) as connection:
            return created, read_snapshot(connection, leave_out=_version_tables(project))


def _version_tables(project: Project) -> frozenset[str]:
    from migrator.chain.envfile import read_environment_file
    from migrator.database.state import VersionTable, version_table_of

    file = read_environment_file(project.layout.env_py)
    declared = VersionTable(file.version_table or "alembic_version", file.version_table_schema)
    return frozenset({str(version_table_of(project.profile, declared))})


def _never_modelled(schemas: _Schemas, found: Sequence[modelled.Difference]) -> tuple[ObjectKey, ...]:
    """The tables that no model has, those that look renamed aside."""
    renamed = [each.removed for each in modelled.probable_renames(found) if each.removed.what == "table"]
    return tuple(
        key
        for key in two_way.lost_tables(schemas.differences)
        if not any(two_way.is_of(each, (key,), schemas.default_schema) for each in renamed)
    )


def _findings(
    shown: Sequence[modelled.Difference], all_of_them: Sequence[modelled.Difference], env_py: str
) -> tuple[Finding, ...]:
    renamed = {each.removed: each.text for each in modelled.probable_renames(all_of_them)}
    return tuple(_finding(MODELS_DIFFER, _in_words(each), env_py, remedy=renamed.get(each)) for each in shown)


def _missing_models(tables: Sequence[ObjectKey], env_py: str) -> tuple[Finding, ...]:
    if not tables:
        return ()
    named = ", ".join(key.path for key in tables)
    one = len(tables) == 1
    message = f"{'table' if one else 'tables'} {named} {'is' if one else 'are'} in the history and in no model"
    return (_finding(TABLES_WITHOUT_MODELS, message, env_py),)


def _unseen(differences: Sequence[Difference], env_py: str) -> tuple[Finding, ...]:
    return tuple(
        _finding(MODELS_DIFFER, message, env_py, remedy=_UNSEEN_REMEDY)
        for each in differences
        for message in two_way.in_words(each)
    )


def _not_created(error: Exception, env_py: str) -> Finding:
    reason = str(error).strip().partition("\n")[0]
    return _finding(MODELS_NOT_CREATED, f"the models cannot be created on an empty database: {reason}", env_py)


def _finding(rule: RuleInfo, message: str, env_py: str, *, remedy: str | None = None) -> Finding:
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        message=message,
        path=env_py,
        cause=rule.why,
        remedy=remedy or rule.remedy,
    )


def _in_words(difference: modelled.Difference) -> str:
    if difference.change is modelled.Change.ADDED:
        return f"{difference.subject} is in the models and missing in the history"
    if difference.change is modelled.Change.REMOVED:
        return f"{difference.subject} is in the history and missing in the models"
    return f"{difference.subject}: {difference.before} in the history, {difference.after} in the models"
