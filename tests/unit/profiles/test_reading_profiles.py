"""Which value of a setting counts, from where, and which profile is meant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.errors import ConfigurationError, ExitCode
from migrator.profiles.loading import list_profiles, load_profile
from migrator.profiles.model import Profile, Secret

Files = dict[str, str]
Load = Callable[..., Profile]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Write profile files and load one."""

    def write_and_load(files: Files, name: str | None = None, *, flags: Files | None = None, **environ: str) -> Profile:
        write(tmp_path, files)
        profile = load_profile(name, root=tmp_path, environ=environ, overrides=flags or {})
        assert profile is not None
        return profile

    return write_and_load


def write(root: Path, files: Files) -> None:
    """Files by name below ``env_profiles``, or below the root when the name holds a slash."""
    for name, text in files.items():
        path = root / name if "/" in name else root / "env_profiles" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_a_profile_of_one_line_has_every_default(load: Load) -> None:
    profile = load({"local.env": "DB_NAME=app\n"})
    assert (profile.name, profile.dialect, profile.driver, profile.migration_driver) == (
        "local",
        "postgresql",
        "asyncpg",
        "asyncpg",
    )
    assert (profile.host, profile.port, profile.database, profile.user) == ("localhost", 5432, "app", None)
    assert (profile.sslmode, profile.connect_timeout, profile.protected, profile.lock_wait) == (
        "prefer",
        10,
        False,
        300,
    )


@pytest.mark.parametrize(
    ("dialect", "driver", "port"),
    [
        ("postgresql", "asyncpg", 5432),
        ("postgres", "asyncpg", 5432),
        ("mysql", "asyncmy", 3306),
        ("mariadb", "asyncmy", 3306),
        ("sqlite", "aiosqlite", None),
        ("oracle", "oracledb", 1521),
        ("mssql", "aioodbc", 1433),
    ],
)
def test_driver_and_port_follow_the_dialect(load: Load, dialect: str, driver: str, port: int | None) -> None:
    profile = load({"local.env": f"DB_DIALECT={dialect}\nDB_NAME=app\n"})
    assert (profile.driver, profile.port) == (driver, port)


def test_each_layer_is_stronger_than_those_below_it(load: Load) -> None:
    """Flag, process, secret file, NAME.local.env, NAME.env, default: taken away one by one."""
    everything = {
        "local.env": "DB_NAME=app\nDB_PASS=from-file\n",
        "local.local.env": "DB_PASS=from-local\n",
        "secrets/pw": "from-secret-file\n",
    }
    flags, process, secret_file = {"DB_PASS": "from-flag"}, {"DB_PASS": "from-process"}, {"DB_PASS_FILE": "secrets/pw"}

    def password(**given: str) -> tuple[str, str]:
        profile = load(everything, flags=flags, **given)
        assert profile.password is not None
        return profile.password.reveal(), str(profile.origins["DB_PASS"])

    assert password(**process, **secret_file) == ("from-flag", "command line")
    flags = {}
    assert password(**process, **secret_file) == ("from-process", "process environment")
    assert password(**secret_file) == ("from-secret-file", "secret file secrets/pw (DB_PASS_FILE)")
    assert password() == ("from-local", "env_profiles/local.local.env:1")
    everything["local.local.env"] = ""
    assert password() == ("from-file", "env_profiles/local.env:2")
    everything["local.env"] = "DB_NAME=app\n"
    profile = load(everything)
    assert (profile.password, str(profile.origins["DB_PASS"])) == (None, "default")


def test_a_secret_file_named_in_the_profile_beats_a_password_in_a_file(load: Load) -> None:
    files = {
        "local.env": "DB_NAME=app\nDB_PASS_FILE=secrets/pw\n",
        "local.local.env": "DB_PASS=x",
        "secrets/pw": " s p \n",
    }
    assert load(files).password == Secret(" s p ")


def test_a_secret_file_that_is_not_needed_is_not_read(load: Load) -> None:
    assert load({"local.env": "DB_NAME=app\nDB_PASS_FILE=/no/such\n"}, DB_PASS="given").password == Secret("given")


