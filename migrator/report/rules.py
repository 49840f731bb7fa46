"""The rules on a chain as a page of the documentation: ``python -m migrator.report.rules > docs/rules.md``."""

from __future__ import annotations

import sys

from migrator.chain.rules.registry import GROUPS
from migrator.findings import RuleInfo

_HEAD = """# Rules on the chain

What `migrator check --chain` finds, `migrator check --env NAME` about what a database has applied, and
`migrator verify` when it runs the revisions. This page is generated from the rules themselves
(`python -m migrator.report.rules > docs/rules.md`); each rule on files has a project in `tests/histories/` that breaks
it.

An **error** means that Alembic cannot run on the history, or could only guess: exit code 4; one on what a database has
applied means that it and its files have parted: exit code 1; one on a round trip: exit code 9. A **warning** is worth
stopping a pull request for: exit code 1, or 9 on a round trip. A **notice** is worth knowing and leaves the exit code
at 0. `[tool.migrator]` in `pyproject.toml` changes the weight of a rule and excuses single cases:
[The chain](chain.md#policies).
"""


def rules_as_markdown() -> str:
    """All rules, by what they look at."""
    parts = [_HEAD]
    for group, rules in GROUPS.items():
        parts.append(f"## {group}\n")
        parts += [_section(rule) for rule in rules]
    return "\n".join(parts)


def _section(rule: RuleInfo) -> str:
    return (
        f"### {rule.id}\n\n*{rule.severity.value}.* {rule.summary}\n\n"
        f"**Why.** {rule.why}\n\n**Instead.** {_marked(rule.remedy)}\n"
    )


def _marked(remedy: str) -> str:
    """A remedy that is a command, shown as one."""
    return f"`{remedy}`" if remedy.startswith("migrator ") else remedy


if __name__ == "__main__":
    sys.stdout.write(rules_as_markdown())
