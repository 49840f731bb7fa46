"""Posts over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query

from examples.service.models import PostStatus
from examples.service.schemas import SENT, Id, NewPost, PostPage, PostShown, PostSlice, Problem
from examples.service.stores.posts import PostStore

router = APIRouter(prefix="/posts", tags=["posts"])
Posts = Annotated[PostStore, Depends()]


@router.post("/", status_code=201, response_model=PostShown, responses=SENT)
async def draft(new: NewPost, posts: Posts) -> Any:
    """Write a draft."""
    return await posts.draft(new)


@router.get("/", response_model=PostPage)
async def list_posts(wanted: Annotated[PostSlice, Query()], posts: Posts) -> Any:
    """List posts, newest first."""
    items = await posts.page(wanted)
    return {"items": items, "next": wanted.next_after(items)}


@router.get("/{post_id}", response_model=PostShown, responses={404: {"model": Problem}})
async def show_post(post_id: Id, posts: Posts) -> Any:
    """Show a post."""
    return _found(await posts.find(post_id))


@router.post(
    "/{post_id}/publish",
    response_model=PostShown,
    responses={404: {"model": Problem}, 409: {"model": Problem}},
)
async def publish(post_id: Id, posts: Posts) -> Any:
    """Publish a draft. A post that is published already keeps its date; an archived one stays archived."""
    post = _found(await posts.publish(post_id))
    if post.status != PostStatus.PUBLISHED:
        raise HTTPException(409, f"post {post_id} is {post.status}")
    return post


def _found(post: Any) -> Any:
    if post is None:
        raise HTTPException(404, "there is no such post")
    return post