@pytest.mark.parametrize("alias", ["DB_PASSWORD", "DB_PW"])
def test_a_password_has_aliases_everywhere(load: Load, alias: str) -> None:
    files = {"local.env": f"DB_NAME=app\n{alias}=filed\n", "secrets/pw": "secret\n"}
    assert load(files).password == Secret("filed")
    assert load(files, **{alias: "process"}).password == Secret("process")
    profile = load(files, **{f"{alias}_FILE": "secrets/pw"})
    assert profile.password == Secret("secret")
    assert str(load(files).origins["DB_PASS"]) == f"env_profiles/local.env:2 ({alias})"


@pytest.mark.parametrize(
    "password",
    [
        "1q2w3e4r!!",
        "p%40:/@#?\"'ü한",
        "${HOME}",
        "$HOME $$ %s %(x)s",
        "back\\slash",
        "a=b=c",
        " leading and trailing ",
        "hash # inside",
    ],
)
def test_a_password_arrives_as_it_was_written(load: Load, password: str) -> None:
    """Nothing is interpolated; single quotes keep spaces and ``#``."""
    quoted = password.replace("\\", "\\\\").replace("'", "\\'")
    profile = load({"local.env": f"DB_NAME=app\nDB_PASS='{quoted}'\n"})
    assert profile.password is not None
    assert profile.password.reveal() == password
    assert load({"local.env": "DB_NAME=app\n"}, DB_PASS=password).password == Secret(password)


def test_an_unquoted_value_may_hold_everything_but_a_comment(load: Load) -> None:
    assert load({"local.env": "DB_NAME=app\nDB_PASS=p%40:/@#?\"'ü한!! # why\n"}).password == Secret("p%40:/@#?\"'ü한!!")


def test_windows_line_ends_and_a_byte_order_mark_are_no_part_of_values(load: Load) -> None:
    profile = load({"local.env": "\ufeffDB_NAME=app\r\nDB_HOST=db\r\n"})
    assert (profile.database, profile.host) == ("app", "db")


def test_an_empty_value_counts_as_not_given(load: Load) -> None:
    profile = load({"local.env": "DB_NAME=app\nDB_HOST=filed\nDB_PORT=\n"}, DB_HOST="")
    assert (profile.host, profile.port) == ("filed", 5432)


def test_names_of_other_programs_are_left_alone(load: Load) -> None:
    """A file may be shared with the application; the process has ``DB_`` variables of others."""
    assert (
        load({"local.env": "DB_NAME=app\nLOG_LEVEL=debug\n"}, DB_FLAVOUR="odd", MIGRATOR_TEST_X="1").database == "app"
    )


def test_what_kubernetes_sets_for_a_service_named_db_is_no_port(load: Load) -> None:
    assert load({"local.env": "DB_NAME=app\nDB_PORT=6000\n"}, DB_PORT="tcp://10.0.0.1:5432").port == 6000


def test_lengths_of_time_have_units(load: Load) -> None:
    profile = load(
        {
            "local.env": "DB_NAME=app\nDB_STATEMENT_TIMEOUT=5min\nDB_LOCK_TIMEOUT=250\nDB_CONNECT_TIMEOUT=1500ms\n"
            "MIGRATOR_LOCK_WAIT=1h\nMIGRATOR_WAIT_FOR_DB=90\nDB_POOL_RECYCLE=30min\n"
        }
    )
    assert (profile.statement_timeout, profile.lock_timeout) == (300_000, 250)
    assert (profile.connect_timeout, profile.lock_wait, profile.wait_for_db, profile.pool_recycle) == (
        1.5,
        3600,
        90,
        1800,
    )


def test_ipv6_and_socket_hosts(load: Load) -> None:
    assert load({"local.env": "DB_NAME=app\nDB_HOST=[::1]\n"}).host == "::1"
    assert load({"local.env": "DB_NAME=app\nDB_HOST=fe80::1\n"}).host == "fe80::1"
    profile = load({"local.env": "DB_NAME=app\nDB_HOST=/var/run/postgresql\n"})
    assert profile.is_socket


def test_the_first_schema_is_the_schema_and_all_are_searched(load: Load) -> None:
    profile = load({"local.env": "DB_NAME=app\nDB_SCHEMA=app, public\n"})
    assert (profile.schema, profile.search_path) == ("app", ("app", "public"))


