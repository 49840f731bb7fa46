"""The one place where secrets are taken out of anything that is printed."""

from __future__ import annotations

import re

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
