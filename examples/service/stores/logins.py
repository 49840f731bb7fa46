"""Login records in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select

from examples.service.models import User, UserLoginInfo
from examples.service.schemas import NewLogin
from migrator.runtime.fastapi import RequestSession


class LoginStore:
    """Login records, through the session of a request. Their key is the pair of service and the user's id there."""

    def __init__(self, session: RequestSession) -> None:
        self.session = session

    async def add(self, new: NewLogin) -> UserLoginInfo:
        """Add a way to log in.

        Raises:
            IntegrityError: the pair is taken, or the account does not exist.

        """
        login = UserLoginInfo(service_type=new.service_type, user_id=new.user_id, account_id=new.account_id)
        self.session.add(login)
        await self.session.flush()
        return login

    async def find(self, service_type: str, user_id: str) -> UserLoginInfo | None:
        """Find a record by its composite key."""
        return await self.session.get(UserLoginInfo, (service_type, user_id))

    async def use(self, service_type: str, user_id: str) -> UserLoginInfo | None:
        """Note that somebody logs in at this moment."""
        login = await self.session.get(UserLoginInfo, (service_type, user_id))
        if login is not None:
            login.last_login_at = datetime.now(UTC)
            await self.session.flush()
        return login

    async def of(self, user: User) -> Sequence[UserLoginInfo]:
        """All ways in which a user logs in."""
        found = await self.session.scalars(
            select(UserLoginInfo)
            .where(UserLoginInfo.account_id == user.id)
            .order_by(UserLoginInfo.service_type, UserLoginInfo.user_id)
        )
        return found.all()
