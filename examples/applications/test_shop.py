"""How a project tests such an application: ``python -m pytest examples/applications``."""

import subprocess
from collections.abc import AsyncIterator, Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.ext.asyncio import AsyncSession

from examples.applications.with_fastapi import app
from migrator.runtime.fastapi import request_session


@pytest.fixture(scope="session")
def serving() -> Iterator[TestClient]:
    """The application on the database that ``MIGRATOR_ENV`` names: an embedded one, or the CI job's own."""
    subprocess.run(["migrator", "upgrade"], check=True)
    with TestClient(app) as client:
        yield client


@pytest.fixture
def client(serving: TestClient) -> Iterator[TestClient]:
    """What the requests of one test commit is taken back at its end."""
    portal = serving.portal
    assert portal is not None
    connection = portal.call(app.state.database.engine.connect().start)
    portal.call(connection.begin)

    async def inside() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(connection, join_transaction_mode="create_savepoint") as session:
            yield session
            await session.commit()

    app.dependency_overrides[request_session] = inside
    yield serving
    app.dependency_overrides.clear()
    portal.call(connection.close)


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_tag_is_new_in_each_test(client: TestClient, attempt: int) -> None:
    """The second attempt would meet the unique constraint."""
    assert client.post("/tags/draft").status_code == 201
    assert client.get("/tags").json() == ["draft"], f"attempt {attempt}"


def test_a_refused_tag_leaves_what_the_test_has_made(client: TestClient) -> None:
    """A request that is rolled back takes back its own work only."""
    assert client.post("/tags/draft").status_code == 201
    assert client.post("/tags/Draft").status_code == 422
    assert client.get("/tags").json() == ["draft"]
