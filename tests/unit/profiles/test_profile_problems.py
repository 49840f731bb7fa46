"""Bad input: everything that is wrong is told at once, with file and line, and no secret in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.errors import ConfigurationError, ExitCode
from migrator.profiles.loading import load_profile


def problems(tmp_path: Path, text: str, /, **environ: str) -> list[str]:
    """What is said about a profile ``bad`` with this text."""
    folder = tmp_path / "env_profiles"
    folder.mkdir(exist_ok=True)
    (folder / "bad.env").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as told:
        load_profile("bad", root=tmp_path, environ=environ)
    assert told.value.exit_code is ExitCode.CONFIGURATION
    return list(told.value.details)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    told = problems(
        tmp_path,
        "# a comment\n"
        "DB_HOTS=db\n"
        "DB_PORT=abc\n"
        "DB_PASS_FILE=secrets/none\n"
        "MIGRATOR_PROTECED=true\n"
        "DB_SSLMODE=requires\n"
        "DB_ECHO=maybe\n"
        "DB_CONNECT_TIMEOUT=soon\n",
        DB_POOL_SIZE="many",
    )
    assert told == [
        "process environment: DB_POOL_SIZE is 'many', not a whole number",
        "env_profiles/bad.env: DB_NAME is missing: which database?",
        "env_profiles/bad.env:2: DB_HOTS is no setting; did you mean DB_HOST?",
        "env_profiles/bad.env:3: DB_PORT is 'abc', not a whole number",
        "env_profiles/bad.env:4: DB_PASS_FILE=secrets/none cannot be read: No such file or directory",
        "env_profiles/bad.env:5: MIGRATOR_PROTECED is no setting; did you mean MIGRATOR_PROTECTED?",
        "env_profiles/bad.env:6: DB_SSLMODE is 'requires', which is not known; did you mean require?",
        "env_profiles/bad.env:7: DB_ECHO is 'maybe', neither true nor false",
        (
            "env_profiles/bad.env:8: DB_CONNECT_TIMEOUT is 'soon', which is no length of time; "
            "write it like 500ms, 30s, 5min or 1h"
        ),
    ]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("DB_NAME=a\nDB_PORT=0\n", 2, "DB_PORT is 0, which is no port"),
        ("DB_NAME=a\nDB_PORT=70000\n", 2, "DB_PORT is 70000"),
        ("DB_NAME=a\nDB_PORT=-1\n", 2, "DB_PORT is '-1'"),
        ("DB_NAME=a\nDB_HOST=db:5432\n", 2, "write DB_HOST=db and DB_PORT=..."),
        ("DB_NAME=a\nDB_HOST=postgres://db\n", 2, "a whole address belongs into DB_URL"),
        ("DB_NAME=a\nDB_DIALECT=postgrsql\n", 2, "did you mean postgresql?"),
        ("DB_NAME=a\nDB_DRIVER=asyncgp\n", 2, "did you mean asyncpg?"),
        ("DB_NAME=a\nDB_MIGRATION_DRIVER=pymysql\n", 2, "which postgresql does not have"),
        ("DB_NAME=a\nMIGRATOR_ENV=prod\n", 2, "MIGRATOR_ENV chooses the profile"),
        ("DB_NAME=a\nDB_NAME=b\n", 2, "DB_NAME is already set in line 1"),
        ("DB_NAME=a\nDB_HOST\n", 2, "has no =value"),
        ("DB_NAME=a\n\n\nDB_PASS='unclosed\n", 4, "is no NAME=value line"),
        ("DB_NAME=a\nDB_PASS=x\nDB_PW=y\n", 3, "DB_PW and DB_PASS are both set and differ"),
        ("DB_NAME=a\nDB_PASS=x\nDB_PASS_COMMAND=pass show db\n", 3, "DB_PASS_COMMAND and DB_PASS are both set"),
        ("DB_NAME=a\nDB_PASS_COMMAND=pass 'show\n", 2, "cannot be split into words"),
        ("DB_NAME=a\nDB_EMBEDDED=18\nDB_HOST=db\n", 3, "DB_HOST beside DB_EMBEDDED"),
        ("DB_NAME=a\nDB_EMBEDDED=17\n", 2, "DB_EMBEDDED is '17'"),
        ("DB_NAME=a\nDB_EMBEDDED=18\nDB_DIALECT=mysql\n", 2, "DB_EMBEDDED is a PostgreSQL server"),
        ("DB_URL=postgresql://u:p@h/x\nDB_HOST=h\n", 1, "DB_URL and DB_HOST are both set"),
        ("DB_URL=postgresql://u:p@h/x\nDB_PASS=h\n", 1, "DB_URL and DB_PASS are both set"),
        ("DB_URL=postgresql://u:p@h/x?sslmode=require\nDB_SSLMODE=disable\n", 1, "DB_URL and DB_SSLMODE are both set"),
        ("DB_URL=postgresql://h\n", None, "DB_URL names no database"),
        ("DB_URL=h:5432/x\n", 1, "DB_URL is no database URL"),
        ("DB_URL=postgers://h/x\n", 1, "did you mean postgres?"),
        ("DB_URL=postgresql+asyncgp://h/x\n", 1, "did you mean asyncpg?"),
        ("DB_NAME=a\nDB_MIGRATION_URL=postgresql://h:x/a\n", 2, "holds a port that is not a number"),
        ("DB_NAME=a\nDB_SSLMODE=verify-ca\n", 2, "needs DB_SSLROOTCERT"),
        ("DB_NAME=a\nDB_SSLMODE=verify-full\nDB_SSLROOTCERT=no.pem\n", 3, "DB_SSLROOTCERT names no file"),
        ("DB_NAME=a\nDB_SSLROOTCERT=system\n", 2, "is not looked at with this DB_SSLMODE"),
        ("DB_NAME=a\nDB_SCHEMA=app,,x\n", 2, "holds an empty name"),
    ],
)
def test_each_kind_of_mistake_has_its_line(tmp_path: Path, text: str, line: int | None, said: str) -> None:
    told = problems(tmp_path, text)
    assert len(told) == 1
    assert told[0].startswith(f"env_profiles/bad.env:{line}: " if line else "env_profiles/bad.env: ")
    assert said in told[0]


def test_the_two_files_are_told_apart(tmp_path: Path) -> None:
    folder = tmp_path / "env_profiles"
    folder.mkdir()
    (folder / "bad.local.env").write_text("DB_PORT=abc\n")
    assert problems(tmp_path, "DB_NAME=a\nDB_ECHO=x\n") == [
        "env_profiles/bad.env:2: DB_ECHO is 'x', neither true nor false",
        "env_profiles/bad.local.env:1: DB_PORT is 'abc', not a whole number",
    ]


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_a_secret_file_without_a_secret_is_a_problem(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pw").write_bytes(content)
    assert len(problems(tmp_path, "DB_NAME=a\nDB_PASS_FILE=pw\n")) == 1


def test_a_folder_is_no_secret_file(tmp_path: Path) -> None:
    (tmp_path / "pw").mkdir()
    assert "Is a directory" in problems(tmp_path, "DB_NAME=a\n", DB_PASS_FILE=str(tmp_path / "pw"))[0]


def test_a_file_that_is_not_utf8_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "env_profiles").mkdir()
    (tmp_path / "env_profiles" / "bad.local.env").write_bytes(b"DB_PASS=\xe9\n")
    assert problems(tmp_path, "DB_NAME=a\n") == ["env_profiles/bad.local.env: is not UTF-8; save it as UTF-8"]


@pytest.mark.parametrize(
    "text",
    [
        "DB_PASS=hunter2\nDB_PW=hunter3\n",
        "DB_URL=postgresql://u:hunter2@h:x/a\n",
        "DB_URL=postgresql://u:hun@ter2@h/a\n",
        "DB_MIGRATION_URL=hunter2\nDB_PORT=x\n",
        "DB_URL=postgresql://u:hunter2@h/a\nDB_HOST=x\n",
        "DB_PASS=hunter2\\\nhunter3\n",
    ],
)
def test_no_problem_quotes_a_secret(tmp_path: Path, text: str) -> None:
    assert "hunter" not in "\n".join(problems(tmp_path, text))
