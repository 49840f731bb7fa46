"""Reading on several processors gives what reading on one gives."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from migrator.chain import parallel
from migrator.chain.declared import Declared
from migrator.chain.parallel import read_in_parallel

PATHS = [f"/versions/{number}.py" for number in range(50)]


@pytest.fixture(autouse=True)
def always_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_WORTH_A_PROCESS", 10)


def declared(path: str) -> Declared:
    return Declared(
        Path(path).stem, parents=("ü",), imports=((1, "shop", ("a",)),), problems=(("cycle", 1, "m", "c", "r"),)
    )


def test_the_order_and_every_value_are_kept() -> None:
    assert read_in_parallel(PATHS, declared) == [declared(path) for path in PATHS]
    assert read_in_parallel([], declared) == []


def test_the_share_of_a_process_that_dies_is_read_again() -> None:
    parent = os.getpid()

    def dies_in_a_child(path: str) -> Declared:
        if os.getpid() != parent:
            os._exit(9)
        return declared(path)

    assert read_in_parallel(PATHS, dies_in_a_child) == [declared(path) for path in PATHS]
