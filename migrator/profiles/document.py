"""The table of settings as it stands in the docs: ``python -m migrator.profiles.document`` writes it there."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from migrator.profiles.setting import Setting
from migrator.profiles.settings import SETTINGS

PAGE: Final = "docs/profiles.md"
_BEGIN: Final = "<!-- settings: written by python -m migrator.profiles.document -->\n"
_END: Final = "<!-- end of settings -->\n"


def table() -> str:
    """All settings as a Markdown table."""
    rows = [_row(setting) for setting in SETTINGS]
    return "\n".join(("| setting | value | default | meaning |", "|---|---|---|---|", *rows)) + "\n"


def _row(setting: Setting) -> str:
    name = f"`{setting.name}`" + "".join(f"<br>`{alias}`" for alias in setting.aliases)
    value = ", ".join(f"`{choice}`" for choice in setting.choices) or setting.kind.value
    default = f"`{setting.default}`" if setting.default is not None else setting.default_note or "not set"
    return f"| {name} | {value} | {default} | {setting.meaning} |"


def rewrite(page: str) -> str:
    """Return the page with the table as it is now."""
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{table()}\n{_END}{after}"


if __name__ == "__main__":
    _path = Path(__file__).parents[2] / PAGE
    _path.write_text(rewrite(_path.read_text(encoding="utf-8")), encoding="utf-8")
