"""Where libraries look for others: a builder's own folders must not get into what ships."""

import shutil
import subprocess
from pathlib import Path

import pytest

from freeze import search_paths
from not_run import not_run

SOURCE = "int fielddoc_answer(void) { return 42; }\n"


def library(folder: Path, *paths: str) -> Path:
    """Compile a library with search paths."""
    compiler = shutil.which("cc")
    if compiler is None:
        not_run("no C compiler is installed")
    source, target = folder / "a.c", folder / "liba.so"
    source.write_text(SOURCE, encoding="ascii")
    options = [f"-Wl,-rpath,{path}" for path in paths]
    command = [
        compiler,
        "-shared",
        "-fPIC",
        "-o",
        str(target),
        str(source),
        "-Wl,--no-as-needed",
        "-lm",
        *options,
    ]
    subprocess.run(command, check=True)
    return target


def dynamic(file: Path) -> str:
    command = ["readelf", "--dynamic", "--wide", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("paths", [("/elsewhere/plum/lib",), ("$ORIGIN", "/elsewhere/plum/lib")])
def test_path_of_the_builder_is_found_and_taken_out(tmp_path: Path, paths: tuple[str, ...]) -> None:
    import ctypes

    file = library(tmp_path, *paths)
    before = dynamic(file)
    assert search_paths.foreign(file.read_bytes()) == [":".join(paths)]

    assert search_paths.remove_foreign([file]) == 1

    after = dynamic(file)
    assert "/elsewhere/plum" in before
    assert "PATH" not in after
    assert b"/elsewhere/plum" not in file.read_bytes()
    assert after.count("NEEDED") == before.count("NEEDED") > 0
    assert ctypes.CDLL(str(file)).fielddoc_answer() == 42


def test_path_beside_the_library_stays(tmp_path: Path) -> None:
    file = library(tmp_path, "$ORIGIN/../lib")
    before = file.read_bytes()

    assert search_paths.remove_foreign([file]) == 0

    assert file.read_bytes() == before
    assert "$ORIGIN/../lib" in dynamic(file)
