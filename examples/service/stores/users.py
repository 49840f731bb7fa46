"""Users in the database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from examples.service.models import User
from examples.service.schemas import NewUser, Slice
from migrator.runtime.fastapi import RequestSession


class UserStore:
    """Users, through the session of a request."""

    def __init__(self, session: RequestSession) -> None:
        self.session = session

    async def register(self, new: NewUser) -> User:
        """Add a user.

        Raises:
            IntegrityError: the username or the email is taken.

        """
        user = User(username=new.username, email=new.email, display_name=new.display_name or new.username)
        self.session.add(user)
        await self.session.flush()
        return user

    async def by_username(self, username: str) -> User | None:
        """Find a user by name."""
        return await self.session.scalar(select(User).where(User.username == username))

    async def page(self, wanted: Slice) -> Sequence[User]:
        """A page of users, oldest first."""
        query = select(User).where(User.id > (wanted.after or 0)).order_by(User.id).limit(wanted.limit)
        return (await self.session.scalars(query)).all()
