"""An error as its four parts: what happened, where, what state the database is in, what to type next."""

from __future__ import annotations

import json
import sys
import traceback

from migrator.errors import ChainError, ExitCode, MigratorError, error_parts, exit_code_of
from migrator.redaction import redact, redact_within


def show_error(error: Exception, *, as_json: bool, with_traceback: bool) -> ExitCode:
    """Print an error on stderr and return the exit code that belongs to it."""
    if with_traceback:
        sys.stderr.write(redact("".join(traceback.format_exception(error))))
    sys.stderr.write((error_as_json(error) if as_json else redact(error_as_text(error))) + "\n")
    return exit_code_of(error)


def error_as_text(error: Exception) -> str:
    """The error for a person, one part a line."""
    if not isinstance(error, MigratorError):
        return (
            f"Error: unexpected {type(error).__name__}: {error}\n"
            "  This is a defect in migrator. Next: run the same command with --debug and report what it prints."
        )
    lines = [f"Error: {error.message}"]
    lines += [f"  - {detail}" for detail in error.details]
    if isinstance(error, ChainError):
        from migrator.report.findings import findings_as_text

        lines.append(findings_as_text(error.findings))
    lines += [
        f"  {label}: {text}"
        for label, text in (("Where", error.where), ("Database", error.state), ("Next", error.remedy))
        if text
    ]
    return "\n".join(lines)


def error_as_json(error: Exception) -> str:
    """The error for a program, secrets masked."""
    body: dict[str, object] = {"schema": "migrator/error/1", **error_parts(error)}
    if isinstance(error, ChainError):
        from migrator.report.findings import finding_as_dict

        body["findings"] = [finding_as_dict(finding) for finding in error.findings]
    return json.dumps(redact_within(body), ensure_ascii=False)