def test_files_are_relative_to_the_project(load: Load, tmp_path: Path) -> None:
    profile = load(
        {
            "local.env": "DB_NAME=data/app.db\nDB_DIALECT=sqlite\n",
            "tls.env": "DB_NAME=app\nDB_SSLMODE=verify-full\nDB_SSLROOTCERT=certs/ca.pem\n",
            "certs/ca.pem": "",
        }
    )
    assert profile.database == str(tmp_path / "data/app.db")
    assert load({}, "tls").sslrootcert == str(tmp_path / "certs/ca.pem")
    assert load({"memory.env": "DB_NAME=:memory:\nDB_DIALECT=sqlite\n"}, "memory").database == ":memory:"


# -- one whole address ----------------------------------------------------------------------------------------------


def test_an_address_gives_every_part(load: Load) -> None:
    profile = load({"local.env": "DB_URL=postgresql+psycopg://u%40:p%2F%25@[::1]:6000/my%20db?sslmode=require&x=y\n"})
    assert (profile.driver, profile.host, profile.port, profile.database) == ("psycopg", "::1", 6000, "my db")
    assert (profile.user, profile.password, profile.sslmode) == ("u@", Secret("p/%"), "require")
    assert profile.url_options == {"x": "y"}
    assert str(profile.origins["DB_HOST"]) == "env_profiles/local.env:1 (DB_URL)"


def test_an_address_of_the_process_replaces_the_files_parts_but_not_their_care(load: Load) -> None:
    files = {"local.env": "DB_HOST=old\nDB_NAME=old\nDB_USER=old\nDB_PASS=old\nDB_STATEMENT_TIMEOUT=1s\n"}
    profile = load(files, DB_URL="postgresql://new/app")
    assert (profile.host, profile.database, profile.user, profile.password) == ("new", "app", None, None)
    assert profile.statement_timeout == 1000


def test_a_part_of_the_process_replaces_that_part_of_the_files_address(load: Load) -> None:
    profile = load({"local.env": "DB_URL=postgresql://u:p@h/app\n"}, DB_NAME="other", DB_PASS="better")
    assert (profile.host, profile.user, profile.database, profile.password) == ("h", "u", "other", Secret("better"))


def test_an_address_without_a_password_takes_one_beside_it(load: Load) -> None:
    files = {"local.env": "DB_URL=postgresql://u@h/app\nDB_PASS_FILE=secrets/pw\n", "secrets/pw": "s\n"}
    assert load(files).password == Secret("s")
    assert load({"local.env": "DB_URL=postgresql://u@h/app\nDB_PASS=t\n"}).password == Secret("t")


def test_an_address_of_another_dialect_leaves_the_files_driver_behind(load: Load) -> None:
    profile = load({"local.env": "DB_DRIVER=psycopg\nDB_NAME=app\n"}, DB_URL="mysql://h/app")
    assert (profile.dialect, profile.driver, profile.port) == ("mysql", "asyncmy", 3306)


def test_an_address_may_stand_in_a_secret_file(load: Load) -> None:
    profile = load(
        {"local.env": "MIGRATOR_PROTECTED=true\n", "secrets/url": "postgres://u:p@h/app\n"}, DB_URL_FILE="secrets/url"
    )
    assert (profile.host, profile.password, profile.protected) == ("h", Secret("p"), True)


# -- two ways that exclude each other ---------------------------------------------------------------------------------


def test_a_host_of_the_process_replaces_the_files_embedded_server(load: Load) -> None:
    files = {"local.env": "DB_EMBEDDED=18\nDB_NAME=app\n"}
    assert load(files).embedded == 18
    profile = load(files, DB_HOST="db")
    assert (profile.embedded, profile.host, profile.port) == (None, "db", 5432)
    assert load(files, DB_URL="postgresql://h/x").embedded is None


def test_an_embedded_server_of_the_process_replaces_the_files_host(load: Load) -> None:
    profile = load({"local.env": "DB_HOST=db\nDB_PORT=6000\nDB_NAME=app\n"}, DB_EMBEDDED="16")
    assert (profile.embedded, profile.host, profile.port) == (16, None, None)


