"""What sits inside the wheels and programs that ship: libraries that no package manager lists.

Each version is read from the very file that ships, where that file tells it; a library that does
not is named without one, and what its owner was built from is the owner's version. None of these
functions runs anything of the folder, so wheels for other systems can be judged here, too.
"""

import importlib.metadata
import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import assert_never

from freeze.part import TEXTS, Part, version_if_told, version_in
from freeze.plan import Platform

ROOT = Path(__file__).resolve().parents[2]
_QT = "PySide6-Essentials"
_SSL = rb"OpenSSL (\d+\.\d+\.\d+) +\d+ \w{3} \d{4}"
_OF_QT = "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only"
# Debian's account of everything in qtbase, qtsvg and qtwayland that others wrote.
_SMALLER = {"qtbase": "Qt-qtbase.txt", "qtsvg": "Qt-qtsvg.txt", "qtwayland": "Qt-qtwayland.txt"}


def qt(folder: Path, platform: Platform) -> Iterator[Part]:
    """Yield Qt and what its libraries and plug-ins hold.

    Raises:
        LookupError: a file that must tell its version does not.
    """
    core, gui = _library(folder, "Core", platform), _library(folder, "Gui", platform)
    version = version_in(core, rb"Qt (\d+\.\d+\.\d+) \(")
    yield Part(name="Qt", version=version, licence=_OF_QT, texts=(ROOT / "LICENSE",), inside=_QT)
    for name, text in _SMALLER.items():
        if name != "qtwayland" or platform is Platform.LINUX:
            words = f"LicenseRef-{name}-third-party"
            yield _inside(_QT, f"smaller code of others in {name}", version, words, text)
    pcre = version_in(core, rb"(10\.\d\d) 20\d\d-\d\d-\d\d")
    yield _inside(_QT, "PCRE2", pcre, "BSD-3-Clause", "PCRE2.txt")
    yield _inside(_QT, "double-conversion", "", "BSD-3-Clause", "double-conversion.txt")
    yield _inside(_QT, "HarfBuzz", "", "MIT-Modern-Variant", "HarfBuzz.txt")
    yield _inside(_QT, "MD4C", "", "MIT", "MD4C.txt")
    # Not every compiler keeps the sentence "libpng version"; the bare number is always there.
    png = version_in(gui, rb"\x00(1\.6\.\d+)\x00")
    yield _inside(_QT, "libpng", png, "libpng-2.0", "libpng.txt")
    jpeg = version_in(next(folder.rglob("*qjpeg*")), rb"libjpeg-turbo version (\d+\.\d+\.\d+)")
    licence = "IJG AND BSD-3-Clause AND Zlib"
    yield _inside(_QT, "libjpeg-turbo", jpeg, licence, "libjpeg-turbo.txt")
    yield _inside(_QT, "libwebp", "", "BSD-3-Clause", "libwebp.txt")
    match platform:
        case Platform.LINUX:  # the desktop brings zlib and FreeType
            icu = version_in(next(folder.rglob("libicuuc.so.*")), rb"\x00(7\d\.\d)\x00")
            yield _inside(_QT, "ICU", icu, "ICU", "ICU.txt")
        case Platform.WINDOWS:
            zlib_ = version_in(core, rb"\x00(1\.[\d.]+) \(Qt\)\x00")
            yield _inside(_QT, "zlib", zlib_, "Zlib", "zlib.txt")
            yield _inside(_QT, "FreeType", "", "FTL OR GPL-2.0-or-later", "FreeType.txt")
            words = "LicenseRef-Microsoft-runtime"
            yield _inside(_QT, "Microsoft's C++ runtime", "", words, "Microsoft-runtime.txt")
        case Platform.MACOS:
            yield _inside(_QT, "FreeType", "", "FTL OR GPL-2.0-or-later", "FreeType.txt")
        case _:
            assert_never(platform)


def sqlcipher(folder: Path) -> Iterator[Part]:
    """Yield what the driver of the database holds."""
    (file,) = (folder / "_internal" / "sqlcipher3").glob("_sqlite3*")
    number = version_in(file, rb"(?<![\d.])(4\.\d+\.\d+)\x00")
    yield _inside("sqlcipher3", "SQLCipher", number, "BSD-3-Clause", "SQLCipher.txt")
    number = version_in(file, rb"(?<![\d.])(3\.\d\d\.\d+)(?![\d.])")
    yield Part(name="SQLite", version=number, licence="blessing", inside="sqlcipher3")
    yield openssl(file, "sqlcipher3")


