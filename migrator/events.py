"""What happened during a run, in the past tense. The executor emits these; reports and progress listen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from migrator.chain.model import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """A plan with at least one step was begun."""

    direction: Direction
    steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted:
    """A revision's ``upgrade()`` or ``downgrade()`` was entered."""

    revision: str
    doc: str
    number: int
    """Position in the plan, counted from 1."""
    steps: int
    direction: Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFinished:
    """A revision and its version row were committed."""

    revision: str
    number: int
    steps: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFailed:
    """A revision raised; its transaction was rolled back."""

    revision: str
    number: int
    steps: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished:
    """The last step was committed and the database was read again."""

    applied: int
    seconds: float


Event: TypeAlias = RunStarted | StepStarted | StepFinished | StepFailed | RunFinished
Listener: TypeAlias = Callable[[Event], None]
