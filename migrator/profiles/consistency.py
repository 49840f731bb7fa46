"""What does not fit together in a profile, though each value by itself is right."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from migrator.profiles.address import Address, unknown_driver
from migrator.profiles.draft import Draft
from migrator.profiles.layers import FILE, FLAG, LOCAL_FILE, PROCESS, Given
from migrator.profiles.problems import Problem
from migrator.profiles.settings import BY_NAME, DRIVERS, SETTINGS

CERTIFICATES = {"sslrootcert": "DB_SSLROOTCERT", "sslcert": "DB_SSLCERT", "sslkey": "DB_SSLKEY"}


def check_conflicts(draft: Draft, address: Address | None) -> None:
    """Report what one layer says twice; two layers may, since the stronger one counts."""
    for layer in range(FLAG, FILE + 1):
        given = {
            setting.name: one for setting in SETTINGS if (one := draft.layers.in_layer(setting, layer)) is not None
        }
        if "DB_URL" in given:
            _check_beside_url(draft, given, address if draft.given["DB_URL"].layer == layer else None)
        if "DB_EMBEDDED" in given and (beside := [name for name in ("DB_HOST", "DB_PORT") if name in given]):
            message = f"{' and '.join(beside)} beside DB_EMBEDDED: the embedded server has its own; keep one way"
            draft.layers.problem(given[beside[0]], message)
        if "DB_PASS" in given and "DB_PASS_COMMAND" in given:
            draft.layers.problem(given["DB_PASS_COMMAND"], "DB_PASS_COMMAND and DB_PASS are both set; keep one of them")
        if "DB_MIGRATION_URL" in given and given.keys() & {"DB_MIGRATION_HOST", "DB_MIGRATION_PORT"}:
            message = "DB_MIGRATION_URL and DB_MIGRATION_HOST or DB_MIGRATION_PORT are both set; keep one way"
            draft.layers.problem(given["DB_MIGRATION_URL"], message)


def _check_beside_url(draft: Draft, given: Mapping[str, Given], address: Address | None) -> None:
    parts = [name for name in given if BY_NAME[name].connection or name == "DB_EMBEDDED"]
    if address is not None:
        if address.password is None and "DB_PASS" in parts:
            parts.remove("DB_PASS")
        if address.password is not None and "DB_PASS_COMMAND" in given:
            parts.append("DB_PASS_COMMAND")
        if address.driver is not None and "DB_DRIVER" in given:
            parts.append("DB_DRIVER")
        parts += [name for name in given if BY_NAME[name].field in address.known]
    if parts:
        message = f"DB_URL and {', '.join(parts)} are both set; keep DB_URL or the parts"
        draft.layers.problem(given["DB_URL"], message)


def check_together(draft: Draft, *, path: Path | None) -> None:
    """Report what is missing and what contradicts itself in the values that count."""
    values = draft.values
    if "database" not in values and "DB_NAME" not in draft.unusable:
        message = "DB_URL names no database" if "DB_URL" in draft.given else "DB_NAME is missing: which database?"
        file = None if path is None else f"{path.parent.name}/{path.name}"
        draft.layers.problems.append(Problem(message=message, file=file, place="process environment"))
    dialect = values["dialect"]
    if "DB_DIALECT" not in draft.unusable:
        for name in ("DB_DRIVER", "DB_MIGRATION_DRIVER"):
            driver = values[BY_NAME[name].field]
            if driver not in DRIVERS[dialect] and name in draft.given:
                draft.problem(name, unknown_driver(dialect, driver))
        if "embedded" in values and dialect != "postgresql":
            draft.problem("DB_EMBEDDED", f"is a PostgreSQL server, but DB_DIALECT is {dialect}")
    _check_certificates(draft)


def _check_certificates(draft: Draft) -> None:
    values = draft.values
    for attribute, name in CERTIFICATES.items():
        file = values.get(attribute)
        if file and file != "system" and not Path(file).is_file():
            draft.problem(name, f"names no file: {file}")
    if values.get("sslmode") == "verify-ca" and values.get("sslrootcert") in (None, "system"):
        draft.problem("DB_SSLMODE", "is verify-ca, which needs DB_SSLROOTCERT; or use verify-full")
    if values.get("sslmode", "prefer") in ("disable", "allow", "prefer"):
        for attribute, name in CERTIFICATES.items():
            if attribute in values:
                draft.problem(name, "is not looked at with this DB_SSLMODE; set verify-full, or require at least")
    if "sslkey" in values and "sslcert" not in values:
        draft.problem("DB_SSLKEY", "is set without DB_SSLCERT")


def overridden(draft: Draft) -> tuple[str, ...]:
    """Settings that a protected profile's files give and the process environment changes."""
    protection = BY_NAME["MIGRATOR_PROTECTED"]
    filed = draft.layers.direct.get((protection.name, LOCAL_FILE)) or draft.layers.direct.get((protection.name, FILE))
    protected_by_file = filed is not None and filed.value.strip().lower() in {"true", "yes", "on", "1"}
    if not (protected_by_file or draft.values.get("protected")):
        return ()
    url = draft.given.get("DB_URL")
    url_hides = url is not None and url.layer == PROCESS
    return tuple(
        setting.name
        for setting in SETTINGS
        if (one := draft.layers.in_layer(setting, LOCAL_FILE) or draft.layers.in_layer(setting, FILE)) is not None
        and ((url_hides and setting.connection) or _is_changed(one, draft.given.get(setting.name)))
    )


def _is_changed(filed: Given, counting: Given | None) -> bool:
    return counting is not None and counting.layer == PROCESS and counting.value != filed.value
