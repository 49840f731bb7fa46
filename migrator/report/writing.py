"""What was written into the project, or would be: scaffolds, revision files and moved revisions, as text and JSON."""

from __future__ import annotations

import json

from migrator.chain.scaffold import Scaffold, adopted_style, wiring


def scaffold_as_text(scaffold: Scaffold, *, dry_run: bool) -> str:
    """List the files of a scaffold and say what to type next."""
    verb = "Would create" if dry_run else "Created"
    lines = [f"{verb} {name}" for name, _ in scaffold.files]
    if scaffold.ignored:
        lines.append(f"{'Would add' if dry_run else 'Added'} to .gitignore: {'  '.join(scaffold.ignored)}")
    if scaffold.env_py is not None:
        lines += [
            "",
            f"{scaffold.env_py} stays as it is: `migrator` makes it use the profile's connection.",
            "For plain `alembic` to use the profile as well, these three lines belong into it:",
            *(f"    {line}" for line in wiring(adopted_style(scaffold))),
        ]
    if not dry_run:
        following = (
            "edit env_profiles/local.env, then: migrator profile check && migrator status"
            if scaffold.env_py
            else 'set target_metadata in env.py, then: migrator revision --autogenerate -m "..." && migrator upgrade'
        )
        lines += ["", f"Next: {following}"]
    return "\n".join(lines)


def scaffold_as_json(scaffold: Scaffold, *, dry_run: bool) -> str:
    """Give the same for a program."""
    return json.dumps(
        {
            "schema": "migrator/init/1",
            "dry_run": dry_run,
            "root": str(scaffold.root),
            "created": [name for name, _ in scaffold.files],
            "gitignore": list(scaffold.ignored),
            "env_py": None if scaffold.env_py is None else str(scaffold.env_py),
            "env_py_lines": [] if scaffold.env_py is None else list(wiring(adopted_style(scaffold))),
        },
        ensure_ascii=False,
    )
