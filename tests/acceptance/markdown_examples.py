"""Reads the runnable examples of a Markdown file, and compares what they promise with what commands print.

An example is a chain of fenced blocks that share a name and a folder of their own, in the order of the file::

    <!-- example: quickstart -->            a ``console`` block: each ``$ `` line is run, what follows it is expected
    <!-- example: quickstart in=repository -->   the first block may start from a copy of this repository's project,
    <!-- example: quickstart in=tests/histories/two_heads -->   or of a folder in it
    <!-- example: quickstart file=app/models.py -->   the block is written to that file
    <!-- not run: why -->                   a ``console`` block that no test can run

In what is expected, ``...`` stands for anything within a line, and a line of just ``...`` for any number of lines. What
differs from run to run by its nature (durations, dates, people and machines, new revision ids, the embedded server's
socket) may differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>example|not run): (?P<text>.*?) -->\n+)?^```(?P<language>\w*)\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)

VARYING = (
    (re.compile(r"\b\d+(?:\.\d+)? (?:ms|s)\b"), "<duration>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d[\d:.+]*"), "<date>"),
    (re.compile(r"(?<!\w)\d{8}_(?=[0-9a-f]{12}_)"), "<day>_"),
    (re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{12}(?![0-9A-Za-z])"), "<revision>"),
    (re.compile(r"\bby (?:\S+ \()?[\w.-]+@[\w.-]+\)?"), "by <somebody>"),
    (re.compile(r"@\[/[^\]]*\]"), "@[<socket>]"),
    (re.compile(r"\bPostgreSQL (\d+)\.\d+"), r"PostgreSQL \1.<minor>"),
)


@dataclass(frozen=True, kw_only=True)
class Block:
    """One fenced block of a page, with what its comment says about it."""

    page: Path
    line: int
    language: str
    body: str
    example: str | None
    excuse: str | None
    start: str | None
    file: str | None

    def commands(self) -> Iterator[tuple[str, list[str]]]:
        """Each command with the lines that it is expected to print."""
        command, expected = None, []
        for line in self.body.splitlines():
            if line.startswith("$ "):
                if command is not None:
                    yield command, expected
                command, expected = line[2:], []
            elif line.startswith("> ") and command is not None and not expected:
                command += "\n" + line[2:]
            else:
                expected.append(line)
        if command is not None:
            yield command, expected


def blocks(page: Path) -> Iterator[Block]:
    """All fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    for match in BLOCK.finditer(text):
        mark, words = match["mark"], (match["text"] or "").split()
        given = dict(word.split("=", 1) for word in words[1:] if "=" in word) if mark == "example" else {}
        yield Block(
            page=page,
            line=text.count("\n", 0, match.start("language")) + 1,
            language=match["language"],
            body=match["body"],
            example=words[0] if mark == "example" else None,
            excuse=match["text"] if mark == "not run" else None,
            start=given.get("in"),
            file=given.get("file"),
        )


def agrees(expected: list[str], printed: str) -> bool:
    """Whether the printed text is what was promised, trailing spaces and empty lines at the end aside."""
    pattern = ""
    for line in _without_varying("\n".join(expected)).splitlines():
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*?".join(re.escape(part) for part in line.rstrip().split("...")) + r"[ ]*\n"
    shown = _without_varying(printed)
    return re.fullmatch(pattern, shown + "\n" if shown else "") is not None


def _without_varying(text: str) -> str:
    """The text with a name in place of each thing that varies."""
    for varying, name in VARYING:
        text = varying.sub(name, text)
    return text.rstrip()
