"""Tags in the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Row, func, select
from sqlalchemy.dialects.postgresql import insert

from examples.service.models import PostTag, Tag
from examples.service.schemas import Slice
from migrator.runtime.fastapi import RequestSession


class TagStore:
    """Tags, through the session of a request."""

    def __init__(self, session: RequestSession) -> None:
        self.session = session

    async def named(self, names: Collection[str]) -> Sequence[Tag]:
        """Tags of these names; those that do not exist yet are made."""
        if not names:
            return []
        # In order: two requests that make the same tags in another order would wait for one another for ever.
        values = [{"name": name} for name in sorted(set(names))]
        await self.session.execute(insert(Tag).values(values).on_conflict_do_nothing(index_elements=["name"]))
        return (await self.session.scalars(select(Tag).where(Tag.name.in_(names)))).all()

    async def page(self, wanted: Slice) -> Sequence[Row[tuple[int, str, int]]]:
        """A page of tags, oldest first, each with the number of its posts."""
        posts = select(func.count()).where(PostTag.tag_id == Tag.id).scalar_subquery().label("posts")
        query = select(Tag.id, Tag.name, posts).where(Tag.id > (wanted.after or 0)).order_by(Tag.id)
        return (await self.session.execute(query.limit(wanted.limit))).all()
