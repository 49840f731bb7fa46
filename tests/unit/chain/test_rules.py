"""The rules as data: named, explained, documented."""

from __future__ import annotations

import re
from pathlib import Path

from migrator.chain.rules.registry import GROUPS, RULES
from migrator.report.rules import rules_as_markdown

PAGE = Path(__file__).parents[3] / "docs" / "rules.md"


def test_ids_are_unique_and_kebab_case() -> None:
    assert len(RULES) == sum(map(len, GROUPS.values()))
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", id_) for id_ in RULES)


def test_every_rule_says_what_why_and_what_instead() -> None:
    for rule in RULES.values():
        assert rule.summary.endswith(".")
        assert rule.why.endswith(".")
        assert rule.remedy


def test_the_documentation_page_is_the_one_that_the_rules_give() -> None:
    assert rules_as_markdown() == PAGE.read_text(encoding="utf-8"), "python -m migrator.report.rules > docs/rules.md"
