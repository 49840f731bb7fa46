"""A page of posts takes two statements, however long it is: the server itself is asked what it was asked."""

from __future__ import annotations

from pathlib import Path

import httpx
from serving import Service, migrated, rows, service_project

from migrator.profiles.model import Profile

MANY = """
WITH author AS (
    INSERT INTO users (username, email, display_name)
    SELECT 'u' || n, 'u' || n || '@example.com', 'u' || n FROM generate_series(1, 50) n RETURNING id
), tag AS (
    INSERT INTO tags (name) SELECT 't' || n FROM generate_series(1, 5) n RETURNING id
), post AS (
    INSERT INTO posts (author_id, title) SELECT id, 'p' || id FROM author RETURNING id
)
INSERT INTO post_tags (post_id, tag_id) SELECT post.id, tag.id FROM post CROSS JOIN tag RETURNING post_id
"""


def selects_of(service: Service, client: httpx.Client, path: str) -> int:
    """How many SELECTs a request took: the service logs its statements, and its next request's end is the mark."""
    client.get("/tags/?after=4711")
    service.says("FROM tags")
    service.says("COMMIT")
    answer = client.get(path)
    assert answer.status_code == 200
    mark = len(service.said)
    service.says("COMMIT")
    return sum("Engine SELECT" in line for line in service.said[mark:])


def test_a_page_of_posts_takes_two_statements_whatever_its_length(local_database: Profile, tmp_path: Path) -> None:
    project = migrated(service_project(tmp_path / "project", local_database))
    project.use(local_database, DB_ECHO="true")
    rows(local_database, MANY)
    with Service(project) as service, service.serving() as client:
        assert len(client.get("/posts/?limit=50").json()["items"]) == 50
        assert selects_of(service, client, "/posts/?limit=1") == 2
        assert selects_of(service, client, "/posts/?limit=50") == 2
        assert selects_of(service, client, "/posts/?limit=50&tag=t1&author=u7") == 2
        assert selects_of(service, client, "/posts/1") == 2
        assert selects_of(service, client, "/users/u1") == 1
