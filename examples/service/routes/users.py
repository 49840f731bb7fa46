"""Users over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query

from examples.service.models import User
from examples.service.schemas import SENT, LoginShown, NewUser, Problem, Slice, Username, UserPage, UserShown
from examples.service.stores.logins import LoginStore
from examples.service.stores.users import UserStore

router = APIRouter(prefix="/users", tags=["users"])
Users = Annotated[UserStore, Depends()]


async def known_user(username: Username, users: Users) -> User:
    """The user that the path names; 404 when there is none."""
    user = await users.by_username(username)
    if user is None:
        raise HTTPException(404, f"there is no user {username}")
    return user


@router.post("/", status_code=201, response_model=UserShown, responses=SENT)
async def register(new: NewUser, users: Users) -> Any:
    """Register a user."""
    return await users.register(new)


@router.get("/", response_model=UserPage)
async def list_users(wanted: Annotated[Slice, Query()], users: Users) -> Any:
    """List users, oldest first."""
    items = await users.page(wanted)
    return {"items": items, "next": wanted.next_after(items)}


@router.get("/{username}", response_model=UserShown, responses={404: {"model": Problem}})
async def show_user(user: Annotated[User, Depends(known_user)]) -> Any:
    """Show a user."""
    return user


@router.get("/{username}/logins", response_model=list[LoginShown], responses={404: {"model": Problem}})
async def list_logins(user: Annotated[User, Depends(known_user)], logins: Annotated[LoginStore, Depends()]) -> Any:
    """List the ways in which a user logs in."""
    return await logins.of(user)
