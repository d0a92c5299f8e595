"""What is in a frozen folder, and what of it should not be there."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from freeze import plan
from freeze.inventory import shipped_packages
from freeze.plan import Platform

ROOT = Path(__file__).resolve().parents[2]

# Modules that a package installs under another name than its own.
_IMPORT_NAMES = {
    "argon2-cffi": "argon2",
    "argon2-cffi-bindings": "_argon2_cffi_bindings",
    "cffi": "_cffi_backend",
    "pyside6-essentials": "PySide6",
}
_OF_PYINSTALLER = {"start", "struct", "pyi_rth_pkgutil"}
_ALWAYS = {"LICENCE.txt", "sbom.cdx.json", "_internal/base_library.zip"}

# Names that belong to a network, wherever they stand in a file name.
_NETWORK = re.compile(
    r"network|socket|ssl[.\-_]|ssl$|libssl|curl|nghttp|krb5|gssapi|libssh|ldap|libcups|webengine"
    r"|websocket|\bhttp\b|ftplib|smtplib|tls",
    re.IGNORECASE,
)
_TESTS = re.compile(r"(^|[/._-])(tests?|conftest|testing|golden\S*|pytest|hypothesis)($|[/._-])")


def files(folder: Path) -> list[str]:
    """Return the path of every file in a folder, with `/`, in order."""
    found = (path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    return sorted(path.relative_to(folder).as_posix() for path in found)


def modules(program: Path) -> list[str]:
    """Return the Python modules that a frozen program carries inside itself."""
    # PyInstaller is there only where something is frozen.
    from PyInstaller.archive.readers import CArchiveReader  # noqa: PLC0415

    archive = CArchiveReader(str(program))
    (name,) = [name for name in archive.toc if name.startswith("PYZ")]
    starters = [name for name, entry in archive.toc.items() if entry[-1] == "s"]
    return sorted([*archive.open_embedded_archive(name).toc, *starters])


def faults(names: list[str], held: list[str], platform: Platform) -> list[str]:
    """Return what is wrong with a bundle, as one sentence each; nothing if nothing is.

    Args:
        names: the paths of its files.
        held: the Python modules inside its program.
        platform: the system that it is for.
    """
    return [*_wrong_files(names, platform), *_wrong_modules(held), *_missing(names, platform)]


def _wrong_files(names: list[str], platform: Platform) -> Iterator[str]:
    data = {f"_internal/fielddoc/resources_data/{name}" for name in files(ROOT / "resources")}
    programs = {program.name for program in plan.executables(platform)}
    ending = ".exe" if platform is Platform.WINDOWS else ""
    for name in names:
        if name in data:  # exactly what the checkout has; a help page may speak of tests
            continue
        inner = name.removeprefix("_internal/")
        if _NETWORK.search(inner) and not name.startswith("LICENCES/"):
            yield f"{name} belongs to a network"
        elif _TESTS.search(inner):
            yield f"{name} belongs to tests"
        elif not (
            name in _ALWAYS
            or name in {f"{program}{ending}" for program in programs}
            or re.fullmatch(r"LICENCES/[^/]+\.txt", name)
            or tuple(inner.split("/")) in plan.PACKAGE_DATA
            or inner in plan.QT_TRANSLATIONS
            or (name.startswith("_internal/") and plan.keeps_binary(inner, platform))
        ):
            yield f"{name} is not known"


def _wrong_modules(held: list[str]) -> Iterator[str]:
    packages = {_IMPORT_NAMES.get(name, name.replace("-", "_")) for name in shipped_packages()}
    ours = set(_own_modules())
    for name in held:
        top = name.partition(".")[0]
        if any(name == banned or name.startswith(f"{banned}.") for banned in plan.NETWORK_MODULES):
            yield f"module {name} reaches a network"
        elif top == "fielddoc":
            if name not in ours:
                yield f"module {name} is not in the checkout"
        elif _TESTS.search(name.replace(".", "/")):
            yield f"module {name} belongs to tests"
        elif not (
            top in packages
            or top in sys.stdlib_module_names
            or top == "_pyi_rth_utils"
            or re.fullmatch(r"pyi(mod|boot)\d\d_\w+", name)
            or name in _OF_PYINSTALLER
        ):
            yield f"module {name} is not known"


def _own_modules() -> Iterator[str]:
    for path in (ROOT / "src").rglob("*.py"):
        name = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
        yield name.removesuffix(".__init__")


def _missing(names: list[str], platform: Platform) -> Iterator[str]:
    there = set(names)
    for name in files(ROOT / "resources"):
        if f"_internal/fielddoc/resources_data/{name}" not in there:
            yield f"resources/{name} is missing"
    stems = {
        f"{path.parent.name}/{path.name.split('.')[0].removeprefix('lib')}"
        for path in map(PurePosixPath, names)
        if "plugins" in path.parts
    }
    for plug_in in plan.plug_ins(platform):
        if plug_in not in stems:
            yield f"Qt's plug-in {plug_in} is missing"
    for library in plan.libraries_of_system(platform):
        if platform is Platform.LINUX and f"_internal/{library}" not in there:
            yield f"{library} is missing: the machine that built this does not have it"
