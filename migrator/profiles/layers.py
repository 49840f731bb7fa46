"""Where settings can be given, strongest first, and which of the givings counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from migrator.profiles.envfile import EnvFile
from migrator.profiles.model import Origin, OriginKind
from migrator.profiles.problems import Problem
from migrator.profiles.setting import Setting
from migrator.profiles.settings import (
    BY_NAME,
    belongs_here,
    find_file_setting,
    find_setting,
    nearest_setting,
)

FLAG, PROCESS, LOCAL_FILE, FILE = range(4)
"""Layers, strongest first; secret files stand between ``PROCESS`` and ``LOCAL_FILE``, whichever layer names them."""

_SERVICE_LINK = re.compile(r"(tcp|udp)://", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One setting as one layer gives it."""

    value: str
    layer: int
    """The layer in which its name stands."""
    origin: Origin


@dataclass(slots=True)
class Layers:
    """All that was given for one profile; grows layer by layer, then answers which value counts."""

    root: Path
    direct: dict[tuple[str, int], Given] = field(default_factory=dict)
    secret_files: dict[tuple[str, int], Given] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add_flags(self, values: Mapping[str, str]) -> None:
        """Take settings from the command line."""
        self._add(values, FLAG, lambda name: Origin(kind="flag", name=_alias(name)))

    def add_process(self, environ: Mapping[str, str]) -> None:
        """Take the known names out of the process environment; other programs use ``DB_`` too."""
        values = {
            name: value
            for name, value in environ.items()
            if (name in BY_NAME or find_file_setting(name)) and not _is_service_link(name, value)
        }
        self._add(values, PROCESS, lambda name: Origin(kind="process", name=_alias(name)))

    def add_file(self, file: EnvFile, layer: int) -> None:
        """Take a profile file, in which every ``DB_`` and ``MIGRATOR_`` name must be known."""
        self.problems += file.problems
        kind: OriginKind = "local-file" if layer == LOCAL_FILE else "file"
        lines = {}
        values = {}
        for entry in file.entries:
            if problem := _name_problem(entry.name):
                self.problems.append(Problem(message=problem, file=file.shown, line=entry.line))
            elif belongs_here(entry.name):
                values[entry.name] = entry.value
                lines[entry.name] = entry.line
        self._add(values, layer, lambda name: Origin(kind=kind, file=file.shown, line=lines[name], name=_alias(name)))

    def _add(self, values: Mapping[str, str], layer: int, origin: Callable[[str], Origin]) -> None:
        for name, value in values.items():
            setting, table = find_setting(name), self.direct
            if setting is None:
                setting, table = find_file_setting(name), self.secret_files
            if setting is None or value == "":
                continue
            given = Given(value=value, layer=layer, origin=origin(name))
            before = table.get((setting.name, layer))
            if before is not None and before.value != value:
                other = before.origin.name or setting.name
                self.problem(given, f"{name} and {other} are both set and differ; keep {setting.names[0]}")
            table[setting.name, layer] = given

    def problem(self, given: Given, message: str) -> None:
        """Keep what is wrong with something given, with its place."""
        origin = given.origin
        if origin.line is not None:
            self.problems.append(Problem(message=message, file=origin.file, line=origin.line))
        else:
            place = {"flag": "command line", "process": "process environment"}.get(
                origin.kind, f"secret file {origin.file}"
            )
            self.problems.append(Problem(message=message, place=place))

    def strongest(self, setting: Setting, *, down_to: int = FILE) -> Given | None:
        """The value that counts, when no name in a layer weaker than ``down_to`` is looked at."""
        places = range(FLAG, down_to + 1)
        return next(
            (
                given
                for given in (
                    *(self.direct.get((setting.name, layer)) for layer in places if layer <= PROCESS),
                    *(self._read(setting, layer) for layer in places),
                    *(self.direct.get((setting.name, layer)) for layer in places if layer > PROCESS),
                )
                if given is not None
            ),
            None,
        )

    def _read(self, setting: Setting, layer: int) -> Given | None:
        """Read the secret file that one layer names; only called when nothing stronger was given."""
        named = self.secret_files.get((setting.name, layer))
        if named is None or self._is_given_stronger(setting, layer):
            return None
        name = f"{named.origin.name or setting.name + '_FILE'}"
        try:
            text = (self.root / named.value).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            self._report_once(named, f"{name}={named.value} is not UTF-8 text")
            return None
        except (OSError, ValueError) as error:
            self._report_once(
                named, f"{name}={named.value} cannot be read: {getattr(error, 'strerror', None) or error}"
            )
            return None
        value = text.removesuffix("\n").removesuffix("\r")
        if not value:
            self._report_once(named, f"{name}={named.value} is empty")
            return None
        return Given(value=value, layer=layer, origin=Origin(kind="secret-file", file=named.value, name=name))

    def _is_given_stronger(self, setting: Setting, layer: int) -> bool:
        return any((setting.name, stronger) in self.direct for stronger in (FLAG, PROCESS)) or any(
            (setting.name, stronger) in self.secret_files for stronger in range(layer)
        )

    def _report_once(self, given: Given, message: str) -> None:
        count = len(self.problems)
        self.problem(given, message)
        if self.problems[-1] in self.problems[:count]:
            self.problems.pop()

    def in_layer(self, setting: Setting, layer: int) -> Given | None:
        """What one layer gives, as a value or as the name of a secret file (unread)."""
        return self.direct.get((setting.name, layer)) or self.secret_files.get((setting.name, layer))


def _alias(name: str) -> str | None:
    """The name as written, where it is not simply the setting's own."""
    setting = find_setting(name)
    return None if setting is not None and setting.name == name else name


def _name_problem(name: str) -> str | None:
    setting = find_setting(name)
    if setting is not None and setting.process_only:
        return f"{name} chooses the profile and cannot stand in one; set it in the process environment"
    if setting is not None or find_file_setting(name) is not None or not belongs_here(name):
        return None
    near = nearest_setting(name)
    return f"{name} is no setting" + (f"; did you mean {near}?" if near else "; see: migrator profile show")


def _is_service_link(name: str, value: str) -> bool:
    """Kubernetes sets ``DB_PORT=tcp://10.0.0.1:5432`` in every pod when a Service is named ``db``."""
    return name.endswith("_PORT") and _SERVICE_LINK.match(value) is not None
