"""Posts in the database, with their authors and tags."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, raiseload, selectinload

from examples.service.models import Post, PostStatus, Tag, User
from examples.service.schemas import NewPost, PostSlice
from examples.service.stores.tags import TagStore
from migrator.runtime.fastapi import RequestSession

# Two statements for a page of any length: posts joined with their authors, then the tags of all of them at once.
SHOWN = (joinedload(Post.author), selectinload(Post.tags), raiseload("*"))


class PostStore:
    """Posts, through the session of a request."""

    def __init__(self, session: RequestSession) -> None:
        self.session = session

    async def draft(self, new: NewPost) -> Post:
        """Add a draft; tags that do not exist yet are made.

        Raises:
            IntegrityError: the author does not exist.

        """
        tags = await TagStore(self.session).named(new.tags)
        post = Post(author_id=new.author_id, title=new.title, body=new.body, tags=list(tags))
        self.session.add(post)
        await self.session.flush()
        await self.session.refresh(post, ["author"])
        return post

    async def find(self, post_id: int) -> Post | None:
        """Find a post."""
        return await self.session.get(Post, post_id, options=SHOWN)

    async def publish(self, post_id: int) -> Post | None:
        """Publish a draft; what is not a draft stays as it is."""
        # Locked: of two clients that publish at once the second one sees the first one's date.
        locked = select(Post).where(Post.id == post_id).options(*SHOWN).with_for_update(of=Post)
        post = await self.session.scalar(locked)
        if post is not None and post.status == PostStatus.DRAFT:
            post.status = PostStatus.PUBLISHED
            post.published_at = datetime.now(UTC)
            await self.session.flush()
        return post

    async def page(self, wanted: PostSlice) -> Sequence[Post]:
        """A page of posts, newest first."""
        query = select(Post).options(*SHOWN).order_by(Post.id.desc()).limit(wanted.limit)
        if wanted.after is not None:
            query = query.where(Post.id < wanted.after)
        if wanted.author is not None:
            query = query.where(Post.author.has(User.username == wanted.author))
        if wanted.tag is not None:
            query = query.where(Post.tags.any(Tag.name == wanted.tag))
        if wanted.status is not None:
            query = query.where(Post.status == wanted.status)
        return (await self.session.scalars(query)).all()
