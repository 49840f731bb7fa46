"""Schemathesis on the service's own OpenAPI document: whatever is sent, the answer is one that it promises."""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path

import httpx

EXAMPLES = 15
"""For each operation, in each of the phases."""
LEFT_OUT = "allow_header_conformance"
"""A 405's ``Allow`` names the methods of one route; Starlette looks no further."""


def test_no_request_gets_an_answer_that_is_not_in_the_document(client: httpx.Client, tmp_path: Path) -> None:
    """Right and wrong values, their limits one by one, and chains of requests that build on one another."""
    run = subprocess.run(
        [
            f"{sysconfig.get_path('scripts')}/st",
            "run",
            f"{client.base_url}/openapi.json",
            "--checks=all",
            f"--exclude-checks={LEFT_OUT}",
            "--mode=all",
            "--phases=examples,coverage,fuzzing,stateful",
            f"--max-examples={EXAMPLES}",
            "--seed=1",
            "--generation-database=none",
            "--suppress-health-check=all",
            "--no-color",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Tested: 15" in run.stdout
