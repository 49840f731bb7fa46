"""Each history of ``tests/histories`` gives the findings it is there for; what is sound equals Alembic's reading."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from histories import CASES, History, prepared

from migrator.chain.graph import graph_of
from migrator.chain.paths import newest_first
from migrator.chain.rules import applied, models, round_trips
from migrator.chain.rules.registry import RULES


@pytest.fixture(params=CASES)
def history(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> History:
    found = prepared(request.param, tmp_path)
    monkeypatch.chdir(found.root)
    # Alembic puts prepend_sys_path on the real path, and what it imports from there stays.
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    return found


def alembic_scripts(history: History) -> ScriptDirectory:
    """Alembic's own reading of the project, finished."""
    toml = history.root / "pyproject.toml"
    ini = history.root / "alembic.ini"
    config = Config(
        str(ini) if ini.exists() else None,
        toml_file=str(toml) if toml.exists() else None,
        ini_section=history.expected.get("section", "alembic"),
    )
    scripts = ScriptDirectory.from_config(config)
    scripts.revision_map._revision_map  # noqa: B018 - reads all files
    return scripts


def test_findings_are_those_of_the_case(history: History) -> None:
    found = [[item.rule, item.severity.value, item.path, item.line] for item in history.findings()]
    assert found == history.expected["findings"]


def test_every_finding_says_why_and_what_to_do(history: History) -> None:
    for finding in history.findings():
        assert finding.message
        assert finding.cause
        assert finding.remedy


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning", "ignore::ResourceWarning")
def test_alembic_agrees_whether_the_history_can_be_used(history: History) -> None:
    if not history.expected["loads"]:
        with pytest.raises(BaseException):  # noqa: B017 - KeyError, SyntaxError, CommandError: whatever stops Alembic
            alembic_scripts(history)
        assert history.read().errors
        return
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        scripts = alembic_scripts(history)
    if "warns" in history.expected:
        assert any(history.expected["warns"] in str(warning.message) for warning in said)
    reading = history.read(executed=history.expected.get("imports", ()))
    if reading.errors:
        assert {found.rule for found in reading.errors} == {"duplicate-id"}
        return
    assert_same(history, scripts, reading.chain)


def assert_same(history: History, scripts: ScriptDirectory, chain) -> None:  # noqa: ANN001
    theirs = {script.revision: script for script in scripts.walk_revisions()}
    graph = graph_of(chain)
    assert chain.heads == tuple(scripts.get_heads())
    assert chain.bases == tuple(scripts.get_bases())
    assert graph.effective_heads == tuple(scripts.get_heads(consider_depends_on=True))
    assert newest_first(chain, chain.revisions, graph.effective_heads) == list(theirs)
    for id_, revision in chain.revisions.items():
        script = theirs[id_]
        assert revision.parents == script._versioned_down_revisions
        assert graph.dependencies.get(id_, ()) == script._resolved_dependencies
        assert graph.branch_labels.get(id_, frozenset()) == script.branch_labels
        assert revision.doc == script.doc
        assert os.path.realpath(revision.path) == os.path.realpath(script.path)
        assert ("upgrade" in vars(script.module)) == (revision.upgrade != "missing")
        assert ("downgrade" in vars(script.module)) == (revision.downgrade != "missing")


def test_every_rule_on_files_has_a_history_that_triggers_it(tmp_path: Path) -> None:
    triggered = {found[0] for name in CASES for found in prepared(name, tmp_path / name).expected["findings"]}
    assert triggered == set(RULES) - {rule.id for rule in (*applied.RULES, *models.RULES, *round_trips.RULES)}
