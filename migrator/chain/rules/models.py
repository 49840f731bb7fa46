"""Rules on models against history, and on patterns of drift; what breaks them is seen in databases."""

from __future__ import annotations

from migrator.findings import RuleInfo, Severity

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
AUTOGENERATE_FAILED = RuleInfo(
    id="autogenerate-failed",
    severity=Severity.NOTICE,
    summary="Alembic's autogenerate ends with an error on these models.",
    why="Only the schemas of models and history were compared; no revision can be generated as long as that is so.",
    remedy="leave compare_server_default out of env.py where a column of type json has a default",
)
DRIFT_WITHOUT_REASON = RuleInfo(
    id="drift-ignored-without-reason",
    severity=Severity.WARNING,
    summary="A pattern of `[tool.migrator.drift]` has no reason.",
    why="Nobody can tell later whether the difference may be ignored still.",
    remedy='ignore = [{ object = "index public.tmp_*", reason = "made and dropped by the nightly report" }]',
)
DRIFT_STALE = RuleInfo(
    id="drift-ignore-stale",
    severity=Severity.WARNING,
    summary="A pattern of `[tool.migrator.drift]` fits no difference any more.",
    why="It would hide the next difference of that name, for a reason that is gone.",
    remedy="delete the entry, or correct its pattern: `migrator drift` prints objects as patterns see them",
)

RULES = (
    MODELS_DIFFER,
    TABLES_WITHOUT_MODELS,
    MODELS_NOT_CREATED,
    AUTOGENERATE_FAILED,
    DRIFT_WITHOUT_REASON,
    DRIFT_STALE,
)
