"""Another process that starts a server, and what it found."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

START = """
import json, sys
from pathlib import Path
from migrator.database.embedded import ensure_running
server = ensure_running(Path(sys.argv[1]), int(sys.argv[2]))
print(json.dumps([server.pid, str(server.data), str(server.socket_dir)]))
"""


def result_of(process: subprocess.Popen[str]) -> tuple[int, Path, Path]:
    """Pid, data and socket folder that a process found."""
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    pid, data, sockets = json.loads(output)
    return pid, Path(data), Path(sockets)