def test_the_stronger_of_password_and_command_counts(load: Load) -> None:
    filed = {"local.env": "DB_NAME=app\nDB_PASS_COMMAND=echo x\n"}
    profile = load(filed, DB_PASS="given")
    assert (profile.password, profile.password_command) == (Secret("given"), None)
    profile = load({"local.env": "DB_NAME=app\nDB_PASS=filed\n"}, DB_PASS_COMMAND="echo x")
    assert (profile.password, profile.password_command) == (None, "echo x")


# -- which profile ----------------------------------------------------------------------------------------------------


def test_the_profile_is_the_one_asked_for_then_migrator_env_then_local(load: Load) -> None:
    files = {f"{name}.env": f"DB_NAME={name}\n" for name in ("local", "ci", "prod")}
    assert load(files, "prod", MIGRATOR_ENV="ci").database == "prod"
    assert load(files, MIGRATOR_ENV="ci").database == "ci"
    assert load(files).database == "local"


def test_a_profile_may_consist_of_its_personal_file(load: Load, tmp_path: Path) -> None:
    assert load({"mine.local.env": "DB_NAME=app\n"}, "mine").database == "app"
    assert list_profiles(tmp_path) == ("mine",)


def test_without_profiles_the_process_makes_one(load: Load) -> None:
    profile = load({}, DB_NAME="app", DB_HOST="db", DB_PASS="s")
    assert (profile.source, profile.path, profile.name, profile.host) == ("process", None, "process", "db")


def test_without_anything_there_is_no_profile(tmp_path: Path) -> None:
    assert load_profile(None, root=tmp_path, environ={"DB_ECHO": "true", "HOME": "/"}) is None


def test_the_process_makes_a_profile_where_there_is_no_local_one(load: Load) -> None:
    """An image that carries prod.env only still obeys the pod's settings when nothing was asked for."""
    assert load({"prod.env": "DB_NAME=prod\n"}, DB_NAME="given").name == "process"


def test_a_profile_asked_for_without_any_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as told:
        load_profile("prod", root=tmp_path, environ={"DB_NAME": "app"})
    assert "migrator init --adopt" in str(told.value.remedy)
    assert told.value.exit_code is ExitCode.CONFIGURATION


def test_an_unknown_profile_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    write(tmp_path, {"prod.env": "", "local.env": ""})
    with pytest.raises(ConfigurationError, match=r"'prdo'.*MIGRATOR_ENV.*Did you mean prod\?"):
        load_profile(None, root=tmp_path, environ={"MIGRATOR_ENV": "prdo"})


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "x.local", "prod.env", "a b", "", "ü"])
def test_a_name_that_could_leave_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"local.env": "DB_NAME=app\n", "../x.env": "DB_NAME=evil\n"})
    if name:
        with pytest.raises(ConfigurationError, match="is no name of a profile"):
            load_profile(name, root=tmp_path, environ={})
    else:
        assert load_profile(name, root=tmp_path, environ={}) is not None


# -- protection -------------------------------------------------------------------------------------------------------


def test_what_the_process_changes_of_a_protected_profile_is_named(load: Load) -> None:
    files = {"prod.env": "MIGRATOR_PROTECTED=yes\nDB_HOST=db\nDB_NAME=app\nDB_USER=app\n"}
    assert load(files, "prod").overridden == ()
    assert load(files, "prod", DB_PASS="s", DB_HOST="db").overridden == ()
    assert load(files, "prod", DB_HOST="other", DB_USER="root").overridden == ("DB_HOST", "DB_USER")
    assert load(files, "prod", DB_URL="postgresql://h/x").overridden == ("DB_HOST", "DB_NAME", "DB_USER")
    taken = load(files, "prod", MIGRATOR_PROTECTED="false")
    assert (taken.protected, taken.overridden) == (False, ("MIGRATOR_PROTECTED",))


def test_overriding_an_unprotected_profile_is_everyday(load: Load) -> None:
    assert load({"local.env": "DB_HOST=db\nDB_NAME=app\n"}, DB_HOST="other").overridden == ()
