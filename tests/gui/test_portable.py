"""A program that is carried: its mark, and where it keeps the one file that it may write."""

import os
import sys
from pathlib import Path

import pytest

from fielddoc.gui import hardening, portable, remembered

KEPT = remembered.Remembered(folder="/media/stick/casework", language="zh_CN")


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let this process pass for a frozen program in a folder of its own; HOME is another."""
    folder = tmp_path / "带 走" / "fielddoc"
    folder.mkdir(parents=True)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(folder / "fielddoc"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / "settings"))
    return folder


def test_program_with_the_mark_remembers_beside_itself(program: Path, tmp_path: Path) -> None:
    (program / "portable").touch()

    remembered.write(KEPT)

    assert remembered.read() == KEPT
    assert sorted(path.name for path in program.iterdir()) == ["last-place.json", "portable"]
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    "planted",
    [b"", b"null", b"[]", b'{"folder": 3}', b'{"folder": "\\u0000"}', b"\xff", b"[" * 4000],
    ids=["empty", "null", "list", "number", "NUL", "not UTF-8", "deep"],
)
def test_what_somebody_planted_there_is_passed_over(program: Path, planted: bytes) -> None:
    remembered.path().parent.mkdir(parents=True, exist_ok=True)
    remembered.path().write_bytes(planted)

    assert remembered.read() is None


def test_program_without_the_mark_remembers_with_the_settings(program: Path) -> None:
    remembered.write(KEPT)

    assert remembered.read() == KEPT
    assert list(program.iterdir()) == []


def test_forgetting_leaves_the_program_and_its_mark(program: Path) -> None:
    (program / "portable").touch()
    remembered.write(KEPT)

    remembered.forget()

    assert remembered.read() is None
    assert [path.name for path in program.iterdir()] == ["portable"]


def test_folder_of_that_name_is_no_mark(program: Path) -> None:
    (program / "portable").mkdir()

    assert portable.folder() is None


def test_python_itself_is_never_portable(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program of another project may be named `portable` and lie beside Python."""
    (program / "portable").touch()
    monkeypatch.delattr(sys, "frozen")

    assert portable.folder() is None


@pytest.mark.skipif(sys.platform != "linux", reason="fontconfig is a library of Linux desktops")
@pytest.mark.parametrize("has_mark", [True, False])
def test_only_a_portable_program_keeps_fontconfig_from_writing(
    program: Path, monkeypatch: pytest.MonkeyPatch, *, has_mark: bool
) -> None:
    monkeypatch.setenv("FONTCONFIG_FILE", "to be restored")
    monkeypatch.delenv("FONTCONFIG_FILE")
    if has_mark:
        (program / "portable").touch()

    portable.keep_to_own_folder()

    given = os.environ.get("FONTCONFIG_FILE")
    assert (given is not None) is has_mark
    if given:
        text = Path(given).read_text(encoding="utf-8")
        assert text.count("<cachedir") == 1
        assert "<cachedir>/var/cache/fontconfig</cachedir>" in text


def test_plug_ins_of_another_qt_are_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_PLUGIN_PATH", "/usr/lib/qt6/plugins")
    monkeypatch.setenv("QT_QPA_PLATFORM_PLUGIN_PATH", "/usr/lib/qt6/plugins/platforms")

    hardening.use_own_plug_ins()

    assert "QT_PLUGIN_PATH" not in os.environ
    assert "QT_QPA_PLATFORM_PLUGIN_PATH" not in os.environ
