"""What a revision file may say about how it is to be run."""

from __future__ import annotations

import math
from dataclasses import dataclass

from migrator.durations import SPELLING, read_duration


@dataclass(frozen=True, slots=True, init=False)
class RevisionOptions:
    """How carefully one revision is run, where that differs from the profile.

    A revision file declares it once, at its top level::

        from migrator import RevisionOptions

        migrator = RevisionOptions(lock_timeout="5s")

    A length of time is a number of seconds, or a text such as ``"500ms"``, ``"5s"`` or ``"2min"``; it is kept in
    seconds. None leaves a limit to the profile.
    """

    lock_timeout: float | None
    """Seconds that a statement waits for a strong lock on a table; 0 waits without end."""
    statement_timeout: float | None
    """Seconds that a statement may take; 0 is no limit."""
    lock_budget: float | None
    """Seconds that the revision is tried again for the sake of its locks; 0 tries once."""
    victim_budget: float | None
    """Seconds that others may queue behind one waiting statement, summed over their sessions; 0 never cancels it."""
    resumable: bool
    """Whether it may be run again from its start after it was cut half way: it looks for itself what is done."""
    one_way: str | None
    """Why there is no way back; its ``downgrade()`` is not expected to undo anything."""
    loses_data: str | None
    """Why it is acceptable that ``downgrade()`` after ``upgrade()`` does not give every row and value back."""

    def __init__(
        self,
        *,
        lock_timeout: float | str | None = None,
        statement_timeout: float | str | None = None,
        lock_budget: float | str | None = None,
        victim_budget: float | str | None = None,
        resumable: bool = False,
        one_way: str | None = None,
        loses_data: str | None = None,
    ) -> None:
        """Read the lengths of time and the reasons.

        Raises:
            TypeError: a value is neither a number nor a text, ``resumable`` is not True or False, or a reason no text.
            ValueError: a value is no length of time, or a negative one, or a reason says nothing.

        """
        if not isinstance(resumable, bool):
            raise TypeError(f"resumable is {resumable!r}; write True or False")
        # A frozen object takes its values in no other way.
        keep = object.__setattr__
        keep(self, "lock_timeout", _seconds("lock_timeout", lock_timeout))
        keep(self, "statement_timeout", _seconds("statement_timeout", statement_timeout))
        keep(self, "lock_budget", _seconds("lock_budget", lock_budget))
        keep(self, "victim_budget", _seconds("victim_budget", victim_budget))
        keep(self, "resumable", resumable)
        keep(self, "one_way", _reason("one_way", one_way))
        keep(self, "loses_data", _reason("loses_data", loses_data))


def _reason(name: str, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise TypeError(f"{name} is {value!r}; write the reason as a text")
    if not value.strip():
        raise ValueError(f"{name} gives no reason; write why, for whoever reviews it")
    return value.strip()


def _seconds(name: str, value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, str):
        seconds = read_duration(value)
        if seconds is None:
            raise ValueError(f"{name} is {value!r}, which is no length of time; {SPELLING}")
        return seconds
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f'{name} is {value!r}; write a number of seconds, or a text such as "500ms", "5s" or "2min"')
    if not math.isfinite(value) or value < 0:
        raise ValueError(f"{name} is {value!r}; write 0 or a positive number of seconds")
    return float(value)
