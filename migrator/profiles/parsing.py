"""From the text of a setting to its value; what does not fit raises ``ValueError`` with what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from migrator.durations import SPELLING, read_duration
from migrator.profiles.address import parse_address
from migrator.profiles.setting import Kind, Setting

_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})
_HIGHEST_PORT = 65535


def parse(setting: Setting, text: str) -> Any:
    """Return the value of a setting.

    Args:
        setting: what the text is for.
        text: as written, not empty.

    Raises:
        ValueError: it does not fit; the message goes on after the setting's name ("is ...", "holds ...") and never
            quotes a secret.

    """
    return _PARSERS.get(setting.kind, _as_it_is)(setting, text)


def _as_it_is(_: Setting, text: str) -> str:
    if "\0" in text:
        raise ValueError("holds a NUL character")
    return text


def _number(setting: Setting, text: str) -> int:
    if not re.fullmatch(r"\d+", text.strip(), re.ASCII):
        raise ValueError(f"is {_quoted(setting, text)}, not a whole number")
    return int(text)


def _port(setting: Setting, text: str) -> int:
    port = _number(setting, text)
    if not 0 < port <= _HIGHEST_PORT:
        raise ValueError(f"is {port}, which is no port; ports go from 1 to {_HIGHEST_PORT}")
    return port


def _flag(setting: Setting, text: str) -> bool:
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        raise ValueError(f"is {_quoted(setting, text)}, neither true nor false")
    return word in _TRUE


def _choice(setting: Setting, text: str) -> str:
    import difflib

    word = text.strip().lower()
    if word in setting.choices:
        return word
    near = difflib.get_close_matches(word, setting.choices, n=1)
    hint = f"; did you mean {near[0]}?" if near else f"; use one of {', '.join(setting.choices)}"
    raise ValueError(f"is {_quoted(setting, text)}, which is not known{hint}")


def _seconds(setting: Setting, text: str) -> float:
    return _duration(setting, text, 1.0)


def _milliseconds(setting: Setting, text: str) -> int:
    return round(_duration(setting, text, 0.001) * 1000)


def _duration(setting: Setting, text: str, bare: float) -> float:
    seconds = read_duration(text, bare=bare)
    if seconds is None:
        raise ValueError(f"is {_quoted(setting, text)}, which is no length of time; {SPELLING}")
    return seconds


def _host(setting: Setting, text: str) -> str:
    host = text.strip()
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    if host.startswith("/"):
        return host
    if "://" in host or "/" in host or "@" in host:
        raise ValueError(f"is {_quoted(setting, text)}, which is no host name; a whole address belongs into DB_URL")
    if host.count(":") == 1:
        port = setting.name.replace("HOST", "PORT")
        raise ValueError(
            f"is {_quoted(setting, text)}, host and port; write {setting.name}={host.split(':')[0]} and {port}=..."
        )
    if "," in host or any(character.isspace() for character in host):
        raise ValueError(f"is {_quoted(setting, text)}, which is not one host name")
    return host


def _schemas(setting: Setting, text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if not all(names):
        raise ValueError(f"is {_quoted(setting, text)}, which holds an empty name")
    return names


def _command(_: Setting, text: str) -> str:
    import shlex

    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ValueError(f"cannot be split into words: {error}") from None
    if not words:
        raise ValueError("is an empty command")
    return text


def _url(setting: Setting, text: str) -> str:
    parse_address(text)
    return _as_it_is(setting, text)


def _quoted(setting: Setting, text: str) -> str:
    return "set" if setting.secret else repr(text)


_PARSERS: Final[dict[Kind, Callable[[Setting, str], Any]]] = {
    Kind.PORT: _port,
    Kind.COUNT: _number,
    Kind.FLAG: _flag,
    Kind.CHOICE: _choice,
    Kind.SECONDS: _seconds,
    Kind.MILLISECONDS: _milliseconds,
    Kind.HOST: _host,
    Kind.SCHEMAS: _schemas,
    Kind.COMMAND: _command,
    Kind.URL: _url,
}
