"""What the judge of a bundle's contents lets pass and what not.

`make check-package` lets it judge a real bundle.
"""

import zipfile
from pathlib import Path

import pytest

from freeze import contents, plan
from freeze.plan import Platform

ROOT = Path(__file__).parents[2]


def good_files() -> list[str]:
    """Return the files of a bundle for Linux in which nothing is wrong."""
    resources = contents.resources()
    plug_ins = [plug_in.replace("/", "/lib", 1) for plug_in in plan.plug_ins(Platform.LINUX)]
    return [
        "fielddoc",
        "LICENCE.txt",
        "LICENCES/README.txt",
        "LICENCES/Qt.txt",
        "sbom.cdx.json",
        "_internal/base_library.zip",
        "_internal/PySide6/Qt/lib/libQt6Core.so.6",
        *(f"_internal/fielddoc/resources_data/{name}" for name in resources),
        "_internal/PySide6/Qt/translations/qtbase_zh_CN.qm",
        *(f"_internal/PySide6/Qt/plugins/{name}.so" for name in plug_ins),
        *(f"_internal/{name}" for name in plan.libraries_of_system(Platform.LINUX)),
    ]


LICENCES = {"Qt.txt"}
GOOD_MODULES = ["argon2.low_level", "fielddoc.vault.vault", "json", "pyimod01_archive", "start"]


def faults(names: list[str], held: list[str]) -> list[str]:
    return contents.faults(names, held, Platform.LINUX, licences=LICENCES)


def test_good_bundle_has_no_faults() -> None:
    assert faults(good_files(), GOOD_MODULES) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("_internal/PySide6/Qt/lib/libQt6Network.so.6", "network"),
        ("_internal/libssl.so.3", "network"),
        ("_internal/python3.11/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so", "network"),
        ("_internal/python3.11/lib-dynload/_socket.cpython-311-x86_64-linux-gnu.so", "network"),
        ("_internal/PySide6/Qt/plugins/tls/libqopensslbackend.so", "network"),
        ("_internal/libcurl.so.4", "network"),
        ("_internal/libgssapi_krb5.so.2", "network"),
        ("_internal/fielddoc/resources_data/tests/data/golden-1/vault.key", "tests"),
        ("_internal/fielddoc/conftest.py", "tests"),
        ("_internal/fielddoc/resources_data/forgotten.txt", "not known"),
        ("_internal/libunheardof.so.1", "not known"),
        ("_internal/PySide6/Qt/plugins/platforms/libqvnc.so", "not known"),
        ("_internal/PySide6/Qt/translations/qtbase_de.qm", "not known"),
        ("portable", "not known"),
        ("LICENCES/secrets-of-a-vault.txt", "not known"),
        ("_internal/Python.framework/anything", "not known"),
        ("_internal/python3.11/lib-dynload/evil.so", "not known"),
        ("_internal/python3.11/lib-dynload/_tkinter.cpython-311-x86_64-linux-gnu.so", "left out"),
        ("_internal/PySide6/QtNetwork.abi3.so", "network"),
        ("_internal/PySide6/QtQml.abi3.so", "not known"),
        ("notes.txt", "not known"),
    ],
)
def test_file_that_should_not_be_there_is_named(name: str, words: str) -> None:
    (fault,) = faults([*good_files(), name], GOOD_MODULES)

    assert name in fault
    assert words in fault


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("socket", "network"),
        ("http.client", "network"),
        ("urllib.request", "network"),
        ("asyncio.sslproto", "network"),
        ("cryptography.hazmat.tests", "tests"),
        ("hypothesis", "tests"),
        ("requests", "not known"),
        ("PySide6.QtNetwork", "not known"),
        ("multiprocessing.connection", "left out"),
        ("sqlite3", "left out"),
        ("tkinter", "left out"),
        ("unittest.mock", "left out"),
        ("email.message", "left out"),
        ("idlelib", "left out"),
        ("cProfile", "not known"),
        ("fielddoc.secret", "not in the checkout"),
    ],
)
def test_module_that_should_not_be_there_is_named(module: str, words: str) -> None:
    (fault,) = faults(good_files(), [*GOOD_MODULES, module])

    assert f"module {module} " in fault
    assert words in fault


@pytest.mark.parametrize("left_out", ["libqxcb.so", "schema-1.sql", "libxcb-cursor.so.0"])
def test_missing_file_is_named(left_out: str) -> None:
    names = [name for name in good_files() if not name.endswith(left_out)]

    (fault,) = faults(names, GOOD_MODULES)

    assert "missing" in fault


def test_file_in_resources_that_git_does_not_keep_is_named() -> None:
    """Whatever lies there when somebody builds is packed by PyInstaller; it may be anything."""
    stray = ROOT / "resources" / "stray-vault.key"
    stray.touch()
    try:
        assert stray.name not in contents.resources()
        name = f"_internal/fielddoc/resources_data/{stray.name}"
        (fault,) = faults([*good_files(), name], GOOD_MODULES)
    finally:
        stray.unlink()

    assert stray.name in fault


def test_licence_that_is_named_and_missing_is_told() -> None:
    (fault,) = contents.faults(
        good_files(), GOOD_MODULES, Platform.LINUX, licences={"Qt.txt", "Other.txt"}
    )

    assert fault == "LICENCES/Other.txt is missing"


def test_modules_that_python_starts_with_are_read_from_their_archive(tmp_path: Path) -> None:
    (tmp_path / "_internal").mkdir()
    with zipfile.ZipFile(tmp_path / "_internal" / "base_library.zip", "w") as archive:
        for name in ("abc.pyc", "encodings/__init__.pyc", "encodings/utf_8.pyc"):
            archive.writestr(name, b"")

    assert contents.modules_to_start(tmp_path) == ["abc", "encodings", "encodings.utf_8"]
