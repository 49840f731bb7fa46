"""Tags over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from examples.service.schemas import Slice, TagPage
from examples.service.stores.tags import TagStore

router = APIRouter(prefix="/tags", tags=["tags"])


@router.get("/", response_model=TagPage)
async def list_tags(wanted: Annotated[Slice, Query()], tags: Annotated[TagStore, Depends()]) -> Any:
    """List tags, oldest first."""
    items = await tags.page(wanted)
    return {"items": items, "next": wanted.next_after(items)}
