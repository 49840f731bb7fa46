"""What ``pg_dump --schema-only`` prints, without what differs from dump to dump."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

from servers import EMBEDDED

from migrator.database.embedded.binaries import installed
from migrator.profiles.model import Profile

_NOT_COMPARED = re.compile(
    r"^(--.*|\\(un)?restrict .*|SET .*|SELECT pg_catalog\.set_config.*|"
    r"ALTER TABLE (ONLY )?\S+ ALTER COLUMN \S+ SET \(pg_attver=\d+\);|\s*)$",
    re.MULTILINE,
)
"""Remarks, settings, tokens of each dump, and a number that some builds of the server give to each new column."""


def conninfo(profile: Profile) -> str:
    return f"host={profile.host} port={profile.port} user={profile.user} dbname={profile.database}"


def dump(profile: Profile, server: str) -> str:
    program = str(installed(EMBEDDED[server]) / "pg_dump") if server in EMBEDDED else "pg_dump"
    command = [program, "--schema-only", "--no-owner", conninfo(profile)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def entries(text: str) -> Iterator[str]:
    """A dump by its entries: each begins with a remark that names it."""
    for entry in text.split("\n--\n-- Name: ")[1:]:
        header, _, body = entry.partition("\n")
        yield header + "\n" + _NOT_COMPARED.sub("", body).strip()
