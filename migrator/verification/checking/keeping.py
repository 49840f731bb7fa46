"""What was found before, kept in ``.migrator/cache/`` for as long as nothing that it depends on changes.

Each answer is a small JSON file, named after its key and written in one move. What cannot be read or understood counts
as nothing: the part is then checked again. A folder that cannot be written to keeps nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from migrator.findings import Finding, Severity
from migrator.verification.checking.reading import unchanged
from migrator.verification.checking.report import CheckedPart, Part, RevisionVerdict

_SCHEMA: Final = "migrator/checked/1"
_MOST: Final = 40
"""Answers that are kept; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """The answers of one project."""

    root: Path

    def find(self, key: str) -> CheckedPart | None:
        """The answer that was kept under a key, if the files that were read for it are as they were."""
        try:
            body = json.loads(self._file(key).read_text(encoding="utf-8"))
            if body["schema"] != _SCHEMA or body["key"] != key or not unchanged(body["read"], root=str(self.root)):
                return None
            return replace(_part(body["part"]), kept_since=datetime.fromisoformat(body["found"]).isoformat())
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def keep(self, key: str, part: CheckedPart, *, read: Mapping[str, str]) -> None:
        """Keep an answer.

        Args:
            key: what it depends on, as :func:`migrator.verification.checking.inputs.key_of` makes it.
            part: the answer, complete.
            read: fingerprints of the further files that it depends on.

        """
        found = datetime.now(UTC).isoformat(timespec="seconds")
        body = {"schema": _SCHEMA, "key": key, "found": found, "read": dict(read), "part": asdict(part)}
        with contextlib.suppress(OSError):
            file = self._file(key)
            file.parent.mkdir(parents=True, exist_ok=True)
            _keep_out_of_git(self.root / ".migrator")
            _write_at_once(file, json.dumps(body, ensure_ascii=False))
            self._drop_oldest()

    def _file(self, key: str) -> Path:
        return self.root / ".migrator" / "cache" / f"check-{key[:32]}.json"

    def _drop_oldest(self) -> None:
        files = sorted((self.root / ".migrator" / "cache").glob("check-*.json"), key=_age, reverse=True)
        for file in files[_MOST:]:
            file.unlink(missing_ok=True)


def _age(file: Path) -> float:
    return file.stat().st_mtime


def _write_at_once(file: Path, text: str) -> None:
    """Whoever reads at the same time finds the old content or the new one."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".check-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            written.write(text)
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _keep_out_of_git(folder: Path) -> None:
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")


def _part(body: Mapping[str, Any]) -> CheckedPart:
    findings = tuple(_findings(body["findings"]))
    return CheckedPart(
        part=Part(body["part"]),
        title=str(body["title"]),
        findings=findings,
        verdicts=tuple(
            RevisionVerdict(
                revision=str(each["revision"]),
                title=str(each["title"]),
                path=str(each["path"]),
                findings=tuple(_findings(each["findings"])),
                not_reached=each["not_reached"],
                seconds=float(each["seconds"]),
            )
            for each in body["verdicts"]
        ),
        notes=tuple(body["notes"]),
    )


def _findings(bodies: list[Mapping[str, Any]]) -> Iterator[Finding]:
    for body in bodies:
        fields = {**body, "severity": Severity(body["severity"]), "related": tuple(body["related"])}
        yield Finding(**fields)
