"""What README and docs show is run here: each example in a folder of its own, its output compared line by line."""

from __future__ import annotations

import re

import pytest
from example_runs import PAGES, ROOT, example_folder, examples, run_example
from markdown_examples import agrees, blocks


@pytest.mark.parametrize("name", sorted(examples()))
def test_an_example_prints_what_the_page_shows(name: str) -> None:
    """Every command of an example, run in order in one folder, prints what stands below it."""
    with example_folder() as folder:
        for run in run_example(examples()[name], folder):
            place = f"{run.block.page.relative_to(ROOT)}:{run.block.line}"
            assert run.agrees, f"{place}: $ {run.command}\n{run.printed}"


def test_every_console_block_is_run_or_says_why_not() -> None:
    """A page cannot show output that nothing checks."""
    unchecked = [
        f"{block.page.relative_to(ROOT)}:{block.line}"
        for page in PAGES
        for block in blocks(page)
        if block.language == "console" and block.example is None and block.excuse is None
    ]
    assert unchecked == []


def test_every_link_leads_to_a_file() -> None:
    """A relative link in README and docs points at something that exists."""
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


@pytest.mark.parametrize(
    ("expected", "printed", "answer"),
    [
        (["a", "b"], "a\nb\n", True),
        (["a", "...", "d"], "a\nb\nc\nd\n", True),
        (["a", "...", "d"], "a\nd\n", True),
        (["a ... c"], "a b c\n", True),
        (["a"], "a\nb\n", False),
        (["a", "...", "d"], "a\nb\n", False),
        ([], "", True),
        ([], "surprise\n", False),
        (["done in 12 ms"], "done in 1.5 s\n", True),
        (["Generated 3f1c9a7d52e4"], "Generated 0123456789ab\n", True),
        (["Generated 3f1c9a7d52e4"], "Generated head\n", False),
    ],
)
def test_what_is_promised_is_compared_line_by_line(expected: list[str], printed: str, *, answer: bool) -> None:
    """Wildcards match what they stand for, and nothing else goes unseen."""
    assert agrees(expected, printed) is answer
