"""The one place where secrets are taken out of anything that is printed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

MASK = "***"

_secrets: set[str] = set()
_URL_PASSWORD = re.compile(r"(?P<head>[a-zA-Z][a-zA-Z0-9+.\-]*://[^\s:/@]*:)(?P<secret>[^\s]*)(?=@)")


def remember_secret(secret: str | None) -> None:
    """Make sure that this text is never printed; profiles call it for every secret that they read."""
    if secret:
        _secrets.add(secret)


def redact(text: str) -> str:
    """Mask every remembered secret, and the password of every URL, in a text."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return _URL_PASSWORD.sub(rf"\g<head>{MASK}", text)


def redact_within(value: Any) -> Any:
    """Mask every text in what is about to become JSON: before it is written, while no escape hides a secret."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: redact_within(each) for key, each in value.items()}
    if isinstance(value, Sequence):
        return [redact_within(each) for each in value]
    return value
