"""libpq's six TLS modes for drivers that know them, and as ``ssl`` contexts for those that don't."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import Final

from migrator.profiles.model import Profile

_SYSTEM: Final = "system"
_VERIFYING: Final = ("verify-ca", "verify-full")
_BUNDLES: Final = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


def is_required(profile: Profile) -> bool:
    """Whether a connection without TLS must not happen."""
    return profile.sslmode in ("require", *_VERIFYING) and not profile.is_socket


def context(profile: Profile) -> ssl.SSLContext:
    """The context for ``require`` and stronger: encrypts always, verifies as the mode says.

    As with libpq, ``require`` verifies the chain when authorities are given.
    """
    authorities = root_certificates(profile)
    if authorities is None:
        made = ssl.create_default_context()
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    else:
        made = ssl.create_default_context(cafile=None if authorities == _SYSTEM else authorities)
        made.check_hostname = profile.sslmode == "verify-full"
    if profile.sslcert:
        made.load_cert_chain(profile.sslcert, profile.sslkey)
    return made


def for_asyncpg(profile: Profile) -> ssl.SSLContext | str | bool:
    """Value of asyncpg's ``ssl``: its own reading of the mode where nothing is verified and no certificate is given."""
    if profile.is_socket:
        return False
    if is_required(profile) and (profile.sslmode in _VERIFYING or profile.sslrootcert or profile.sslcert):
        return context(profile)
    return profile.sslmode


def for_libpq(profile: Profile) -> dict[str, str]:
    """Parameters of libpq: psycopg's."""
    if profile.is_socket:
        return {}
    parameters = {"sslmode": profile.sslmode}
    files = {"sslrootcert": root_file(profile), "sslcert": profile.sslcert, "sslkey": profile.sslkey}
    return parameters | {name: value for name, value in files.items() if value}


def for_mysql(profile: Profile, driver: str) -> dict[str, object]:
    """Arguments of pymysql and asyncmy. Their ``prefer`` is the driver's own choice."""
    if is_required(profile):
        return {"ssl": context(profile)}
    if profile.sslmode == "disable" and driver == "pymysql":
        return {"ssl_disabled": True}
    return {}


def root_certificates(profile: Profile) -> str | None:
    """File of the authorities to trust, ``system``, or None where nothing is verified."""
    if profile.sslrootcert:
        return profile.sslrootcert
    if profile.sslmode not in _VERIFYING:
        return None
    if profile.dialect == "postgresql":
        habitual = os.environ.get("PGSSLROOTCERT") or str(Path.home() / ".postgresql" / "root.crt")
        if habitual == _SYSTEM or Path(habitual).is_file():
            return habitual
    return _SYSTEM


def root_file(profile: Profile) -> str | None:
    """The same as a file where there is one, for drivers that read the authorities by themselves."""
    authorities = root_certificates(profile)
    return _system_bundle() if authorities == _SYSTEM else authorities


def _system_bundle() -> str:
    """The machine's authorities as a file: the OpenSSL inside psycopg's wheels may look in folders that don't exist."""
    cafile = ssl.get_default_verify_paths().cafile
    return next((file for file in (cafile, *_BUNDLES) if file and Path(file).is_file()), _SYSTEM)
