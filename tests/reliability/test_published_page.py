"""What is published is what the drivers saw."""

from __future__ import annotations

from reliability.page import PAGE, rendered


def test_the_page_shows_the_present_results() -> None:
    """``python -m reliability.page`` was run after the last results."""
    page = PAGE.read_text(encoding="utf-8")
    assert page == rendered(page)
