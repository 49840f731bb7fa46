"""A profile in the making: the values found so far and where each came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from migrator.profiles.layers import Given, Layers
from migrator.profiles.model import Origin
from migrator.profiles.problems import Problem
from migrator.profiles.setting import Setting
from migrator.profiles.settings import BY_NAME


@dataclass(slots=True)
class Draft:
    """Values by attribute of a profile; origins and givings by setting name."""

    layers: Layers
    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)
    given: dict[str, Given] = field(default_factory=dict)
    unusable: set[str] = field(default_factory=set)
    """Settings whose value has a problem already, so that nothing more is said about them."""

    def put(self, setting: Setting, value: Any, given: Given) -> None:
        """Settle the value of one setting."""
        self.values[setting.field] = value
        self.origins[setting.name] = given.origin
        self.given[setting.name] = given

    def drop(self, name: str) -> None:
        """Forget a setting that a stronger layer makes pointless."""
        self.values.pop(BY_NAME[name].field, None)
        self.origins.pop(name, None)
        self.given.pop(name, None)

    def problem(self, name: str, message: str) -> None:
        """Keep what is wrong with the value of one setting, with its place."""
        self.unusable.add(name)
        given = self.given.get(name)
        if given is None:
            self.layers.problems.append(Problem(message=f"{name} {message}"))
        else:
            self.layers.problem(given, f"{given.origin.name or name} {message}")
