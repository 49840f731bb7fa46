"""What it proves that something is there or not, after a statement that was to make, drop or rename it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Presence:
    """Where a name was found."""

    first: bool
    """In the place where the statement makes things: the schema that it names, or else the current one."""
    later: bool = False
    """Only in another place that an unqualified name may lead to."""

    def __bool__(self) -> bool:
        return self.first or self.later


def was_created(found: Presence) -> bool:
    """Whether a CREATE took effect: what it makes could not have been in its place before."""
    return found.first


def was_dropped(found: Presence) -> bool | None:
    """Whether a DROP took effect; None when what is left may always have stood behind what is gone."""
    if found.first:
        return False
    return None if found.later else True


def was_renamed(old: Presence, new: Presence) -> bool | None:
    """Whether a RENAME took effect; None when both names are there, or neither is."""
    if bool(old) == bool(new):
        return None
    return bool(new)