def cryptography(folder: Path, listings: Sequence[Path]) -> Iterator[Part]:
    """Yield what cryptography was compiled from.

    Args:
        folder: the frozen program.
        listings: its own lists of Rust's crates, as CycloneDX; older releases have none.
    """
    (file,) = (folder / "_internal" / "cryptography").rglob("_rust*")
    yield openssl(file, "cryptography")
    yield Part(
        name="Rust's standard library",
        version=version_if_told(file, rb"rustc version (\d+\.\d+\.\d+)"),
        licence="MIT OR Apache-2.0",
        texts=_apache(),
        inside="cryptography",
    )
    for listing in listings:
        for crate in json.loads(listing.read_text(encoding="utf-8"))["components"]:
            if crate["name"].startswith("cryptography"):
                continue
            yield Part(
                name=crate["name"],
                version=crate["version"],
                licence=crate["licenses"][0]["expression"],
                address=f"pkg:cargo/{crate['name']}@{crate['version']}",
                inside="cryptography",
                texts=_texts_of_crate(crate["name"]),
            )


def argon2() -> Iterator[Part]:
    """Yield what argon2-cffi-bindings holds."""
    licence = "CC0-1.0 OR Apache-2.0"
    yield _inside("argon2-cffi-bindings", "Argon2 reference code", "", licence, "Argon2.txt")


def cffi(platform: Platform) -> Iterator[Part]:
    """Yield what cffi holds: on macOS it asks the system for libffi."""
    if platform is not Platform.MACOS:
        yield _inside("cffi", "libffi", "", "MIT", "libffi.txt")


def python(folder: Path, platform: Platform) -> Iterator[Part]:
    """Yield what Python's own extension modules hold; a Python built otherwise holds less."""
    expat = _extension(folder, "pyexpat")
    if expat:
        version = version_if_told(expat, rb"expat_(\d+\.\d+\.\d+)")
        yield _inside("Python", "expat", version, "MIT", "expat.txt")
    decimal = _extension(folder, "_decimal")
    if decimal:
        version = version_if_told(decimal, rb"\x00(2\.\d\.\d)\x00")
        yield _inside("Python", "libmpdec", version, "BSD-2-Clause", "libmpdec.txt")
    if platform is Platform.WINDOWS:
        # Compiled into python3xx.dll there; this is the Python that is being packed.
        yield _inside("Python", "zlib", zlib.ZLIB_RUNTIME_VERSION, "Zlib", "zlib.txt")
        words = "LicenseRef-Microsoft-runtime"
        yield _inside("Python", "Microsoft's C runtime", "", words, "Microsoft-runtime.txt")
    if platform is not Platform.LINUX:  # there it is the system's
        yield _inside("Python", "libffi", "", "MIT", "libffi.txt")


def bootloader(folder: Path, platform: Platform) -> Iterator[Part]:
    """Yield what PyInstaller's start-up program holds."""
    program = folder / ("fielddoc.exe" if platform is Platform.WINDOWS else "fielddoc")
    version = version_if_told(program, rb"\x00(1\.[23]\.\d+)\x00")
    yield _inside("PyInstaller bootloader", "zlib", version, "Zlib", "zlib.txt")


def openssl(file: Path, owner: str) -> Part:
    """Return the OpenSSL in a file of `owner`.

    Raises:
        LookupError: the file does not tell its version.
    """
    return Part(
        name="OpenSSL",
        version=version_in(file, _SSL),
        licence="Apache-2.0",
        texts=_apache(),
        inside=owner,
    )


def _texts_of_crate(name: str) -> tuple[Path, ...]:
    """Return the words for a crate: its own where we have them, else those of Apache-2.0."""
    own = TEXTS / f"{name}.txt"
    return (own,) if own.exists() else _apache()


def _apache() -> tuple[Path, ...]:
    """Return the words of Apache-2.0, which cryptography brings."""
    package = importlib.metadata.distribution("cryptography")
    (file,) = [file for file in package.files or [] if str(file).endswith("LICENSE.APACHE")]
    return (Path(str(package.locate_file(file))),)


def _inside(owner: str, name: str, version: str, licence: str, text: str) -> Part:
    return Part(name=name, version=version, licence=licence, texts=(TEXTS / text,), inside=owner)


def _extension(folder: Path, name: str) -> Path | None:
    found = [*folder.rglob(f"{name}.*so"), *folder.rglob(f"{name}.pyd")]
    return found[0] if found else None


def _library(folder: Path, name: str, platform: Platform) -> Path:
    pattern = {
        Platform.LINUX: f"libQt6{name}.so.6",
        Platform.WINDOWS: f"Qt6{name}.dll",
        Platform.MACOS: f"Qt{name}",
    }[platform]
    return next(path for path in sorted(folder.rglob(pattern)) if path.is_file())
