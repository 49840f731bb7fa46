"""Clients of the example service: what they ask for, and a count of every answer."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from reliability.results import last_words

CREATED, OK = 201, 200
_PATIENCE = 30.0
"""Seconds for an answer; a request that takes longer has failed."""


@dataclass
class Load:
    """What clients asked, and what came back."""

    requests: int = 0
    milliseconds: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)

    @property
    def failed(self) -> int:
        """Requests whose answer was another than the one that belongs to them, or that had none."""
        return self.failures.total()

    def percentile(self, part: float) -> float:
        """The milliseconds that this part of the requests took at most."""
        return sorted(self.milliseconds)[min(len(self.milliseconds) - 1, int(len(self.milliseconds) * part))]


class Client:
    """A user of the service who never waits between two requests."""

    _numbers = count(1)

    def __init__(self, http: httpx.AsyncClient, load: Load) -> None:
        self._http = http
        self._load = load

    async def work(self, ending: asyncio.Event) -> None:
        """Go through the service again and again."""
        while not ending.is_set():
            await self._visit(f"user_{next(self._numbers)}")

    async def _visit(self, name: str) -> None:
        """Everything that one user does: each route of the service once, and the probe of the platform."""
        user = await self._ask("POST", "/users/", CREATED, username=name, email=f"{name}@example.org")
        if user is None:
            return
        await self._ask("GET", f"/users/{name}", OK)
        await self._ask("POST", "/logins/", CREATED, service_type="web", user_id=name, account_id=user["id"])
        await self._ask("POST", f"/logins/web/{name}/use", OK)
        await self._ask("GET", f"/users/{name}/logins", OK)
        draft = {"author_id": user["id"], "title": f"By {name}", "tags": ["python", "sql"]}
        post = await self._ask("POST", "/posts/", CREATED, **draft)
        if post is not None:
            await self._ask("POST", f"/posts/{post['id']}/publish", OK)
            await self._ask("GET", f"/posts/{post['id']}", OK)
        await self._ask("GET", f"/posts/?author={name}", OK)
        await self._ask("GET", "/users/?limit=5", OK)
        await self._ask("GET", "/tags/", OK)
        await self._ask("GET", "/ready", OK)

    async def _ask(self, method: str, path: str, wanted: int, **body: object) -> Any:
        """Send one request, and count what comes of it: None where it is not what is wanted."""
        self._load.requests += 1
        began = time.perf_counter()
        try:
            answer = await self._http.request(method, path, json=body or None)
        except httpx.HTTPError as error:
            self._load.failures[f"{method} {path.rstrip('/').split('/')[1]}: {type(error).__name__}"] += 1
            return None
        self._load.milliseconds.append((time.perf_counter() - began) * 1000)
        if answer.status_code != wanted:
            said = last_words(answer.text)
            self._load.failures[f"{method} {path.split('/')[1]}: {answer.status_code} {said}"] += 1
            return None
        return answer.json()


async def work(address: str, load: Load, clients: int, ending: asyncio.Event) -> None:
    """Let clients work until told to end; each request that was begun is answered or counted as failed."""
    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with (
        httpx.AsyncClient(base_url=address, timeout=_PATIENCE, limits=limits) as http,
        asyncio.TaskGroup() as group,
    ):
        for _ in range(clients):
            group.create_task(Client(http, load).work(ending))
