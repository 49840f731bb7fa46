"""Throwaway servers that check passwords and speak TLS; the everyday test servers trust everybody."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from migrator.database.embedded.account import Account, account_for
from migrator.database.embedded.binaries import usable_by
from migrator.profiles.model import Profile, Secret

ADMIN_PASSWORD = "1q2w3e4r!!"
DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True, kw_only=True)
class Certificates:
    """Files of a small authority: it signed the server's certificate, for ``localhost`` only, and a client's."""

    authority: str
    other_authority: str
    server: str
    server_key: str
    client: str
    client_key: str


@dataclass(frozen=True, kw_only=True)
class StrictServer:
    """A running server with its administrator's profile."""

    admin: Profile
    socket: str
    certificates: Certificates | None = None


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def _folder() -> Iterator[tuple[Path, Account]]:
    """A short folder (sockets!) that the server's account owns."""
    folder = Path(tempfile.mkdtemp(prefix="ms-", dir="/tmp"))
    account = account_for(folder / "none", Path("/"))
    account.own(folder)
    folder.chmod(0o755)
    try:
        yield folder, account
    finally:
        shutil.rmtree(folder)


def _run(account: Account, *words: str | Path, cwd: Path) -> None:
    with tempfile.TemporaryFile() as output:
        # a file, since a pipe would stay open in the server that pg_ctl leaves behind
        done = subprocess.run(
            [str(word) for word in words],
            cwd=cwd,
            stdout=output,
            stderr=output,
            check=False,
            **account.process_settings,
        )
        output.seek(0)
        assert done.returncode == 0, output.read().decode()


@contextmanager
def postgresql(programs: Path | None, *, tls: bool) -> Iterator[StrictServer]:
    """PostgreSQL with SCRAM on TCP (IPv4, IPv6) and socket; with TLS, a user ``by_certificate`` needs no password."""
    with _folder() as (folder, account):
        chosen = programs or usable_by(account, 18)
        data, port = folder / "data", free_port()
        (folder / "pw").write_text(ADMIN_PASSWORD)
        account.own(folder / "pw")
        place = (
            "--auth=scram-sha-256",
            "--username=admin",
            "--encoding=UTF8",
            "--locale=C",
            f"--pwfile={folder / 'pw'}",
        )
        _run(account, chosen / "initdb", "-D", data, *place, cwd=folder)
        certificates = _certificates(folder, account) if tls else None
        settings = [f"port = {port}", f"unix_socket_directories = '{folder}'", "listen_addresses = '127.0.0.1, ::1'"]
        settings += ["fsync = off", "log_min_messages = fatal"]
        if certificates:
            files = {"ssl_ca_file": "authority", "ssl_cert_file": "server", "ssl_key_file": "server_key"}
            settings += ["ssl = on", *(f"{name} = '{getattr(certificates, file)}'" for name, file in files.items())]
            rules = (data / "pg_hba.conf").read_text()
            (data / "pg_hba.conf").write_text(f"hostssl all by_certificate all cert\n{rules}")
        with (data / "postgresql.conf").open("a") as configuration:
            configuration.write("\n".join(settings))
        _run(account, chosen / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "start", cwd=folder)
        try:
            yield StrictServer(
                admin=Profile(
                    name="strict", source="file", host="127.0.0.1", port=port, user="admin", database="postgres",
                    password=Secret(ADMIN_PASSWORD),
                ),
                socket=str(folder),
                certificates=certificates,
            )  # fmt: skip
        finally:
            _run(account, chosen / "pg_ctl", "-D", data, "-m", "immediate", "stop", cwd=folder)


def has_ipv6() -> bool:
    """Whether this machine has an IPv6 loopback."""
    with suppress(OSError), socket.socket(socket.AF_INET6) as trial:
        trial.bind(("::1", 0))
        return True
    return False


def system_postgresql() -> Path | None:
    """Programs of a PostgreSQL of the system, which have TLS; those of the wheel don't."""
    found = sorted(DEBIAN.glob("*/bin/initdb")) if DEBIAN.exists() else []
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def has_mariadb() -> bool:
    """Whether a private MariaDB can be started."""
    return _mariadbd() is not None and shutil.which("mariadb-install-db") is not None


def _mariadbd() -> str | None:
    return shutil.which("mariadbd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")


@contextmanager
def mariadb() -> Iterator[StrictServer]:
    """MariaDB with TLS on TCP and socket."""
    with _folder() as (folder, account):
        data, port = folder / "data", free_port()
        words = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db"]
        _run(account, *words, "--auth-root-authentication-method=normal", cwd=folder)
        certificates = _certificates(folder, account)
        program = _mariadbd()
        assert program is not None
        words = [program, "--no-defaults", f"--datadir={data}", f"--socket={folder}/s", f"--port={port}"]
        words += ["--bind-address=127.0.0.1", f"--pid-file={folder}/pid", f"--ssl-ca={certificates.authority}"]
        words += [f"--ssl-cert={certificates.server}", f"--ssl-key={certificates.server_key}", "--skip-name-resolve"]
        with (folder / "log").open("w") as log:
            server = subprocess.Popen(words, cwd=folder, stdout=log, stderr=log, **account.process_settings)
        try:
            admin = Profile(
                name="strict", source="file", dialect="mysql", driver="asyncmy", migration_driver="asyncmy",
                host="127.0.0.1", port=port, user="root", database="mysql", sslmode="disable",
            )  # fmt: skip
            _wait_for(f"{folder}/s", server, folder / "log")
            yield StrictServer(admin=admin, socket=f"{folder}/s", certificates=certificates)
        finally:
            server.kill()
            server.wait()


def _wait_for(path: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        with socket.socket(socket.AF_UNIX) as trial, suppress(OSError):
            trial.connect(path)
            return
        assert server.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def _certificates(folder: Path, account: Account) -> Certificates:
    authority, authority_key = _signed(folder, "authority", issuer=None)
    other, _ = _signed(folder, "other", issuer=None)
    issuer = (authority, authority_key)
    server, server_key = _signed(folder, "server", issuer=issuer, name="localhost")
    client, client_key = _signed(folder, "by_certificate", issuer=issuer)
    account.own(server_key)
    return Certificates(
        authority=str(authority),
        other_authority=str(other),
        server=str(server),
        server_key=str(server_key),
        client=str(client),
        client_key=str(client_key),
    )


def _signed(folder: Path, subject: str, *, issuer: Sequence[Path] | None, name: str | None = None) -> tuple[Path, Path]:
    """Make a key and a certificate, signed by the issuer or by itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    issuer_key: ec.EllipticCurvePrivateKey = key
    common_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    issuer_name = common_name
    if issuer:
        issuer_name = x509.load_pem_x509_certificate(issuer[0].read_bytes()).subject
        loaded = serialization.load_pem_private_key(issuer[1].read_bytes(), None)
        assert isinstance(loaded, ec.EllipticCurvePrivateKey)
        issuer_key = loaded
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(common_name)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if name:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    certificate, private = folder / f"{subject}.pem", folder / f"{subject}.key"
    certificate.write_bytes(builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    private.touch(mode=0o600)
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private
