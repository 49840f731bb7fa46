"""Alembic's own settings, read the way Alembic reads them: the ini section first, then ``[tool.alembic]``."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migrator.errors import ConfigurationError

if TYPE_CHECKING:
    from configparser import ConfigParser

SEPARATORS = {"space": " ", "newline": "\n", "os": os.pathsep, ":": ":", ";": ";"}
_INLINE_COMMENT = re.compile(r"\s+[#;].*", re.DOTALL)
_LEGACY_LOCATIONS = re.compile(r", *|(?: +)")
_LEGACY_SYS_PATH = re.compile(r", *|(?: +)|\:")


@dataclass(frozen=True, kw_only=True)
class AlembicSettings:
    """Where the settings come from, and typed access to them."""

    ini: Path | None
    toml: Path | None
    section: str
    parser: ConfigParser
    table: Mapping[str, Any] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The files that were read, for messages."""
        return " and ".join(str(path) for path in (self.ini, self.toml) if path is not None)

    def text(self, name: str, default: str | None = None) -> str | None:
        """A setting as text; the ini wins over the TOML table.

        Raises:
            ConfigurationError: the value cannot be interpolated.

        """
        if self.parser.has_option(self.section, name):
            return self._from_ini(name)
        value = self._from_table(name)
        return default if value is None else str(value)

    def flag(self, name: str) -> bool:
        """A true-or-false setting: the word ``true`` in the ini, a TOML boolean in the table."""
        if self.parser.has_option(self.section, name):
            return _uncommented(self._from_ini(name)) == "true"
        value = self.table.get(name, False)
        if not isinstance(value, bool):
            raise ConfigurationError(
                f"{name} must be true or false in [tool.alembic], not {value!r}.", where=str(self.toml)
            )
        return value

    def number(self, name: str, default: int) -> int:
        """A whole number."""
        value = self.text(name)
        if value is None:
            return default
        try:
            return int(_uncommented(value)) or default
        except ValueError:
            raise ConfigurationError(f"{name} must be a whole number, not {value!r}.", where=self.source) from None

    def version_locations(self) -> tuple[str, ...]:
        """``version_locations`` as written, split by the configured or the legacy separator."""
        return self._paths("version_locations", ("path_separator", "version_path_separator"), _LEGACY_LOCATIONS)

    def prepend_sys_path(self) -> tuple[str, ...]:
        """``prepend_sys_path`` as written, split by the configured or the legacy separator."""
        return self._paths("prepend_sys_path", ("path_separator",), _LEGACY_SYS_PATH)

    def _paths(self, name: str, separator_names: tuple[str, ...], legacy: re.Pattern[str]) -> tuple[str, ...]:
        if self.parser.has_option(self.section, name) and (value := self._from_ini(name)):
            separator = self._separator(separator_names)
            parts = legacy.split(value) if separator is None else value.split(separator)
            return tuple(part.strip() for part in parts if part.strip())
        listed = self._from_table(name)
        if isinstance(listed, str):
            raise ConfigurationError(f"{name} must be a list in [tool.alembic].", where=str(self.toml))
        return tuple(str(part) for part in listed or ())

    def _separator(self, names: tuple[str, ...]) -> str | None:
        for name in names:
            if self.parser.has_option(self.section, name):
                word = _uncommented(self._from_ini(name))
                if word not in SEPARATORS:
                    raise ConfigurationError(
                        f"{name} = {word!r} is not one of {', '.join(SEPARATORS)}.", where=str(self.ini)
                    )
                return SEPARATORS[word]
        return None

    def _from_ini(self, name: str) -> str:
        import configparser

        try:
            return self.parser.get(self.section, name)
        except configparser.InterpolationError as error:
            raise ConfigurationError(
                f"{name} in [{self.section}] cannot be interpolated: {error.message.splitlines()[0]}",
                where=str(self.ini),
                remedy="Write a percent sign that stands for itself as %%.",
            ) from error

    def _from_table(self, name: str) -> Any:
        value = self.table.get(name)
        here = {"here": self.toml.absolute().parent.as_posix()} if self.toml else {}
        try:
            if isinstance(value, str):
                return value % here
            if isinstance(value, list):
                return [part % here if isinstance(part, str) else part for part in value]
        except (KeyError, ValueError, TypeError) as error:
            raise ConfigurationError(
                f"{name} in [tool.alembic] cannot be interpolated: {error}",
                where=str(self.toml),
                remedy="Write a percent sign that stands for itself as %%.",
            ) from error
        return value


def read_settings(*, ini: Path | None, toml: Path | None, section: str) -> AlembicSettings:
    """Read one ini and one ``pyproject.toml``, either of which may be missing.

    Raises:
        ConfigurationError: a file cannot be read or parsed.

    """
    import configparser

    parser = configparser.ConfigParser()
    if ini is not None:
        parser = configparser.ConfigParser({"here": ini.absolute().parent.as_posix()})
        try:
            parser.read_string(_decoded(ini), source=str(ini))
        except (OSError, UnicodeDecodeError, configparser.Error) as error:
            raise ConfigurationError(f"{ini} cannot be read: {error}", where=str(ini)) from error
    return AlembicSettings(
        ini=ini, toml=toml, section=section, parser=parser, table=alembic_table(toml) if toml else {}
    )


def alembic_table(toml: Path) -> Mapping[str, Any]:
    """The ``[tool.alembic]`` table of a ``pyproject.toml``; empty when there is none."""
    return tool_table(toml, "alembic")


def tool_table(toml: Path, name: str) -> Mapping[str, Any]:
    """The ``[tool.<name>]`` table of a ``pyproject.toml``; empty when the file or the table is missing.

    Raises:
        ConfigurationError: the file is no TOML, or the table is something else.

    """
    try:
        content = toml.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    if name.encode() not in content:
        return {}
    import tomllib

    try:
        table = tomllib.loads(content.decode()).get("tool", {}).get(name, {})
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{toml} is not valid TOML: {error}", where=str(toml)) from error
    if not isinstance(table, dict):
        raise ConfigurationError(f"[tool.{name}] must be a table.", where=str(toml))
    return table


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return path.read_text(encoding="locale")


def _uncommented(value: str) -> str:
    """A value without the comment that many old templates put behind it; Alembic's parser keeps those."""
    return _INLINE_COMMENT.sub("", value).strip()
