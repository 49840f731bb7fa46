"""Reading one file: every way to write a header, and the fast way gives what the full way gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.chain.constants import Constants
from migrator.chain.declared import ids_of
from migrator.chain.imports import may_import
from migrator.chain.layout import find_layout
from migrator.chain.parsing import ReadingContext, parse_revision
from migrator.chain.reader import read_chain
from migrator.chain.shapes import ShapeReader
from migrator.errors import ChainError, UsageError

CONTEXT = ReadingContext(constants=Constants(()), packages=frozenset({b"shop"}))
BODY = "\n\ndef upgrade():\n    op.execute('x')\n\n\ndef downgrade():\n    pass\n"


def read(header: str):  # noqa: ANN201
    return parse_revision("/versions/abc_step.py", header.encode(), CONTEXT)


ids = st.text(
    st.characters(codec="utf-8", exclude_characters="\"'\\\n\r\x00{}", exclude_categories=["Cs", "Cc"]), min_size=1
)
quotes = st.sampled_from(['"', "'"] * 6 + ['u"', '"""'])
annotations = st.sampled_from(["", ": str", ": str | None", ": Union[str, Sequence[str], None]", ': "str"'])
odd_lines = st.sampled_from(
    [
        "",
        "# don't\n",
        "x = 1\n",
        "import shop.models\n",
        "from typing import Union\n",
        "@decorated\n",
        "if True:\n    revision = 'z'\n",
        "class A:\n    revision = 'z'\n",
        "'text'\n",
        "from x import *\n",
        "revision = 'earlier'\n",
        "logger = get('a')\n",
        "\n\n",
        "def helper(): ...\n",
    ]
)


plain_lines = st.sampled_from(
    ["", "", "# don't\n", "x = 1\n", "from typing import Union\n", "logger = get('a')\n", "\n\n"]
)
extras = st.sampled_from([plain_lines] * 19 + [odd_lines]).flatmap(lambda lines: lines)


@st.composite
def values(draw: st.DrawFn, name: str) -> str:
    def quoted() -> str:
        mark = draw(quotes)
        return f"{mark}{draw(ids)}{mark.lstrip('u')}"

    kind = draw(st.sampled_from([0, 1, 2, 3, 4, 4, 5, 5, 6]))
    if kind <= 2 or name == "revision":
        return quoted()
    many = [quoted() for _ in range(draw(st.integers(0, 3)))]
    return {
        3: "None",
        4: f"({', '.join(many)},)" if many else "()",
        5: f"[{', '.join(many)}]",
        6: f"{quoted()} {quoted()}",
    }[kind]


@st.composite
def files(draw: st.DrawFn) -> str:
    doc = draw(
        st.sampled_from(
            [
                "",
                '"""Step.\n\nRevises: x\n"""\n',
                "'''Step'''\n",
                '"""one"""\n\n',
                'r"""a\\d"""\n',
                '"""a "quoted" b\n\n"""\n',
            ]
        )
    )
    lines = [doc, draw(extras)]
    for name in ("revision", "down_revision", "branch_labels", "depends_on"):
        if draw(st.sampled_from([True] * 9 + [False])):
            comment = draw(st.sampled_from(["", "  # it is 'so'", '  # "it" don\'t']))
            lines.append(f"{name}{draw(annotations)} = {draw(values(name))}{comment}\n")
        lines.append(draw(extras))
    tail = draw(st.sampled_from(["", "", "", "", "\nrevision = 'last'\n", "\ndef extra(): return 1\n", "\nx = 1\n"]))
    return (
        "".join(lines)
        + draw(st.sampled_from([BODY] * 6 + [BODY.replace("\n", "\r\n"), "\ndef upgrade(): pass\n"]))
        + tail
    )


@settings(max_examples=600, deadline=None)
@given(files())
def test_the_fast_way_reads_what_the_full_way_reads(text: str) -> None:
    content = text.encode()
    fast = ShapeReader(CONTEXT.packages).read("/versions/abc_step.py", content)
    if fast is not None:
        assert fast == parse_revision("/versions/abc_step.py", content, CONTEXT)


def test_the_fast_way_is_taken_for_the_files_of_alembics_templates() -> None:
    header = (
        '"""step\n\nRevises: a\n"""\nfrom typing import Union\n\nfrom alembic import op\n\n# ids\nrevision: str = "b"\n'
    )
    header += 'down_revision: Union[str, None] = "a"\nbranch_labels: Union[str, None] = None\ndepends_on = None\n'
    read = ShapeReader(frozenset()).read("/versions/b.py", (header + BODY).encode())
    assert read is not None
    assert (read.id, read.parents, read.doc, read.lines[:2]) == ("b", ("a",), "step", (10, 11))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('"a" + "b"', ("ab",)),
        ('("a", "b")', ("a", "b")),
        ('["a"]', ("a",)),
        ("None", ()),
        ("()", ()),
        ("(None,)", ()),
        ('{"b", "a"}', ("a", "b")),
        ('f"{X}_1"', ("x_1",)),
        ('"%s-%d" % (X, 1)', ("x-1",)),
        ('"{}{}".format(X, "y")', ("xy",)),
        ("X.upper()", ("X",)),
        ('(X, *("y", "z"))', ("x", "y", "z")),
        ('"a" if None else "b"', ("b",)),
        ("None or X", ("x",)),
        ('"abcdef"[:4]', ("abcd",)),
        ('NAMES["one"]', ("1",)),
        ("Ids.FIRST", ("f",)),
        ('""', ("",)),
    ],
)
def test_values_that_are_followed(written: str, expected: tuple[str, ...]) -> None:
    found = read(
        f'X = "x"\nNAMES = {{"one": "1"}}\nclass Ids:\n    FIRST = "f"\nrevision = "r"\ndown_revision = {written}\n'
    )
    assert (found.parents, found.problems) == (expected, ())


