"""What clients send and get. Accepted is what the columns can hold, so that the database refuses none of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from examples.service.models import PostStatus, Tag

# Ids are BIGINT; beyond 2**53 clients that read JSON's numbers as doubles would see another one.
Id = Annotated[int, Field(ge=1, le=2**53)]
# Clients read the patterns in /openapi.json: no \w and no \s, which mean something else in each language.
# PostgreSQL's text holds any character but NUL. What is indexed must also be short: an entry has at most 2704 bytes.
Username = Annotated[str, StringConstraints(max_length=50, pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$")]
Email = Annotated[str, StringConstraints(max_length=254, pattern=r"^[^@\x00- ]+@[^@\x00- ]+$")]
DisplayName = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]+$")]
ServiceType = Annotated[str, StringConstraints(max_length=30, pattern=r"^[a-z][a-z0-9_-]*$")]
ServiceUserId = Annotated[str, StringConstraints(max_length=255, pattern=r"^[^/\x00]+$")]
Title = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]+$")]
Body = Annotated[str, StringConstraints(max_length=100_000, pattern=r"^[^\x00]*$")]
TagName = Annotated[str, StringConstraints(max_length=50, pattern=r"^[^\x00]+$")]


class NewUser(BaseModel):
    """A registration."""

    username: Username
    email: Email
    display_name: DisplayName | None = Field(default=None, description="Without one the username is shown.")


class NewLogin(BaseModel):
    """A way to log in: the user's id at a service, and whose account it opens."""

    service_type: ServiceType
    user_id: ServiceUserId
    account_id: Id


class NewPost(BaseModel):
    """A draft."""

    author_id: Id
    title: Title
    body: Body = ""
    tags: Annotated[list[TagName], Field(max_length=20)] = []


class Slice(BaseModel):
    """Which part of a list: asked for by the last id that was seen, so that deep pages cost as much as the first."""

    after: Id | None = Field(default=None, description="`next` of the page before.")
    limit: int = Field(default=20, ge=1, le=100, description="How many at most.")

    def next_after(self, items: Sequence[Any]) -> int | None:
        """Where the next page begins: a page that is not full is the last one."""
        return items[-1].id if len(items) == self.limit else None


class PostSlice(Slice):
    """Which posts."""

    author: Username | None = None
    tag: TagName | None = None
    status: PostStatus | None = None


class Shown(BaseModel):
    """Anything that is read from a model's attributes."""

    model_config = ConfigDict(from_attributes=True)


class UserShown(Shown):
    """A user, as everybody may see one."""

    id: int
    username: str
    display_name: str
    created_at: datetime


class LoginShown(Shown):
    """A login record."""

    service_type: str
    user_id: str
    account_id: int
    last_login_at: datetime | None


class PostShown(Shown):
    """A post with its author and the names of its tags."""

    id: int
    title: str
    body: str
    status: PostStatus
    created_at: datetime
    published_at: datetime | None
    author: UserShown
    tags: list[str]

    @field_validator("tags", mode="before")
    @classmethod
    def _names(cls, tags: Iterable[Any]) -> list[str]:
        return sorted(tag.name if isinstance(tag, Tag) else tag for tag in tags)


class TagShown(Shown):
    """A tag, and how many posts carry it."""

    id: int
    name: str
    posts: int


class Page(BaseModel):
    """Where a list goes on."""

    next: int | None = Field(description="Give this as `after` to read on; null at the end.")


class UserPage(Page):
    """Users, oldest first."""

    items: list[UserShown]


class PostPage(Page):
    """Posts, newest first."""

    items: list[PostShown]


class TagPage(Page):
    """Tags, oldest first."""

    items: list[TagShown]


class Problem(BaseModel):
    """Why a request was refused."""

    detail: str


class Conflict(Problem):
    """A request that the rows which are there do not allow."""

    fields: list[str] = Field(description="The fields of the request that are in the way.")


SENT: dict[int | str, dict[str, Any]] = {400: {"model": Problem}, 409: {"model": Conflict}}
"""What may be wrong with something new, apart from its fields: it is no JSON, or what is there does not allow it."""


class Alive(BaseModel):
    """The process answers; nothing is said of the database."""

    status: Literal["alive"] = "alive"


class Ready(BaseModel):
    """Whether requests may come."""

    status: Literal["ready", "not ready"]
    revisions: list[str] = Field(description="Revisions that the database is at.")
    reason: str = ""
