"""Every reader of files from outside refuses broken ones with an error that it declares.

`make fuzz` does the same for an hour each.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack

import pytest

from faults.fuzz import Target, fuzz, targets

NAMES = [
    "vault.key", "attachment", "age", "bundle", "bag", "revision", "card", "csv", "xlsx", "jsonl",
    "photo", "remembered place",
]  # fmt: skip
SEED = 20261125
INPUTS = 400


@pytest.fixture(scope="module")
def all_targets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Target]]:
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        folder = tmp_path_factory.mktemp("fuzz")
        patch.setenv("XDG_CONFIG_HOME", str(folder))
        yield targets(folder, stack)


def test_all_readers_are_fed(all_targets: Mapping[str, Target]) -> None:
    assert list(all_targets) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_broken_file_is_refused_as_documented(
    all_targets: Mapping[str, Target], name: str
) -> None:
    told = fuzz(all_targets[name], SEED, lambda runs: runs >= INPUTS)

    assert told.faults == 0
    assert told.runs == INPUTS
    assert told.taken < INPUTS or not all_targets[name].declared or name == "jsonl"


def test_an_undeclared_error_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    def read(data: bytes) -> None:
        if data != b"whole":
            raise KeyError(data)

    told = fuzz(Target(read, (ValueError,), (b"whole",)), SEED, lambda runs: runs >= 50)

    assert told.faults == told.runs - told.taken > 0
    assert "KeyError" in capsys.readouterr().err
