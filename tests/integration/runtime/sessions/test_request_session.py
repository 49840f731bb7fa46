"""A session for each request, over a real socket: what a client is told has been committed, and nothing leaks."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from random import Random
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from playing_sessions import OTHERS, PATIENCE, open_transactions, rows, run, until, waits_for_a_lock, words
from session_application import Served, application, serving, writing
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from migrator.database.connecting import connect
from migrator.errors import ConfigurationError
from migrator.profiles.model import Profile
from migrator.runtime.fastapi import RequestSession, request_session

TABLE = "CREATE TABLE marks (word varchar(40), CONSTRAINT one UNIQUE (word) DEFERRABLE INITIALLY DEFERRED)"


@pytest.fixture
def marks(either_database: Profile) -> Profile:
    """A database whose only constraint is checked at the commit."""
    run(either_database, TABLE)
    return either_database


@pytest.fixture
def served(marks: Profile) -> Iterator[Served]:
    with serving(application(marks)) as each:
        yield each


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, timeout=PATIENCE) as each:
        yield each


def test_what_a_client_is_told_is_there(client: httpx.Client, marks: Profile) -> None:
    for number in range(20):
        word = f"{number:02d}"
        assert client.post(f"/marks/{word}").status_code == 201
        assert words(marks)[-1] == word


def test_a_commit_that_fails_is_told_to_the_client(client: httpx.Client, served: Served, marks: Profile) -> None:
    """The second insert succeeds, its commit does not: the commit comes before the response."""
    assert client.post("/marks/one").status_code == 201
    answer = client.post("/marks/one")
    assert (answer.status_code, answer.json()) == (409, {"detail": "taken"})
    assert words(marks) == ["one"]
    assert served.database.pool_figures().checked_out == 0


def test_with_fastapis_own_scope_the_client_is_told_too_much(client: httpx.Client, marks: Profile) -> None:
    """Why `RequestSession` says ``scope="function"``: here a 201 is sent, and then the commit fails."""
    assert client.post("/late/one").status_code == 201
    assert client.post("/late/one").status_code == 201
    assert words(marks) == ["one"]


@pytest.mark.parametrize(("path", "status"), [("/refused/one", 418), ("/broken/one", 500)])
def test_what_an_endpoint_raises_takes_back(
    path: str, status: int, client: httpx.Client, served: Served, marks: Profile
) -> None:
    assert client.post(path).status_code == status
    assert words(marks) == []
    assert served.database.pool_figures().checked_out == 0


def test_a_store_and_its_endpoint_share_the_session(client: httpx.Client, marks: Profile) -> None:
    answer = client.post("/stored/one")
    assert (answer.status_code, answer.json()) == (201, True)
    assert words(marks) == ["one"]


def test_a_client_that_goes_away_leaves_nothing_open(served: Served, marks: Profile) -> None:
    """Uvicorn lets the endpoint end: its work is committed, and its connection comes back."""
    with connect(marks) as blocker:
        blocker.execute("SELECT pg_advisory_lock(1)")
        with socket.create_connection(("127.0.0.1", served.port)) as client:
            client.sendall(b"POST /waits/one HTTP/1.1\r\nhost: shop\r\ncontent-length: 0\r\n\r\n")
            asyncio.run(until(lambda: waits_for_a_lock(marks)))
    asyncio.run(until(lambda: words(marks) == ["one"]))
    asyncio.run(until(lambda: served.database.pool_figures().checked_out == 0))


def test_a_request_that_is_given_up_is_taken_back(client: httpx.Client, served: Served, marks: Profile) -> None:
    """The connection is free at once. The statement may go on alone on the server, which then takes all of it back."""
    with connect(marks) as blocker:
        blocker.execute("SELECT pg_advisory_lock(1)")
        assert client.post("/waits/one", headers={"deadline": "0.3"}).status_code == 504
        asyncio.run(until(lambda: served.database.pool_figures().checked_out == 0))
    asyncio.run(until(lambda: not open_transactions(marks)))
    assert words(marks) == []


def test_the_server_can_be_told_to_notice(client: httpx.Client, marks: Profile) -> None:
    """With ``client_connection_check_interval`` the statement of a request that was given up ends as well."""
    run(marks, f"ALTER DATABASE {marks.database} SET client_connection_check_interval = '100ms'")
    with connect(marks) as blocker:
        blocker.execute("SELECT pg_advisory_lock(1)")
        assert client.post("/waits/one", headers={"deadline": "0.3"}).status_code == 504
        asyncio.run(until(lambda: not waits_for_a_lock(marks)))
    assert words(marks) == []


def test_two_hundred_requests_share_the_pool(marks: Profile) -> None:
    """A third of them is given up at a random moment: never more connections than the pool has, and none is lost."""
    random = Random(3)
    profile = replace(marks, pool_size=5, pool_max_overflow=5, pool_timeout=PATIENCE)

    async def load(served: Served) -> tuple[list[int], int]:
        limits = httpx.Limits(max_connections=200)
        async with httpx.AsyncClient(base_url=served.url, timeout=PATIENCE, limits=limits) as client:

            async def request(number: int) -> int:
                headers = {"deadline": f"{random.random():.3f}"} if number % 3 == 0 else {}
                return (await client.post(f"/slow/{number:03d}", headers=headers)).status_code

            every = asyncio.gather(*[request(number) for number in range(200)])
            most = 0
            while not every.done():
                most = max(most, served.database.pool_figures().checked_out)
                await asyncio.sleep(0.005)
            return await every, most

    with serving(application(profile)) as served:
        statuses, most = asyncio.run(load(served))
        assert most == 10
        assert {*statuses} == {201, 504}
        asyncio.run(until(lambda: served.database.pool_figures().checked_out == 0))
        asyncio.run(until(lambda: not open_transactions(marks)))
        assert len(rows(marks, OTHERS)) <= 10
        assert {f"{number:03d}" for number, status in enumerate(statuses) if status == 201} <= {*words(marks)}
        assert served.database.pool_figures().timeouts == 0
    asyncio.run(until(lambda: rows(marks, OTHERS) == []))


async def talk(app: FastAPI, *said: str) -> list[str]:
    """Speak over a websocket with an application, as a server does."""
    incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    outgoing: list[str] = []

    async def send(message: dict[str, Any]) -> None:
        outgoing.append(str(message.get("text", message["type"])))

    await incoming.put({"type": "websocket.connect"})
    for text in said:
        await incoming.put({"type": "websocket.receive", "text": text})
    await incoming.put({"type": "websocket.disconnect", "code": 1001})
    scope = {"type": "websocket", "path": "/marks", "headers": [], "query_string": b"", "subprotocols": []}
    await app({**scope, "app": app}, incoming.get, send)
    return outgoing


@pytest.mark.parametrize(("said", "kept"), [(("one", "two", "end"), ["one", "two"]), (("one", "two"), [])])
def test_a_websocket_has_one_session(marks: Profile, said: tuple[str, ...], kept: list[str]) -> None:
    """Committed when its endpoint returns; taken back when the other side goes away and the endpoint raises."""
    app = application(marks)

    async def scenario() -> None:
        async with app.router.lifespan_context(app):
            heard = await talk(app, *said)
            assert heard[:3] == ["websocket.accept", "one written", "two written"]
            assert app.state.database.pool_figures().checked_out == 0

    if kept:
        asyncio.run(scenario())
    else:
        with pytest.raises(Exception, match="1001"):
            asyncio.run(scenario())
    assert words(marks) == kept


def test_a_test_may_give_requests_its_own_session(marks: Profile) -> None:
    """``dependency_overrides`` reaches `RequestSession`: here all write in a transaction that is taken back."""
    app = application(marks)

    async def scenario() -> None:
        async with app.router.lifespan_context(app), app.state.database.engine.connect() as connection:
            await connection.begin()

            async def own_session() -> AsyncIterator[AsyncSession]:
                async with AsyncSession(connection, join_transaction_mode="create_savepoint") as session:
                    yield session
                    await session.commit()

            app.dependency_overrides[request_session] = own_session
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
                assert (await client.post("/marks/one")).status_code == 201
            assert (await connection.execute(writing("two"))).rowcount == 1

    asyncio.run(scenario())
    assert words(marks) == []


@pytest.mark.parametrize("given", ["nothing", "an engine"])
def test_an_application_without_database_is_told_what_to_write(given: str) -> None:
    app = FastAPI()
    if given == "an engine":
        app.state.database = create_async_engine("sqlite+aiosqlite://")

    @app.get("/")
    async def ask(session: RequestSession) -> None:
        raise AssertionError(session)

    async def scenario() -> None:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            await client.get("/")

    with pytest.raises(ConfigurationError) as refused:
        asyncio.run(scenario())
    assert "app.state.database = Database.from_env()" in str(refused.value.remedy)