@pytest.mark.parametrize(
    "written",
    ["make()", "uuid.uuid4().hex", "open('x').read()", "unknown", '"x" * 10**9', "[x for x in 'ab']", "lambda: 1"],
)
def test_values_that_are_computed_are_problems_and_never_executed(written: str) -> None:
    found = read(f"import uuid\nrevision = {written}\ndown_revision = None\n")
    assert [problem[0] for problem in found.problems] == ["computed-value"]
    assert "--import /versions/abc_step.py" in found.problems[0][4]


def test_the_last_assignment_wins_and_gives_the_line() -> None:
    found = read('a = "1"\nrevision = a\na = "2"\nrevision = "x" + a\ndown_revision = None\n')
    assert (found.id, found.lines[0]) == ("x2", 4)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("pass", "empty"),
        ('"""Nothing."""', "empty"),
        ("...", "empty"),
        ("return", "empty"),
        ("return None", "empty"),
        ("print('nothing')", "empty"),
        ("import os", "empty"),
        ("raise NotImplementedError", "raises"),
        ("logger.error('no'); raise RuntimeError('no')", "raises"),
        ("op.drop_table('x')", "works"),
        ("if x:\n        raise RuntimeError", "works"),
        ("x = 1", "works"),
    ],
)
def test_bodies(body: str, expected: str) -> None:
    found = read(f'revision = "r"\ndown_revision = None\ndef downgrade():\n    {body}\n')
    assert (found.upgrade, found.downgrade) == ("missing", expected)


def test_functions_that_come_from_elsewhere_count_as_working() -> None:
    found = read('from shop.steps import upgrade\nrevision = "r"\ndown_revision = None\ndowngrade = upgrade\n')
    assert (found.upgrade, found.downgrade) == ("works", "works")


def test_an_import_in_a_comment_is_no_import() -> None:
    assert not may_import(b"# from shop import models\n", CONTEXT.packages)
    assert may_import(b"def upgrade():\n    from shop import models\n", CONTEXT.packages)


def project(root: Path, **files: str) -> Path:
    versions = root / "migrations" / "versions"
    versions.mkdir(parents=True)
    (root / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    for name, text in files.items():
        (versions / f"{name}.py").write_text(text)
    return root


def test_import_executes_only_the_named_file(tmp_path: Path) -> None:
    root = project(
        tmp_path,
        one='print("noise")\nrevision = "one".join(["", ""]) + str(1)\ndown_revision = None\n',
        two='revision = "t".join(reversed("wo"))\ndown_revision = "1"\nraise SystemExit(3)\n',
    )
    reading = read_chain(find_layout(root, environ={}), executed=frozenset({"migrations/versions/one.py"}))
    assert list(reading.chain.revisions) == ["one1"]
    assert [found.rule for found in reading.findings] == ["computed-value"]
    failing = read_chain(find_layout(root, environ={}), executed=frozenset({"two.py"}))
    assert "fails when it is executed" in " ".join(found.message for found in failing.findings)


def test_import_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="names no revision file"):
        read_chain(find_layout(project(tmp_path), environ={}), executed=frozenset({"nothing.py"}))


def test_an_unsound_chain_is_refused_with_its_findings(tmp_path: Path) -> None:
    root = project(tmp_path, one='revision = "one"\ndown_revision = "gone"\n')
    with pytest.raises(ChainError) as refused:
        read_chain(find_layout(root, environ={})).require_sound()
    assert [found.where for found in refused.value.findings] == ["migrations/versions/one.py:2"]


@settings(max_examples=400, deadline=None)
@given(files())
def test_reading_gives_what_executing_gives(text: str) -> None:
    names: dict[str, object] = {}
    try:
        exec(compile(text, "x", "exec"), names)
    except Exception:  # noqa: BLE001 - a file that cannot be executed is no matter here
        return
    found = parse_revision("/versions/step.py", text.encode(), CONTEXT)
    if found.problems or "revision" not in names:
        return
    assert (found.id, found.parents) == (names["revision"], ids_of(names["down_revision"]))
    assert (found.branch_labels, found.depends_on) == tuple(
        ids_of(names.get(name)) for name in ("branch_labels", "depends_on")
    )
    assert found.doc == str(names.get("__doc__") or "").strip().split("\n\n")[0].strip()
