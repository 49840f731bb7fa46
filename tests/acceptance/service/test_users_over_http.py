"""Users and login records over a real socket: good and bad requests, and what the database holds afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from serving import rows

from migrator.profiles.model import Profile


def register(client: httpx.Client, name: str, **fields: Any) -> httpx.Response:
    return client.post("/users/", json={"username": name, "email": f"{name}@example.com", **fields})


def test_a_registered_user_is_stored_and_found_by_name(client: httpx.Client, there: Profile) -> None:
    answer = register(client, "ada", display_name="Ada Lovelace")
    assert answer.status_code == 201
    assert rows(there, "SELECT id, email, display_name FROM users WHERE username = 'ada'") == [
        (answer.json()["id"], "ada@example.com", "Ada Lovelace")
    ]
    assert client.get("/users/ada").json() == answer.json()
    assert "email" not in answer.json()


def test_without_a_display_name_the_username_is_shown(client: httpx.Client) -> None:
    assert register(client, "yusin").json()["display_name"] == "yusin"
    register(client, "yusin.2", display_name="김유신")
    assert client.get("/users/yusin.2").json()["display_name"] == "김유신"


@pytest.mark.parametrize(("again", "field"), [({"email": "x@example.com"}, "username"), ({"username": "x"}, "email")])
def test_what_is_taken_is_refused_and_named(
    client: httpx.Client, there: Profile, again: dict[str, str], field: str
) -> None:
    name = f"taken-{field}"
    assert register(client, name).status_code == 201
    refused = register(client, **{"name": name, **again})
    assert (refused.status_code, refused.json()["fields"]) == (409, [field])
    assert refused.json()["detail"] == f"{field} is taken already"
    assert rows(there, "SELECT count(*) FROM users WHERE email IN (%s, 'x@example.com')", f"{name}@example.com") == [
        (1,)
    ]


def test_of_clients_that_register_the_same_name_at_once_one_succeeds(client: httpx.Client, there: Profile) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = [*pool.map(lambda number: register(client, "race", email=f"{number}@race.example"), range(16))]
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 15]
    assert rows(there, "SELECT count(*) FROM users WHERE username = 'race'") == [(1,)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"username": "nul\\u0000", "email": "a@b"}', "username"),
        (b'{"username": "lone", "email": "\\ud800@b"}', "email"),
        (b'{"username": "nan", "email": NaN}', "email"),
        (b'{"username": "with/slash", "email": "a@b"}', "username"),
        (b'{"username": "..", "email": "a@b"}', "username"),
        (b'{"username": "' + b"a" * 51 + b'", "email": "a@b"}', "username"),
        (b'{"username": "long", "email": "' + b"a" * 254 + b'@b"}', "email"),
        (b'{"username": "nul2", "email": "nul2@b", "display_name": "\\u0000"}', "display_name"),
        (b'{"email": "a@b"}', "username"),
    ],
)
def test_what_no_column_can_hold_is_refused_by_name(
    client: httpx.Client, there: Profile, body: bytes, field: str
) -> None:
    before = rows(there, "SELECT count(*) FROM users")
    refused = client.post("/users/", content=body, headers={"content-type": "application/json"})
    assert refused.status_code == 422
    assert [problem["loc"] for problem in refused.json()["detail"]] == [["body", field]]
    assert rows(there, "SELECT count(*) FROM users") == before


def test_the_longest_values_that_are_accepted_fit_their_columns_and_indexes(
    client: httpx.Client, there: Profile
) -> None:
    """Four bytes a character, and random ones: an index compresses what repeats."""
    from random import Random

    random = Random(7)

    def wide(length: int) -> str:
        return "".join(chr(random.randrange(0x20000, 0x2A6D0)) for _ in range(length))

    user = {"username": "u" * 50, "email": f"{wide(250)}@{wide(3)}", "display_name": wide(200)}
    answer = client.post("/users/", json=user)
    assert answer.status_code == 201, answer.text
    login = {"service_type": "a" * 30, "user_id": wide(255), "account_id": answer.json()["id"]}
    assert client.post("/logins/", json=login).status_code == 201
    post = {"author_id": answer.json()["id"], "title": wide(200), "body": wide(1000), "tags": [wide(50)]}
    assert client.post("/posts/", json=post).status_code == 201
    assert rows(there, "SELECT email FROM users WHERE username = %s", user["username"]) == [(user["email"],)]


def test_an_unknown_user_is_not_found(client: httpx.Client) -> None:
    missing = client.get("/users/nobody")
    assert (missing.status_code, missing.json()) == (404, {"detail": "there is no user nobody"})
    assert client.get("/users/nobody/logins").status_code == 404


def test_users_are_listed_in_pages_that_neither_repeat_nor_miss_one(client: httpx.Client, there: Profile) -> None:
    for number in range(5):
        register(client, f"paged-{number}")
    seen, after = [], None
    while True:
        page = client.get("/users/", params={"limit": 2, **({"after": after} if after else {})}).json()
        seen += [user["id"] for user in page["items"]]
        assert len(page["items"]) <= 2
        if (after := page["next"]) is None:
            break
    assert seen == [number for (number,) in rows(there, "SELECT id FROM users ORDER BY id")]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "after=0", "after=9223372036854775808", "after=x"])
def test_a_page_that_cannot_be_is_refused(client: httpx.Client, query: str) -> None:
    assert client.get(f"/users/?{query}").status_code == 422


def test_a_login_record_has_a_composite_key(client: httpx.Client, there: Profile) -> None:
    account = register(client, "logger").json()["id"]
    for service, user_id in (("github", "7"), ("google", "7"), ("google", "auth0|8")):
        new = {"service_type": service, "user_id": user_id, "account_id": account}
        assert client.post("/logins/", json=new).status_code == 201
    again = client.post("/logins/", json={"service_type": "google", "user_id": "7", "account_id": account})
    assert (again.status_code, again.json()["fields"]) == (409, ["service_type", "user_id"])

    listed = client.get("/users/logger/logins").json()
    assert [(each["service_type"], each["user_id"]) for each in listed] == [
        ("github", "7"),
        ("google", "7"),
        ("google", "auth0|8"),
    ]
    assert rows(there, "SELECT count(*) FROM user_login_info WHERE account_id = %s", account) == [(3,)]


def test_a_login_is_noted_with_its_time(client: httpx.Client, there: Profile) -> None:
    account = register(client, "comer").json()["id"]
    client.post("/logins/", json={"service_type": "sso", "user_id": "c|1", "account_id": account})
    assert client.get("/logins/sso/c%7C1").json()["last_login_at"] is None
    used = client.post("/logins/sso/c%7C1/use")
    assert used.status_code == 200
    ((when,),) = rows(there, "SELECT last_login_at FROM user_login_info WHERE user_id = 'c|1'")
    assert used.json()["last_login_at"] == when.isoformat().replace("+00:00", "Z")


def test_a_login_of_an_account_that_is_not_there_is_refused(client: httpx.Client, there: Profile) -> None:
    refused = client.post("/logins/", json={"service_type": "sso", "user_id": "orphan", "account_id": 2**53})
    assert (refused.status_code, refused.json()["fields"]) == (409, ["account_id"])
    assert rows(there, "SELECT count(*) FROM user_login_info WHERE user_id = 'orphan'") == [(0,)]
    assert client.get("/logins/sso/orphan").status_code == 404
    assert client.post("/logins/sso/orphan/use").status_code == 404
