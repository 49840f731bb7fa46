"""Posts and tags over a real socket: good and bad requests, and what the database holds afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest
from serving import connected, rows, until_blocked

from migrator.profiles.model import Profile


@pytest.fixture
def author(client: httpx.Client) -> dict[str, Any]:
    """A user of the test's own."""
    name = f"author-{uuid4().hex}"
    user: dict[str, Any] = client.post("/users/", json={"username": name, "email": f"{name}@example.com"}).json()
    return user


def draft(client: httpx.Client, author: dict[str, Any], title: str, *tags: str) -> dict[str, Any]:
    answer = client.post("/posts/", json={"author_id": author["id"], "title": title, "tags": tags})
    assert answer.status_code == 201, answer.text
    post: dict[str, Any] = answer.json()
    return post


def test_a_draft_is_stored_with_its_tags(client: httpx.Client, there: Profile, author: dict[str, Any]) -> None:
    post = draft(client, author, "Notes", "sql", "async", "sql")
    assert (post["status"], post["published_at"], post["tags"]) == ("draft", None, ["async", "sql"])
    assert post["author"] == author
    assert client.get(f"/posts/{post['id']}").json() == post
    assert rows(
        there,
        "SELECT name FROM tags JOIN post_tags ON tags.id = tag_id WHERE post_id = %s ORDER BY name",
        post["id"],
    ) == [("async",), ("sql",)]


def test_nothing_of_a_refused_draft_stays(client: httpx.Client, there: Profile) -> None:
    """The tag was made before the author was missed: both were one transaction."""
    refused = client.post("/posts/", json={"author_id": 2**53, "title": "t", "tags": ["only-of-the-refused"]})
    assert (refused.status_code, refused.json()["fields"]) == (409, ["author_id"])
    assert rows(there, "SELECT count(*) FROM tags WHERE name = 'only-of-the-refused'") == [(0,)]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"title": ""}, ["body", "title"]),
        ({"title": "a" * 201}, ["body", "title"]),
        ({"body": "nul \x00"}, ["body", "body"]),
        ({"tags": ["fine", "\x00"]}, ["body", "tags", 1]),
        ({"tags": ["t"] * 21}, ["body", "tags"]),
        ({"author_id": 2**63}, ["body", "author_id"]),
        ({"author_id": 0}, ["body", "author_id"]),
    ],
)
def test_what_no_column_can_hold_is_refused_by_place(
    client: httpx.Client, change: dict[str, Any], place: list[Any]
) -> None:
    refused = client.post("/posts/", json={"author_id": 1, "title": "t", **change})
    assert refused.status_code == 422
    assert [problem["loc"] for problem in refused.json()["detail"]] == [place]


def test_a_published_post_has_a_date_and_keeps_it(client: httpx.Client, there: Profile, author: dict[str, Any]) -> None:
    """The database's CHECK lets no published post be without one."""
    post = draft(client, author, "To be read")
    published = client.post(f"/posts/{post['id']}/publish")
    assert published.status_code == 200
    ((status, date),) = rows(there, "SELECT status, published_at FROM posts WHERE id = %s", post["id"])
    assert (status, date.isoformat().replace("+00:00", "Z")) == ("published", published.json()["published_at"])
    assert client.post(f"/posts/{post['id']}/publish").json() == published.json()


def test_clients_that_publish_at_once_are_told_one_date(client: httpx.Client, author: dict[str, Any]) -> None:
    post = draft(client, author, "Hurried")
    with ThreadPoolExecutor(8) as pool:
        answers = [*pool.map(lambda _: client.post(f"/posts/{post['id']}/publish"), range(16))]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["published_at"] for answer in answers}) == 1


def test_an_archived_post_is_not_published(client: httpx.Client, there: Profile, author: dict[str, Any]) -> None:
    post = draft(client, author, "Old")
    rows(there, "UPDATE posts SET status = 'archived' WHERE id = %s RETURNING id", post["id"])
    refused = client.post(f"/posts/{post['id']}/publish")
    assert (refused.status_code, refused.json()) == (409, {"detail": f"post {post['id']} is archived"})
    assert rows(there, "SELECT published_at FROM posts WHERE id = %s", post["id"]) == [(None,)]


def test_posts_are_found_by_author_tag_and_status(client: httpx.Client, author: dict[str, Any]) -> None:
    first, second = draft(client, author, "One", "found"), draft(client, author, "Two", "found", "second")
    client.post(f"/posts/{first['id']}/publish")

    def found(**query: Any) -> list[int]:
        page = client.get("/posts/", params={"author": author["username"], **query}).json()
        return [post["id"] for post in page["items"]]

    assert found() == [second["id"], first["id"]]
    assert found(tag="second") == [second["id"]]
    assert found(status="published") == [first["id"]]
    assert found(tag="nothing") == []
    assert found(limit=1) == [second["id"]]
    assert found(limit=1, after=second["id"]) == [first["id"]]
    assert client.get("/posts/", params={"status": "lost"}).status_code == 422
    assert client.get("/posts/?tag=%00").status_code == 422


def test_clients_that_make_the_same_tags_in_another_order_do_not_block_one_another(
    client: httpx.Client, there: Profile, author: dict[str, Any]
) -> None:
    """Both come to the tag that somebody else makes; who goes on first must not want what the other has made."""
    with ThreadPoolExecutor(2) as pool, connected(there) as somebody:
        somebody.execute("INSERT INTO tags (name) VALUES ('middle')")
        posts = [
            pool.submit(draft, client, author, "t", *tags) for tags in (("x", "middle", "y"), ("y", "middle", "x"))
        ]
        until_blocked(there, 2)
        somebody.rollback()
        assert [post.result()["tags"] for post in posts] == [["middle", "x", "y"]] * 2
    assert rows(there, "SELECT count(*) FROM tags WHERE name IN ('middle', 'x', 'y')") == [(3,)]


def test_tags_are_listed_with_the_number_of_their_posts(client: httpx.Client, author: dict[str, Any]) -> None:
    for title in ("a", "b"):
        draft(client, author, title, "counted")
    tags: dict[str, int] = {}
    after = None
    while True:
        page = client.get("/tags/", params={"limit": 3, **({"after": after} if after else {})}).json()
        tags |= {tag["name"]: tag["posts"] for tag in page["items"]}
        if (after := page["next"]) is None:
            break
    assert tags["counted"] == 2


@pytest.mark.parametrize(
    ("path", "status"),
    [("/posts/9007199254740992", 404), ("/posts/0", 422), ("/posts/9223372036854775808", 422), ("/posts/x", 422)],
)
def test_a_post_that_is_not_there(client: httpx.Client, path: str, status: int) -> None:
    assert client.get(path).status_code == status
    assert client.post(f"{path}/publish").status_code == status
