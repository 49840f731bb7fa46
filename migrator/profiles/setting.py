"""What there is to know about one setting."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a value must look like."""

    TEXT = "text"
    HOST = "host"
    PORT = "port"
    COUNT = "count"
    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"
    FLAG = "true or false"
    CHOICE = "one of"
    FILE = "file"
    URL = "URL"
    SCHEMAS = "schemas"
    COMMAND = "command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One name that a profile understands."""

    name: str
    field: str
    """Attribute of `migrator.profiles.model.Profile`."""
    kind: Kind
    meaning: str
    default: str | None = None
    """As it would be written in a profile file; None: nothing is set."""
    default_note: str | None = None
    """What holds without it, where that depends on other settings."""
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    secret: bool = False
    connection: bool = False
    """Whether it says which server, database or user: what ``DB_URL`` says as a whole."""
    process_only: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The name and its aliases."""
        return (self.name, *self.aliases)
