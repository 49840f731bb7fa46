"""Whatever is sent, the answer is one that the service's own OpenAPI document promises: never a 500."""

from __future__ import annotations

import json
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

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


BODIES: dict[str, dict[str, Any]] = {
    "/users/": {"username": "hostile", "email": "hostile@example.com", "display_name": "x"},
    "/logins/": {"service_type": "hostile", "user_id": "x", "account_id": 1},
    "/posts/": {"author_id": 1, "title": "x", "body": "x", "tags": ["x"]},
}
TEXTS = ["", " ", "\x00", "a\x00", "a\nb", "\ud800", "\U0010ffff", "\u202e", "%", "'; --", "a/b", "..", "a" * 10_000]
NUMBERS = [-(2**63) - 1, -1, 0, 2**31, 2**53 + 1, 2**63, 2**64, 10**400, 1.5, 1e308]
OTHERS: list[Any] = [None, True, [], {}, [None], float("nan"), float("inf"), "9" * 30]


def hostile_bodies(body: dict[str, Any]) -> Iterator[bytes]:
    """The body with each field in turn replaced by each value; what JSON forbids and Python writes is left in."""
    for field, right in body.items():
        for value in (*TEXTS, *NUMBERS, *OTHERS):
            yield json.dumps({**body, field: value}).encode()
            if isinstance(right, list):
                yield json.dumps({**body, field: [value]}).encode()
    yield from (b"", b"\xff", b"[" * 100_000, b"1" * 5000, b"null", b'"text"')


def test_no_field_can_be_filled_with_something_that_breaks_the_service(client: httpx.Client) -> None:
    """Each field of each body, one by one: generated data seldom has a NUL in the one field that forgot it."""
    operations = client.get("/openapi.json").json()["paths"]
    assert {path for path, methods in operations.items() if "requestBody" in methods.get("post", {})} == BODIES.keys()
    for path, body in BODIES.items():
        for content in hostile_bodies(body):
            answer = client.post(path, content=content, headers={"content-type": "application/json"})
            assert answer.status_code in (201, 400, 409, 422), (path, content[:200], answer.text)


def test_no_parameter_can_be_filled_with_something_that_breaks_the_service(client: httpx.Client) -> None:
    """Each parameter of each operation, in the path and in the query."""
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            for parameter in operation.get("parameters", []):
                for value in (*TEXTS, *map(str, NUMBERS)):
                    sent = quote(value, safe="", errors="surrogatepass")
                    given = {"path": {parameter["name"]: sent}, "query": {}}[parameter["in"]]
                    place = path.format_map(Filled(given))
                    query = f"?{parameter['name']}={sent}" if parameter["in"] == "query" else ""
                    answer = client.request(method, place + query, follow_redirects=True)
                    assert answer.status_code < 500, (method, place + query, answer.text)


class Filled(dict[str, str]):
    """Values of a path's parameters; those that are not given are ``1``."""

    def __missing__(self, _name: str) -> str:
        return "1"
