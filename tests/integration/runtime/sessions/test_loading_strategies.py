"""How the posts of ten users, and the tags of those, are read: in so many statements."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import Any

import pytest
from playing_sessions import play, statements_of
from sqlalchemy import select
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, raiseload, selectinload

from examples.service.models import Base, Post, Tag, User
from migrator.profiles.model import Profile
from migrator.runtime import Database

USERS = 10
POSTS = 3
EXPECTED = {f"user{number}": [f"post {number}.{each}" for each in range(POSTS)] for number in range(USERS)}

Titles = dict[str, list[str]]
Reading = Callable[[AsyncSession], Awaitable[Titles]]


def titles(users: Any) -> Titles:
    return {user.username: sorted(post.title for post in user.posts) for user in users}


def read(shop: Profile, reading: Reading) -> tuple[Titles, list[str]]:
    """Write ten users with three posts each, two tags a post, and read them in a session of its own."""

    async def scenario(database: Database) -> tuple[Titles, list[str]]:
        async with database.session() as session:
            tags = [Tag(name="new"), Tag(name="old")]
            for name, posts in EXPECTED.items():
                user = User(username=name, email=f"{name}@example.org", display_name=name)
                user.posts = [Post(title=title, tags=tags) for title in posts]
                session.add(user)
        async with database.session() as session:
            with statements_of(database.engine.sync_engine) as seen:
                return await reading(session), seen

    assert iscoroutinefunction(reading)
    return play(shop, scenario)


def test_a_lazy_relation_fails_outside_of_an_await(shop: Profile) -> None:
    """Looking at ``user.posts`` would need a statement, and nothing there can be awaited."""

    async def reading(session: AsyncSession) -> Titles:
        user = (await session.scalars(select(User).limit(1))).one()
        # As it is from asyncpg, within a StatementError from psycopg.
        with pytest.raises((MissingGreenlet, StatementError), match="greenlet_spawn has not been called"):
            _ = user.posts
        return {}

    read(shop, reading)


def test_awaitable_attrs_cost_a_statement_for_each_user(shop: Profile) -> None:
    """1 + N: one for the users, and one for the posts of each of the ten."""

    async def reading(session: AsyncSession) -> Titles:
        users = (await session.scalars(select(User))).all()
        return {user.username: sorted(post.title for post in await user.awaitable_attrs.posts) for user in users}

    assert issubclass(Base, AsyncAttrs)
    found, seen = read(shop, reading)
    assert found == EXPECTED
    assert len(seen) == 1 + USERS


def test_run_sync_allows_lazy_relations_at_the_same_price(shop: Profile) -> None:
    async def reading(session: AsyncSession) -> Titles:
        return await session.run_sync(lambda inner: titles(inner.scalars(select(User)).all()))

    found, seen = read(shop, reading)
    assert found == EXPECTED
    assert len(seen) == 1 + USERS


def test_selectinload_costs_one_more_statement_whatever_the_number(shop: Profile) -> None:
    async def reading(session: AsyncSession) -> Titles:
        return titles(await session.scalars(select(User).options(selectinload(User.posts))))

    found, seen = read(shop, reading)
    assert found == EXPECTED
    assert len(seen) == 2
    assert " IN (" in seen[1]


def test_selectinload_of_two_relations_deep_costs_three(shop: Profile) -> None:
    async def reading(session: AsyncSession) -> Titles:
        query = select(User).options(selectinload(User.posts).selectinload(Post.tags))
        users = (await session.scalars(query)).all()
        assert {len(post.tags) for user in users for post in user.posts} == {2}
        return titles(users)

    found, seen = read(shop, reading)
    assert found == EXPECTED
    assert len(seen) == 3


def test_joinedload_costs_one_statement_and_needs_unique(shop: Profile) -> None:
    """The join has a row for each post; ``unique()`` makes users of them again."""

    async def reading(session: AsyncSession) -> Titles:
        result = await session.scalars(select(User).options(joinedload(User.posts)))
        return titles(result.unique())

    found, seen = read(shop, reading)
    assert found == EXPECTED
    assert len(seen) == 1
    assert "LEFT OUTER JOIN posts" in seen[0]


def test_joinedload_without_unique_is_refused(shop: Profile) -> None:
    async def reading(session: AsyncSession) -> Titles:
        result = await session.scalars(select(User).options(joinedload(User.posts)))
        with pytest.raises(InvalidRequestError, match=r"unique\(\) method must be invoked"):
            result.all()
        return {}

    read(shop, reading)


def test_joinedload_of_one_object_needs_no_unique(shop: Profile) -> None:
    """Many to one: each post has one author, so that no row comes twice."""

    async def reading(session: AsyncSession) -> Titles:
        posts = (await session.scalars(select(Post).options(joinedload(Post.author, innerjoin=True)))).all()
        assert len(posts) == USERS * POSTS
        return {name: sorted(post.title for post in posts if post.author.username == name) for name in EXPECTED}

    found, seen = read(shop, reading)
    assert found == EXPECTED
    assert len(seen) == 1


def test_contains_eager_reads_what_the_query_joins_anyway(shop: Profile) -> None:
    """The relation then has only what the condition leaves."""

    async def reading(session: AsyncSession) -> Titles:
        query = select(User).join(User.posts).where(Post.title == "post 4.1").options(contains_eager(User.posts))
        return titles((await session.scalars(query)).unique())

    found, seen = read(shop, reading)
    assert found == {"user4": ["post 4.1"]}
    assert len(seen) == 1


def test_raiseload_names_what_would_be_loaded(shop: Profile) -> None:
    """For a test or a hot path: instead of a hidden statement, an error that names the relation."""

    async def reading(session: AsyncSession) -> Titles:
        user = (await session.scalars(select(User).options(raiseload("*")).limit(1))).one()
        with pytest.raises(InvalidRequestError, match=r"'User\.posts' is not available due to lazy='raise'"):
            _ = user.posts
        return {}

    assert len(read(shop, reading)[1]) == 1


def test_an_object_that_is_there_is_found_without_a_statement(shop: Profile) -> None:
    async def reading(session: AsyncSession) -> Titles:
        users = (await session.scalars(select(User))).all()
        assert [await session.get(User, user.id) for user in users] == list(users)
        return {}

    assert len(read(shop, reading)[1]) == 1
