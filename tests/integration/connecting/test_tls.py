"""The six TLS modes mean the same with every driver: proven on servers with certificates."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace

import logins
import pytest
from logins import Login
from sqlalchemy.exc import DBAPIError
from strict_servers import StrictServer

from migrator.database.connecting import CannotConnect, Reason, connect
from migrator.profiles.model import Profile

# A handshake that asyncpg gives up leaves its transport to the garbage collector (Python before 3.11.4, say): it is
# collected here, where its warning is nobody else's failure.
pytestmark = [pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"), pytest.mark.usefixtures("_collected")]

ENCRYPTED = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
CIPHER = "SELECT variable_value FROM information_schema.session_status WHERE variable_name = 'Ssl_cipher'"
REFUSALS = (CannotConnect, DBAPIError, OSError)

postgresql_logins = pytest.mark.parametrize("login", logins.POSTGRESQL.values(), ids=list(logins.POSTGRESQL))
mysql_logins = pytest.mark.parametrize("login", logins.MYSQL.values(), ids=list(logins.MYSQL))


@pytest.fixture
def _collected() -> Iterator[None]:
    yield
    gc.collect()


def with_tls(server: StrictServer, sslmode: str, *, host: str = "localhost", trusted: str | None = None) -> Profile:
    """The administrator's profile; the server's certificate is for ``localhost``."""
    return replace(server.admin, sslmode=sslmode, host=host, sslrootcert=trusted)


@postgresql_logins
@pytest.mark.parametrize(
    ("sslmode", "encrypted"), [("disable", False), ("allow", False), ("prefer", True), ("require", True)]
)
def test_postgresql_encrypts_as_asked(
    tls_postgresql: StrictServer, login: Login, sslmode: str, encrypted: bool
) -> None:
    assert login(with_tls(tls_postgresql, sslmode, host="127.0.0.1"), ENCRYPTED) is encrypted


@postgresql_logins
def test_postgresql_verifies_as_asked(tls_postgresql: StrictServer, login: Login) -> None:
    """``verify-ca`` and ``require`` with an authority look at who signed, ``verify-full`` also at the name."""
    assert tls_postgresql.certificates is not None
    right, wrong = tls_postgresql.certificates.authority, tls_postgresql.certificates.other_authority
    assert login(with_tls(tls_postgresql, "verify-full", trusted=right), ENCRYPTED) is True
    assert login(with_tls(tls_postgresql, "verify-ca", host="127.0.0.1", trusted=right), ENCRYPTED) is True
    assert login(with_tls(tls_postgresql, "require", host="127.0.0.1", trusted=right), ENCRYPTED) is True
    for refused in (
        with_tls(tls_postgresql, "verify-full", host="127.0.0.1", trusted=right),
        with_tls(tls_postgresql, "verify-full", trusted=wrong),
        with_tls(tls_postgresql, "verify-full"),
        with_tls(tls_postgresql, "verify-full", trusted="system"),
        with_tls(tls_postgresql, "verify-ca", trusted=wrong),
        with_tls(tls_postgresql, "require", trusted=wrong),
    ):
        with pytest.raises(REFUSALS):
            login(refused, ENCRYPTED)


@postgresql_logins
def test_a_client_certificate_logs_in(tls_postgresql: StrictServer, login: Login) -> None:
    files = tls_postgresql.certificates
    assert files is not None
    with connect(tls_postgresql.admin) as admin:
        if not admin.fetch("SELECT 1 FROM pg_roles WHERE rolname = 'by_certificate'"):
            admin.execute("CREATE ROLE by_certificate LOGIN")
    profile = replace(
        with_tls(tls_postgresql, "verify-full", trusted=files.authority), user="by_certificate", password=None
    )
    assert (
        login(replace(profile, sslcert=files.client, sslkey=files.client_key), "SELECT current_user")
        == "by_certificate"
    )
    with pytest.raises(REFUSALS):
        login(profile, "SELECT 1")


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_a_refused_certificate_is_told_as_such(tls_postgresql: StrictServer, driver: str) -> None:
    profile = replace(with_tls(tls_postgresql, "verify-full"), migration_driver=driver)
    with pytest.raises(CannotConnect, match="no agreement on TLS") as told:
        connect(profile)
    assert (told.value.reason, told.value.may_pass) == (Reason.TLS, False)
    assert "DB_SSLROOTCERT" in str(told.value.remedy)


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
@pytest.mark.parametrize("sslmode", ["require", "verify-full"])
def test_a_server_without_tls_is_not_enough(strict_postgresql: StrictServer, driver: str, sslmode: str) -> None:
    profile = replace(strict_postgresql.admin, sslmode=sslmode, migration_driver=driver)
    with pytest.raises(CannotConnect, match="no agreement on TLS"):
        connect(profile)


@mysql_logins
def test_mariadb_without_encryption(tls_mariadb: StrictServer, login: Login) -> None:
    assert login(with_tls(tls_mariadb, "disable"), CIPHER) == ""


@pytest.mark.parametrize(
    "login", (logins.MYSQL | logins.MYSQL_BY_URL).values(), ids=[*logins.MYSQL, *logins.MYSQL_BY_URL]
)
def test_mariadb_encrypts_and_verifies_as_asked(tls_mariadb: StrictServer, login: Login) -> None:
    files = tls_mariadb.certificates
    assert files is not None
    assert login(with_tls(tls_mariadb, "require", host="127.0.0.1"), CIPHER)
    assert login(with_tls(tls_mariadb, "verify-full", trusted=files.authority), CIPHER)
    assert login(with_tls(tls_mariadb, "verify-ca", host="127.0.0.1", trusted=files.authority), CIPHER)
    for refused in (
        with_tls(tls_mariadb, "verify-full", host="127.0.0.1", trusted=files.authority),
        with_tls(tls_mariadb, "verify-ca", trusted=files.other_authority),
        with_tls(tls_mariadb, "verify-full"),
    ):
        with pytest.raises(REFUSALS):
            login(refused, CIPHER)
