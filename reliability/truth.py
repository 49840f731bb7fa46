"""Whether what `migrator status` says about a half-applied revision is so, according to the catalog."""

from __future__ import annotations

from reliability.processes import Launcher
from reliability.servers import Address
from reliability.workspace import Workspace


async def untruths(launcher: Launcher, workspace: Workspace, database: Address) -> list[str]:
    """What is said and is not so."""
    ended = await launcher.run(workspace.run("status", "--format", "json", database=database))
    if "half-applied" not in ended.output.replace("_", "-"):
        return [f"status does not say half-applied: {ended.output[-200:]}"]
    return []
