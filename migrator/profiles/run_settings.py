"""The ``MIGRATOR_`` settings: how a run goes about its work."""

from __future__ import annotations

from typing import Final

from migrator.profiles.setting import Kind, Setting

RUN_SETTINGS: Final = (
    Setting(
        name="MIGRATOR_ENV",
        field="",
        kind=Kind.TEXT,
        default="local",
        process_only=True,
        meaning="Profile to use where `--env` is not given. In the process environment only.",
    ),
    Setting(
        name="MIGRATOR_PROTECTED",
        field="protected",
        kind=Kind.FLAG,
        default="false",
        meaning="Refuse downgrade, stamp, autogenerate against it and destructive plans without an explicit flag.",
    ),
    Setting(
        name="MIGRATOR_LOCK_WAIT",
        field="lock_wait",
        kind=Kind.SECONDS,
        default="300",
        meaning="How long to wait for another migration of the same database to finish; 0 tries once. `--lock-wait`.",
    ),
    Setting(
        name="MIGRATOR_WAIT_FOR_DB",
        field="wait_for_db",
        kind=Kind.SECONDS,
        default="0",
        meaning="How long upgrade, downgrade and stamp wait for a server that does not answer yet. `--wait`.",
    ),
    Setting(
        name="MIGRATOR_IF_AHEAD",
        field="if_ahead",
        kind=Kind.CHOICE,
        choices=("ok", "warn", "fail"),
        default="fail",
        meaning="What `upgrade` (to the heads) does where the database is ahead of this code: end with 0, with 0 and a "
        "warning, or with 11.",
    ),
    Setting(
        name="MIGRATOR_LOCK_TIMEOUT",
        field="table_lock_timeout",
        kind=Kind.SECONDS,
        default_note="DB_LOCK_TIMEOUT, else 2s",
        meaning="How long a statement of a revision waits for a strong lock on a table before the revision is rolled "
        "back and tried again; 0 waits without end.",
    ),
    Setting(
        name="MIGRATOR_LOCK_BUDGET",
        field="lock_budget",
        kind=Kind.SECONDS,
        default="300",
        meaning="How long a revision is tried again when it does not get its locks; 0 tries once.",
    ),
    Setting(
        name="MIGRATOR_VICTIM_BUDGET",
        field="victim_budget",
        kind=Kind.SECONDS,
        default="6",
        meaning="How long other sessions may queue behind one statement that waits for a lock, added up over all of "
        "them: 6 is 20 sessions for 300 ms. Then it is cancelled and tried again; 0 never cancels.",
    ),
    Setting(
        name="MIGRATOR_DEADLINE",
        field="deadline",
        kind=Kind.SECONDS,
        default_note="none",
        meaning="Start no revision that is not expected to end within so long after the start of the command: a pod's "
        "grace period, say. `--deadline`.",
    ),
    Setting(
        name="MIGRATOR_LEDGER",
        field="ledger",
        kind=Kind.FLAG,
        default="true",
        meaning="Write down in the database what was applied, when, by whom and from which source; `migrator log` "
        "shows it. Without it a revision that was cut half way cannot be finished.",
    ),
    Setting(
        name="MIGRATOR_LEDGER_SCHEMA",
        field="ledger_schema",
        kind=Kind.TEXT,
        default_note="migrator on PostgreSQL where it may be created, else beside the version table",
        meaning="Schema that the ledger's tables are created in, at the first write.",
    ),
    Setting(
        name="MIGRATOR_METRICS_FILE",
        field="metrics_file",
        kind=Kind.TEXT,
        default_note="none",
        meaning="File that a run writes its figures to, in the text format of Prometheus. `--metrics-file`.",
    ),
    *(
        Setting(
            name=f"MIGRATOR_{when}_{what}".upper(),
            field=f"{when}_{what}",
            kind=Kind.COMMAND,
            default_note="none",
            meaning=f"Hook to run {when} each {'run' if what == 'run' else 'revision'} that changes the database: a "
            "command, or `python:module:function`. It gets the report as JSON on its standard input.",
        )
        for what in ("run", "revision")
        for when in ("before", "after")
    ),
    Setting(
        name="MIGRATOR_SCRATCH_URL",
        field="scratch_url",
        kind=Kind.URL,
        secret=True,
        default_note="an embedded server",
        meaning="Server on which throwaway databases may be created; never the profile's own database.",
    ),
)
