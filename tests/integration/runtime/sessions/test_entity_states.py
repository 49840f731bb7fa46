"""The states of an object, in the order of its life: transient, pending, persistent, expired, deleted, detached."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from playing_sessions import play, rows, run, statements_of
from sqlalchemy import inspect
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import DetachedInstanceError

from examples.service.models import User
from migrator.profiles.model import Profile
from migrator.runtime import Database

NAMES = ("transient", "pending", "persistent", "deleted", "detached")


def ada() -> User:
    return User(username="ada", email="ada@example.org", display_name="Ada")


def states(user: User) -> list[str]:
    """What SQLAlchemy says of an object; *expired* is said beside one of the others."""
    state = inspect(user)
    return [name for name in NAMES if getattr(state, name)] + (["expired"] if state.expired else [])


def tell(shop: Profile, story: Callable[[AsyncSession, list[str]], Awaitable[None]]) -> None:
    """Play a story in one session, with the list of its statements."""

    async def scenario(database: Database) -> None:
        async with database.session() as session:
            with statements_of(database.engine.sync_engine) as seen:
                await story(session, seen)

    play(shop, scenario)


def test_a_new_object_is_transient_and_no_session_knows_it(shop: Profile) -> None:
    async def story(session: AsyncSession, seen: list[str]) -> None:
        user = ada()
        assert states(user) == ["transient"]
        assert user not in session
        assert user.id is None
        assert seen == []

    tell(shop, story)
    assert rows(shop, "SELECT username FROM users") == []


def test_an_added_object_is_pending_until_a_flush_writes_it(shop: Profile) -> None:
    async def story(session: AsyncSession, seen: list[str]) -> None:
        user = ada()
        session.add(user)
        assert states(user) == ["pending"]
        assert seen == []  # add() says nothing to the server
        await session.flush()
        assert states(user) == ["persistent"]
        assert len(seen) == 1
        assert seen[0].startswith("INSERT INTO users")
        assert user.id == 1
        assert rows(shop, "SELECT username FROM users") == []  # written, but not committed

    tell(shop, story)
    assert rows(shop, "SELECT username FROM users") == [("ada",)]


def test_a_persistent_object_is_one_object_and_its_changes_are_written(shop: Profile) -> None:
    async def story(session: AsyncSession, seen: list[str]) -> None:
        user = ada()
        session.add(user)
        await session.flush()
        assert await session.get(User, user.id) is user
        assert len(seen) == 1  # get() found it in the session: no statement
        user.display_name = "Countess"
        assert user in session.dirty
        await session.flush()
        assert seen[1].startswith("UPDATE users SET display_name=")

    tell(shop, story)
    assert rows(shop, "SELECT display_name FROM users") == [("Countess",)]


def test_an_expired_object_is_read_again_by_refresh_alone(shop: Profile) -> None:
    """A plain session would read it at the next look; an asynchronous one cannot, and says so."""

    async def story(session: AsyncSession, seen: list[str]) -> None:
        user = ada()
        session.add(user)
        await session.commit()
        await session.refresh(user)
        run(shop, "UPDATE users SET display_name = 'Countess'")
        session.expire(user)
        assert states(user) == ["persistent", "expired"]
        with pytest.raises((MissingGreenlet, StatementError), match="greenlet_spawn has not been called"):
            _ = user.display_name
        before = len(seen)
        await session.refresh(user)
        assert states(user) == ["persistent"]  # not detached: refresh reads, and changes nothing else
        assert user.display_name == "Countess"
        assert len(seen) == before + 1

    tell(shop, story)


def test_a_commit_expires_nothing_here(shop: Profile) -> None:
    """``expire_on_commit=False``: what was committed stays readable, and may be older than the row."""

    async def story(session: AsyncSession, seen: list[str]) -> None:
        user = ada()
        session.add(user)
        await session.commit()
        assert states(user) == ["persistent"]
        run(shop, "UPDATE users SET display_name = 'Countess'")
        assert user.display_name == "Ada"

    tell(shop, story)


def test_a_rollback_expires_what_is_there_and_forgets_what_is_new(shop: Profile) -> None:
    async def story(session: AsyncSession, seen: list[str]) -> None:
        kept, lost = ada(), User(username="bob", email="bob@example.org", display_name="Bob")
        session.add(kept)
        await session.commit()
        session.add(lost)
        await session.flush()
        await session.rollback()
        assert states(kept) == ["persistent", "expired"]
        assert states(lost) == ["transient"]
        assert lost.username == "bob"

    tell(shop, story)
    assert rows(shop, "SELECT username FROM users") == [("ada",)]


async def after_a_delete(session: AsyncSession) -> list[list[str]]:
    """Write an object, delete it, and tell its states after delete(), flush and commit."""
    user = ada()
    session.add(user)
    await session.commit()
    await session.refresh(user, ["id", "username", "logins", "posts"])  # delete() must know what depends on it
    found = []
    for step in (session.delete(user), session.flush(), session.commit()):
        await step
        found.append(states(user))
    assert user.username == "ada"
    return found


@pytest.mark.parametrize(("expires", "last"), [(True, "detached"), (False, "deleted")])
def test_a_deleted_object_is_persistent_until_the_flush(shop: Profile, *, expires: bool, last: str) -> None:
    """The commit detaches it, but only with ``expire_on_commit``: in our sessions it stays *deleted*."""

    async def scenario(database: Database) -> None:
        async with database.session_factory(expire_on_commit=expires) as session:
            assert await after_a_delete(session) == [["persistent"], ["deleted"], [last]]

    play(shop, scenario)
    assert rows(shop, "SELECT username FROM users") == []


def test_close_detaches_and_refresh_does_not(shop: Profile) -> None:
    async def story(session: AsyncSession, seen: list[str]) -> None:
        user = ada()
        session.add(user)
        await session.commit()
        await session.close()
        assert states(user) == ["detached"]
        assert user.display_name == "Ada"  # what was loaded stays readable
        with pytest.raises(DetachedInstanceError):
            _ = user.posts  # what was not, does not come any more
        with pytest.raises(InvalidRequestError, match="is not persistent within this Session"):
            await session.refresh(user)

    tell(shop, story)


def test_a_detached_object_comes_back_by_add_or_as_a_copy_by_merge(shop: Profile) -> None:
    async def scenario(database: Database) -> None:
        async with database.session() as session:
            user = ada()
            session.add(user)
        assert states(user) == ["detached"]
        user.display_name = "Countess"
        async with database.session() as session:
            copy = await session.merge(user)
            assert copy is not user
            assert (states(user), states(copy)) == (["detached"], ["persistent"])
        assert rows(shop, "SELECT display_name FROM users") == [("Countess",)]
        user.display_name = "Lovelace"
        async with database.session() as session:
            session.add(user)
            assert states(user) == ["persistent"]

    play(shop, scenario)
    assert rows(shop, "SELECT display_name FROM users") == [("Lovelace",)]


def test_expunge_detaches_one_object(shop: Profile) -> None:
    async def story(session: AsyncSession, seen: list[str]) -> None:
        user = ada()
        session.add(user)
        await session.flush()
        user.display_name = "never written"
        session.expunge(user)
        assert states(user) == ["detached"]

    tell(shop, story)
    assert rows(shop, "SELECT display_name FROM users") == [("Ada",)]
