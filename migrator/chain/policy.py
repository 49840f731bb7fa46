"""What a team allows: ``[tool.migrator]`` in ``pyproject.toml``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from migrator.chain.resolve import nearest
from migrator.chain.rules.registry import RULES
from migrator.chain.rules.revisions import DEFAULT_ID_LENGTH
from migrator.chain.settings import tool_table
from migrator.errors import ConfigurationError
from migrator.findings import Severity

KEYS = ("allowed_heads", "irreversible", "ignore", "severity", "version_num_length", "drift", "verify_rows")
"""``drift`` and ``verify_rows`` are read in `migrator.verification`: by ``drift.ignoring`` and ``rows.custom``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """Findings that are not to be reported."""

    rule: str
    revision: str | None = None
    path: str | None = None
    """Glob on the path as findings show it; both None means everywhere."""
    reason: str = ""

    def __str__(self) -> str:
        """The entry as it is named in messages."""
        return " ".join(filter(None, (self.rule, self.revision, self.path)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Irreversible:
    """A revision that may have no way back."""

    revision: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The exceptions and limits of a project; the default is none."""

    allowed_heads: tuple[str, ...] = ()
    """Ids or branch labels of heads that are meant to stay."""
    irreversible: tuple[Irreversible, ...] = ()
    ignore: tuple[Ignored, ...] = ()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    """Rules that weigh more or less here."""
    version_num_length: int = DEFAULT_ID_LENGTH
    source: str = "pyproject.toml"
    """File that the policy was read from, as findings show it."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """Line of each key."""


def read_policy(root: Path) -> Policy:
    """Read ``[tool.migrator]``; a project without it has the default policy.

    Raises:
        ConfigurationError: an unknown key or rule, or a value of the wrong kind; all of them at once.

    """
    path = root / "pyproject.toml"
    table = tool_table(path, "migrator")
    if not table:
        return Policy()
    lines = _lines(path.read_text(encoding="utf-8"))
    reading = _Reading(table)
    for key in table:
        if key not in KEYS:
            reading.problem(key, f"unknown key {key!r}{_suggestion(key, KEYS)}")
    policy = Policy(
        allowed_heads=tuple(reading.texts("allowed_heads")),
        irreversible=tuple(
            Irreversible(**entry)
            for entry in reading.entries("irreversible", required="revision", optional=("reason",))
        ),
        ignore=tuple(
            Ignored(**entry)
            for entry in reading.entries("ignore", required="rule", optional=("revision", "path", "reason"))
            if reading.is_rule("ignore", entry["rule"])
        ),
        severity=reading.severities(),
        version_num_length=reading.length(),
        lines=lines,
    )
    if reading.problems:
        raise ConfigurationError(
            "[tool.migrator] cannot be used as it is.",
            where=str(path),
            details=[f"pyproject.toml:{lines.get(key, 1)}: {problem}" for key, problem in reading.problems],
            remedy="Correct these lines; docs/chain.md lists the keys.",
        )
    return policy


class _Reading:
    """Takes the table apart and gathers every problem before anything is refused."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._table = table
        self.problems: list[tuple[str, str]] = []

    def problem(self, key: str, text: str) -> None:
        self.problems.append((key, text))

    def texts(self, key: str) -> Sequence[str]:
        value = self._table.get(key, [])
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return value
        self.problem(key, f"{key} must be a list of texts")
        return ()

    def entries(self, key: str, *, required: str, optional: Sequence[str]) -> list[dict[str, str]]:
        value = self._table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.problem(key, f'{key} must be a list of tables such as {{ {required} = "...", reason = "..." }}')
            return []
        found = []
        for entry in value:
            wrong = [name for name in entry if name not in (required, *optional)]
            for name in wrong:
                self.problem(key, f"unknown key {name!r} in {key}{_suggestion(name, (required, *optional))}")
            if required not in entry or not all(isinstance(item, str) for item in entry.values()):
                self.problem(key, f"each entry of {key} needs {required}, and its values must be texts")
            elif not wrong:
                found.append(dict(entry))
        return found

    def is_rule(self, key: str, rule: str) -> bool:
        if rule in RULES:
            return True
        self.problem(key, f"unknown rule {rule!r}{_suggestion(rule, tuple(RULES))}")
        return False

    def severities(self) -> Mapping[str, Severity]:
        value = self._table.get("severity", {})
        if not isinstance(value, dict):
            self.problem("severity", 'severity must be a table such as { "downgrade-empty" = "warning" }')
            return {}
        found = {}
        for rule, word in value.items():
            if word not in list(Severity):
                self.problem("severity", f"{rule} = {word!r} is not one of {', '.join(Severity)}")
            elif self.is_rule("severity", rule):
                found[rule] = Severity(word)
        return found

    def length(self) -> int:
        value = self._table.get("version_num_length", DEFAULT_ID_LENGTH)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        self.problem("version_num_length", "version_num_length must be a whole number above 0")
        return DEFAULT_ID_LENGTH


def _suggestion(name: str, names: Sequence[str]) -> str:
    near = nearest(name, names)
    return f"; did you mean {near!r}?" if near else ""


def _lines(text: str) -> dict[str, int]:
    """Where each key of ``[tool.migrator]`` stands."""
    lines: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("["):
            section = stripped.strip("[]").strip()
            if section.startswith("tool.migrator."):
                lines.setdefault(section.split(".")[2], number)
        elif section == "tool.migrator" and "=" in stripped:
            lines.setdefault(stripped.partition("=")[0].strip().strip('"'), number)
    return lines
