"""What is in the frozen program: `make check-package`, after `make package`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from freeze import contents, inventory, linux
from freeze.package import MAXIMUM_BYTES, package_names
from freeze.plan import Platform, executables
from freeze.search_paths import elf_files, foreign
from not_run import not_run

DIST = Path(__file__).parents[2] / "dist"
FOLDER = DIST / "fielddoc"
PLATFORM = Platform(sys.platform)
ENDING = ".exe" if PLATFORM is Platform.WINDOWS else ""
PACKAGES = [DIST / name for name in package_names(PLATFORM)]


def only_on_linux() -> None:
    if PLATFORM is not Platform.LINUX:
        not_run("this is about what is built on Linux")


def test_bundle_holds_what_is_known_and_nothing_else() -> None:
    names = contents.files(FOLDER)
    licences = contents.named_licences(FOLDER)
    base = contents.modules_to_start(FOLDER)

    assert len(names) > 150
    assert len(base) > 50
    assert len(licences) > 20
    for program in executables(PLATFORM):
        held = contents.modules(FOLDER / f"{program.name}{ENDING}")
        assert len(held) > 150
        assert contents.faults(names, [*held, *base], PLATFORM, licences=licences) == []


def test_debian_package_depends_on_every_library_that_does_not_come_along() -> None:
    only_on_linux()
    assert linux.needed_libraries(FOLDER) == set(linux.DEBIAN_PACKAGES)


def test_no_library_looks_for_others_in_a_folder_of_the_builder() -> None:
    only_on_linux()
    files = list(elf_files(FOLDER))

    assert len(files) > 50
    assert {path.name: found for path in files if (found := foreign(path.read_bytes()))} == {}


def test_libraries_are_stripped() -> None:
    only_on_linux()
    unstripped = [
        path.name
        for path in (FOLDER / "_internal").rglob("*.so*")
        if b".symtab" in subprocess.run(
            ["readelf", "--sections", "--wide", str(path)], capture_output=True, check=True
        ).stdout
    ]  # fmt: skip

    assert unstripped == []


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.suffix)
def test_package_is_small_enough(package: Path) -> None:
    assert 0 < package.stat().st_size <= MAXIMUM_BYTES


def test_portable_archive_is_the_frozen_folder_with_the_mark(tmp_path: Path) -> None:
    only_on_linux()
    subprocess.run(["tar", "-C", str(tmp_path), "-xJf", str(PACKAGES[0])], check=True)

    assert contents.files(tmp_path / "fielddoc") == sorted([*contents.files(FOLDER), "portable"])


def test_debian_package_is_the_frozen_folder_without_the_mark(tmp_path: Path) -> None:
    only_on_linux()
    subprocess.run(["dpkg-deb", "-x", str(PACKAGES[1]), str(tmp_path)], check=True)

    assert contents.files(tmp_path / "usr" / "lib" / "fielddoc") == contents.files(FOLDER)
    entry = (tmp_path / "usr/share/applications/fielddoc.desktop").read_text(encoding="utf-8")
    assert "Exec=fielddoc\n" in entry
    assert (tmp_path / "usr/bin/fielddoc").readlink() == Path("../lib/fielddoc/fielddoc")


def test_bill_of_materials_names_what_sits_inside_wheels() -> None:
    bill = json.loads((FOLDER / "sbom.cdx.json").read_text(encoding="utf-8"))

    inside = {
        (one["name"], one["properties"][0]["value"]): one.get("version")
        for one in bill["components"]
        if "properties" in one
    }
    for name in ("Qt", "ICU", "PCRE2", "libpng", "libjpeg-turbo"):
        assert inside[name, "PySide6-Essentials"]
    assert inside["SQLCipher", "sqlcipher3"]
    assert inside["SQLite", "sqlcipher3"]
    assert inside["OpenSSL", "sqlcipher3"]
    assert inside["OpenSSL", "cryptography"]
    assert inside["OpenSSL", "Python"]
    names = {one["name"].lower().replace("_", "-") for one in bill["components"]}
    assert set(inventory.shipped_packages()) - {"fielddoc"} <= names
    fonts = {f"font {path.stem}".lower() for path in FOLDER.rglob("*.[ot]tf")}
    assert fonts == {name for name in names if name.startswith("font ")}


def test_every_licence_that_is_named_has_its_words() -> None:
    folder = FOLDER / "LICENCES"
    lines = (folder / "README.txt").read_text(encoding="utf-8").splitlines()[2:]

    assert len(lines) > 40
    for line in lines:
        names = line.rpartition("; ")[2]
        if names != "in the public domain":
            assert all((folder / name).stat().st_size > 100 for name in names.split(", "))
