"""Login records over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException

from examples.service.schemas import SENT, LoginShown, NewLogin, Problem, ServiceType, ServiceUserId
from examples.service.stores.logins import LoginStore

router = APIRouter(prefix="/logins", tags=["logins"])
Logins = Annotated[LoginStore, Depends()]


@router.post("/", status_code=201, response_model=LoginShown, responses=SENT)
async def add_login(new: NewLogin, logins: Logins) -> Any:
    """Add a way to log in."""
    return await logins.add(new)


@router.get("/{service_type}/{user_id}", response_model=LoginShown, responses={404: {"model": Problem}})
async def show_login(service_type: ServiceType, user_id: ServiceUserId, logins: Logins) -> Any:
    """Show a login record."""
    return _found(await logins.find(service_type, user_id))


@router.post("/{service_type}/{user_id}/use", response_model=LoginShown, responses={404: {"model": Problem}})
async def use_login(service_type: ServiceType, user_id: ServiceUserId, logins: Logins) -> Any:
    """Note that somebody logs in now."""
    return _found(await logins.use(service_type, user_id))


def _found(login: Any) -> Any:
    if login is None:
        raise HTTPException(404, "there is no such login record")
    return login
