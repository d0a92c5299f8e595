"""Everything that a person gets: packages, and the libraries that sit inside them.

Versions are read from the very files that ship, wherever a file tells its version.
"""

import importlib.metadata
import json
import platform as python_platform
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from freeze.plan import Platform, is_library_of_system

ROOT = Path(__file__).resolve().parents[2]
_TEXTS = ROOT / "packaging" / "licences"
_DATA = ROOT / "resources" / "LICENCES"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing with a version and a licence of its own."""

    name: str
    version: str
    """Empty where nothing tells it."""
    licence: str
    """An SPDX expression."""
    texts: tuple[Path, ...] = ()
    """Files with the words of the licence."""
    address: str = ""
    """A package URL; empty for what is in no registry."""
    inside: str = ""
    """The part that brings it; empty for what the program itself asks for."""


# Licences by the SPDX list, where a package's own data is missing or in loose words.
LICENCES = {
    "argon2-cffi": "MIT",
    "argon2-cffi-bindings": "MIT",
    "cffi": "MIT-0",
    "cryptography": "Apache-2.0 OR BSD-3-Clause",
    "fielddoc": "GPL-3.0-or-later",
    "pyside6-essentials": "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only",
    "rfc8785": "Apache-2.0",
    "segno": "BSD-3-Clause",
    "shamir-mnemonic": "MIT",
    "shiboken6": "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only",
    "sqlcipher3": "Zlib",
}
# Data of others in resources/, by the file with its licence.
DATA = {
    "EFF": ("EFF long word list", "CC-BY-3.0"),
    "Lucide": ("Lucide icons", "ISC AND MIT"),
    "OpenCC": ("OpenCC tables", "Apache-2.0"),
    "Unicode": ("Unicode data", "Unicode-3.0"),
    "chinesecalendar": ("Chinese holidays", "MIT"),
}
# Asked for by cffi for building only; no line of it is in the bundle.
_NOT_SHIPPED = ("pycparser",)

_QT = "PySide6-Essentials"
_SSL = rb"OpenSSL (\d+\.\d+\.\d+) +\d+ \w{3} \d{4}"


def parts(folder: Path, platform: Platform) -> list[Part]:
    """Return everything in a frozen folder, in a fixed order.

    Raises:
        LookupError: a file that must tell its version does not, or a licence is unknown.
    """
    found = [
        *_python_packages(),
        _python(),
        *_in_qt(folder, platform),
        *_in_sqlcipher(folder),
        *_in_cryptography(folder),
        *_in_others(),
        *_of_system(folder, platform),
        *_own_data(),
    ]
    return sorted(found, key=lambda part: (part.name.lower(), part.version, part.inside))


def shipped_packages(environment: dict[str, str] | None = None) -> list[str]:
    """Return the names of fielddoc and of all packages that it needs to run, from pyproject.toml.

    Args:
        environment: for which system the markers are read, as PEP 508 names it; this one's if
            not given.
    """
    names, waiting = set[str](), ["fielddoc"]
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in names or name in _NOT_SHIPPED:
            continue
        names.add(name)
        for words in importlib.metadata.requires(name) or []:
            needed = Requirement(words)
            context = {"extra": "", **(environment or {})}
            if needed.marker is None or needed.marker.evaluate(context):
                waiting.append(needed.name)
    return sorted(names)


def _python_packages() -> Iterator[Part]:
    for name in shipped_packages():
        package = importlib.metadata.distribution(name)
        files = [
            package.locate_file(file) for file in package.files or [] if _is_licence(str(file))
        ]
        texts = tuple(Path(str(file)) for file in files)
        if name not in LICENCES:
            raise LookupError(f"the licence of {name} is not known in {__name__}")
        yield Part(
            name=str(package.metadata["Name"]),
            version=package.version,
            licence=LICENCES[name],
            # PySide6 is taken under the GPL, whose words are our own licence's.
            texts=texts or (ROOT / "LICENSE",),
            address="" if name == "fielddoc" else f"pkg:pypi/{name}@{package.version}",
        )
    pyinstaller = importlib.metadata.distribution("pyinstaller")
    (copying,) = [file for file in pyinstaller.files or [] if _is_licence(str(file))]
    yield Part(
        name="PyInstaller bootloader",
        version=pyinstaller.version,
        licence="GPL-2.0-or-later WITH Bootloader-exception",
        texts=(Path(str(pyinstaller.locate_file(copying))),),
        address=f"pkg:pypi/pyinstaller@{pyinstaller.version}",
    )


def _is_licence(file: str) -> bool:
    return ".dist-info/" in file and bool(re.search(r"/(LICEN[CS]E|COPYING)[^/]*$", file))


def _python() -> Part:
    library = Path(json.__file__).parents[1]
    texts = [
        path for path in (library / "LICENSE.txt", library.parent / "LICENSE.txt") if path.exists()
    ]
    debian = Path("/usr/share/doc/python3/copyright")
    return Part(
        name="Python",
        version=python_platform.python_version(),
        licence="Python-2.0.1",
        texts=tuple(texts[:1]) or ((debian,) if debian.exists() else ()),
    )


def _in_qt(folder: Path, platform: Platform) -> Iterator[Part]:
    core, gui = _library(folder, "Core", platform), _library(folder, "Gui", platform)
    licence = "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only"
    version = _version(core, rb"Qt (\d+\.\d+\.\d+) \(")
    yield Part(name="Qt", version=version, licence=licence, texts=(ROOT / "LICENSE",), inside=_QT)
    if platform is Platform.LINUX:  # elsewhere Qt asks the system
        file = next(folder.rglob("libicuuc.so.*"))
        version = _version(file, rb"\x00(7\d\.\d)\x00")
        yield _inside(_QT, "ICU", version, "ICU", "ICU.txt")
    pcre = _version(core, rb"(10\.\d\d) 20\d\d-\d\d-\d\d")
    yield _inside(_QT, "PCRE2", pcre, "BSD-3-Clause", "PCRE2.txt")
    yield _inside(_QT, "double-conversion", "", "BSD-3-Clause", "double-conversion.txt")
    yield _inside(_QT, "HarfBuzz", "", "MIT-Modern-Variant", "HarfBuzz.txt")
    yield _inside(_QT, "MD4C", "", "MIT", "MD4C.txt")
    png = _version(gui, rb"libpng version (\d+\.\d+\.\d+)")
    yield _inside(_QT, "libpng", png, "libpng-2.0", "libpng.txt")
    jpeg = next(folder.rglob("*qjpeg*"))
    version = _version(jpeg, rb"libjpeg-turbo version (\d+\.\d+\.\d+)")
    yield _inside(
        _QT, "libjpeg-turbo", version, "IJG AND BSD-3-Clause AND Zlib", "libjpeg-turbo.txt"
    )
    yield _inside(_QT, "libwebp", "", "BSD-3-Clause", "libwebp.txt")


def _in_sqlcipher(folder: Path) -> Iterator[Part]:
    # The one import of the driver outside the vault: to ask it what it is.
    from sqlcipher3 import dbapi2  # noqa: PLC0415

    database = dbapi2.connect(":memory:")
    (version,) = database.execute("PRAGMA cipher_version").fetchone()
    database.close()
    number = str(version).split()[0]
    yield _inside("sqlcipher3", "SQLCipher", number, "BSD-3-Clause", "SQLCipher.txt")
    yield Part(
        name="SQLite", version=dbapi2.sqlite_version, licence="blessing", inside="sqlcipher3"
    )
    (file,) = (folder / "_internal" / "sqlcipher3").glob("_sqlite3*")
    yield _openssl(file, "sqlcipher3")


def _in_cryptography(folder: Path) -> Iterator[Part]:
    (file,) = (folder / "_internal" / "cryptography").rglob("_rust*")
    yield _openssl(file, "cryptography")
    package = importlib.metadata.distribution("cryptography")
    told = [file for file in package.files or [] if str(file).endswith("rust.cyclonedx.json")]
    for listing in told:  # its own list of what it was compiled from; older releases have none
        for crate in json.loads(listing.read_text())["components"]:
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


def _texts_of_crate(name: str) -> tuple[Path, ...]:
    """Return the words for a crate: its own where we have them, else those of Apache-2.0."""
    own = _TEXTS / f"{name}.txt"
    return (own,) if own.exists() else _apache()


def _in_others() -> Iterator[Part]:
    licence = "CC0-1.0 OR Apache-2.0"
    yield _inside("argon2-cffi-bindings", "Argon2 reference code", "", licence, "Argon2.txt")


def _openssl(file: Path, inside: str) -> Part:
    version = _version(file, _SSL)
    return Part(
        name="OpenSSL", version=version, licence="Apache-2.0", texts=_apache(), inside=inside
    )


def _apache() -> tuple[Path, ...]:
    """Return the words of Apache-2.0, which cryptography brings."""
    package = importlib.metadata.distribution("cryptography")
    (file,) = [file for file in package.files or [] if str(file).endswith("LICENSE.APACHE")]
    return (Path(str(package.locate_file(file))),)


def _of_system(folder: Path, platform: Platform) -> Iterator[Part]:
    """Yield the libraries that came from the machine, each with the Debian package that it is of.

    Elsewhere there is only OpenSSL's, which Python brings.
    """
    for path in sorted((folder / "_internal").iterdir()):
        if not is_library_of_system(path.name, platform) or "python" in path.name.lower():
            continue
        if path.name.startswith("libcrypto"):
            yield _openssl(path, "Python")
        if platform is Platform.LINUX:
            yield _of_debian(path.name)


def _of_debian(file: str) -> Part:
    asked = subprocess.run(["dpkg", "-S", f"*/{file}"], capture_output=True, text=True, check=False)
    package = asked.stdout.partition(":")[0]
    if not package:
        raise LookupError(f"no Debian package holds {file}; build on Debian")
    form = ["dpkg-query", "-W", "-f", "${Version}", package]
    version = subprocess.run(form, capture_output=True, text=True, check=True).stdout.split()[0]
    copyright_ = Path("/usr/share/doc") / package / "copyright"
    licence = {"libssl3": "Apache-2.0"}.get(package, "MIT")
    return Part(
        name=file,
        version=version,
        licence=licence,
        texts=(copyright_,),
        address=f"pkg:deb/debian/{package}@{version}",
        inside="Debian",
    )


def _own_data() -> Iterator[Part]:
    fonts = sorted((ROOT / "resources").glob("fonts/*.[ot]tf"))
    for text in sorted(_DATA.glob("*.txt")):
        if text.stem == "Noto":
            for font in fonts:
                yield Part(
                    name=f"font {font.stem}", version="", licence="OFL-1.1", texts=(text,),
                    inside="fielddoc",
                )  # fmt: skip
            continue
        name, licence = DATA.get(text.stem, (text.stem, f"LicenseRef-{text.stem}"))
        yield Part(name=name, version="", licence=licence, texts=(text,), inside="fielddoc")


def _inside(owner: str, name: str, version: str, licence: str, text: str) -> Part:
    return Part(name=name, version=version, licence=licence, texts=(_TEXTS / text,), inside=owner)


def _library(folder: Path, name: str, platform: Platform) -> Path:
    pattern = {
        Platform.LINUX: f"libQt6{name}.so.6",
        Platform.WINDOWS: f"Qt6{name}.dll",
        Platform.MACOS: f"Qt{name}",
    }[platform]
    return next(path for path in sorted(folder.rglob(pattern)) if path.is_file())


def _version(file: Path, pattern: bytes) -> str:
    """Return what the only group of `pattern` finds in a file.

    Raises:
        LookupError: it is not there.
    """
    found = re.search(pattern, file.read_bytes())
    if found is None:
        raise LookupError(f"{file.name} does not tell its version")
    return found[1].decode()
