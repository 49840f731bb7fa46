"""Making sure that the secrets of a profile are masked in whatever a driver or a traceback says."""

from __future__ import annotations

from urllib.parse import quote

from migrator.profiles.address import parse_address
from migrator.profiles.model import Profile, Secret
from migrator.redaction import remember_secret

_SHORTEST = 3
"""Masking shorter texts everywhere would make messages unreadable and hide nothing worth guessing."""


def remember_secrets(profile: Profile) -> None:
    """Register password and addresses of a profile."""
    public = {profile.user, profile.database, profile.host, profile.name, profile.dialect, profile.driver, "migrator"}
    for secret in (profile.password, profile.migration_url, profile.scratch_url):
        if secret is not None:
            remember(secret, public=public)
    for url in (profile.migration_url, profile.scratch_url):
        if url is not None:
            password = parse_address(url.reveal()).password
            if password is not None:
                remember(Secret(password), public=public)


def remember(secret: Secret, *, public: set[str | None] | None = None) -> None:
    """Register one secret as it is, and as URLs, JSON and Python's ``repr`` write it.

    A password that equals a name shown anyway (user ``test``, password ``test``) is left out: masking it would mask
    the name.
    """
    value = secret.reveal()
    if len(value) < _SHORTEST or value in (public or ()):
        return
    escaped = value.replace("\\", "\\\\")
    for form in {value, quote(value, safe=""), quote(value), escaped.replace('"', '\\"'), escaped.replace("'", "\\'")}:
        remember_secret(form)
