"""Everything that a person gets: packages, and the libraries that sit inside them.

Versions are read from the very files that ship, wherever a file tells its version.
"""

import importlib.metadata
import json
import platform as python_platform
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from freeze import inside
from freeze.part import Part
from freeze.plan import Platform, is_library_of_system

ROOT = Path(__file__).resolve().parents[2]
_DATA = ROOT / "resources" / "LICENCES"


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
# Libraries that come from the building machine, by the Debian package.
DEBIAN = {
    "libffi8": "MIT",
    "libssl3": "Apache-2.0",
    "libxcb-cursor0": "MIT",
    "libxcb-icccm4": "MIT",
    "libxcb-image0": "MIT",
    "libxcb-keysyms1": "MIT",
    "libxcb-render-util0": "MIT",
    "libxcb-util1": "MIT",
    "libxcb-xkb1": "MIT",
    "libxkbcommon-x11-0": "MIT",
    "libxkbcommon0": "MIT",
}
# Asked for by cffi for building only; no line of it is in the bundle.
_NOT_SHIPPED = ("pycparser",)


def parts(folder: Path, platform: Platform) -> list[Part]:
    """Return everything in a frozen folder, in a fixed order.

    Raises:
        LookupError: a file that must tell its version does not, or a licence is unknown.
    """
    found = [
        *_python_packages(),
        _python(),
        *inside.qt(folder, platform),
        *inside.sqlcipher(folder),
        *inside.cryptography(folder, _crates_of_cryptography()),
        *inside.argon2(),
        *inside.cffi(platform),
        *inside.python(folder, platform),
        *inside.bootloader(folder, platform),
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


def _crates_of_cryptography() -> list[Path]:
    package = importlib.metadata.distribution("cryptography")
    told = [file for file in package.files or [] if str(file).endswith("rust.cyclonedx.json")]
    return [Path(str(package.locate_file(file))) for file in told]


def _of_system(folder: Path, platform: Platform) -> Iterator[Part]:
    """Yield the libraries that came from the machine, each with the Debian package that it is of.

    Elsewhere there is only OpenSSL's, which Python brings.
    """
    for path in sorted((folder / "_internal").iterdir()):
        if not is_library_of_system(path.name, platform) or "python" in path.name.lower():
            continue
        if path.name.startswith("libcrypto"):
            yield inside.openssl(path, "Python")
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
    if package not in DEBIAN:
        raise LookupError(f"the licence of Debian's {package} is not known in {__name__}")
    return Part(
        name=file,
        version=version,
        licence=DEBIAN[package],
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
