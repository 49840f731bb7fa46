"""What the two services of `service.py` have in common: all but where a session comes from."""

from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from examples.service.models import Post, User, UserLoginInfo

POOL_SIZE, MAX_OVERFLOW = 10, 0


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    username: str
    email: str
    display_name: str


class TagOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str


class PostOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    tags: list[TagOut]


class LoginIn(BaseModel):
    service_type: str
    user_id: str
    account_id: int


def routes(session_dependency: Any) -> APIRouter:
    """A read of one statement, a read of two, and a write."""
    router = APIRouter()

    @router.get("/users/{username}")
    async def user(username: str, session: session_dependency) -> UserOut:
        found = await session.scalar(select(User).where(User.username == username))
        if found is None:
            raise HTTPException(404, "no such user")
        return UserOut.model_validate(found)

    @router.get("/users/{author_id}/posts")
    async def posts(author_id: int, session: session_dependency) -> list[PostOut]:
        query = select(Post).where(Post.author_id == author_id).options(selectinload(Post.tags)).limit(5)
        return [PostOut.model_validate(each) for each in await session.scalars(query)]

    @router.post("/logins", status_code=201)
    async def login(given: LoginIn, session: session_dependency) -> LoginIn:
        session.add(UserLoginInfo(**given.model_dump()))
        return given

    return router
