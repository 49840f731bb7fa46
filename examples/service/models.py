"""The tables of the example service, as SQLAlchemy sees them.

``migrations/versions/`` builds exactly these; ``migrator check`` fails when the two drift apart.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Enum,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

# Without names, autogenerate cannot drop a constraint again.
NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(AsyncAttrs, DeclarativeBase):
    """The registry of all models; its metadata is what ``migrations/env.py`` hands to Alembic.

    ``await user.awaitable_attrs.posts`` loads a relation that its query has left out.
    """

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


class PostStatus(StrEnum):
    """Where a post is in its life; the PostgreSQL type ``post_status`` has the same values."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class User(Base):
    """A person with an account."""

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("username"), UniqueConstraint("email"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    username: Mapped[str] = mapped_column(String(50))
    email: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    display_name: Mapped[str] = mapped_column(Text)

    logins: Mapped[list[UserLoginInfo]] = relationship(back_populates="account")
    posts: Mapped[list[Post]] = relationship(back_populates="author")


class UserLoginInfo(Base):
    """One way in which a user logs in: a service, and the user's id at that service."""

    __tablename__ = "user_login_info"

    service_type: Mapped[str] = mapped_column(String(30), primary_key=True)
    user_id: Mapped[str] = mapped_column(Text, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    last_login_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    account: Mapped[User] = relationship(back_populates="logins")


class Post(Base):
    """Something that a user wrote."""

    __tablename__ = "posts"
    __table_args__ = (
        CheckConstraint("status <> 'published' OR published_at IS NOT NULL", name="published_has_date"),
        Index(None, "author_id", "created_at"),
        Index("ix_posts_published", "published_at", postgresql_where=text("status = 'published'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text, server_default="")
    status: Mapped[PostStatus] = mapped_column(
        Enum(PostStatus, name="post_status", values_callable=lambda members: [member.value for member in members]),
        server_default=PostStatus.DRAFT.value,
    )
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    author: Mapped[User] = relationship(back_populates="posts")
    tags: Mapped[list[Tag]] = relationship(secondary="post_tags", back_populates="posts")


class Tag(Base):
    """A word that posts can be found by."""

    __tablename__ = "tags"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(String(50))

    posts: Mapped[list[Post]] = relationship(secondary="post_tags", back_populates="tags")


class PostTag(Base):
    """Which post carries which tag."""

    __tablename__ = "post_tags"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True, index=True)


class AuthorActivity(Base):
    """How much an author wrote on a day; the reporting team's own table."""

    __tablename__ = "author_activity"

    author_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    posts: Mapped[int] = mapped_column(Integer, server_default="0")
