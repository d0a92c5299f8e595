"""What is in a frozen folder, and what of it should not be there."""

import re
import subprocess
import sys
import zipfile
from collections.abc import Collection, Iterator
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
# Extension modules of Python on systems other than this one.
_EXTENSIONS_ELSEWHERE = {"_overlapped", "_scproxy", "_wmi", "winsound"}
_OF_PYINSTALLER = {"start", "struct", "pyi_rth_pkgutil"}
_BASE = "_internal/base_library.zip"
_ALWAYS = {"LICENCE.txt", "sbom.cdx.json", _BASE, "LICENCES/README.txt"}

# What of Python's standard library is in the bundle, by its topmost name. Another one may come with
# a newer Python or package: it is added here by somebody who has looked at what it does.
STANDARD_LIBRARY = frozenset(
    [
        "__future__",
        "_aix_support",
        "_bootsubprocess",
        "_collections_abc",
        "_colorize",
        "_compat_pickle",
        "_compression",
        "_opcode_metadata",
        "_osx_support",
        "_py_abc",
        "_pydatetime",
        "_pydecimal",
        "_strptime",
        "_sysconfigdata",
        "_threading_local",
        "_weakrefset",
        "abc",
        "argparse",
        "ast",
        "base64",
        "bisect",
        "calendar",
        "codecs",
        "collections",
        "concurrent",
        "contextlib",
        "contextvars",
        "copy",
        "copyreg",
        "ctypes",
        "dataclasses",
        "datetime",
        "decimal",
        "difflib",
        "dis",
        "encodings",
        "enum",
        "filecmp",
        "fnmatch",
        "fractions",
        "functools",
        "genericpath",
        "getopt",
        "getpass",
        "gettext",
        "glob",
        "gzip",
        "hashlib",
        "heapq",
        "hmac",
        "html",
        "importlib",
        "inspect",
        "io",
        "ipaddress",
        "json",
        "keyword",
        "linecache",
        "locale",
        "logging",
        "mimetypes",
        "ntpath",
        "numbers",
        "nturl2path",
        "opcode",
        "operator",
        "optparse",
        "os",
        "pathlib",
        "platform",
        "plistlib",
        "posixpath",
        "pprint",
        "py_compile",
        "queue",
        "quopri",
        "random",
        "re",
        "reprlib",
        "secrets",
        "selectors",
        "shlex",
        "shutil",
        "signal",
        "sre_compile",
        "sre_constants",
        "sre_parse",
        "stat",
        "statistics",
        "string",
        "stringprep",
        "struct",
        "subprocess",
        "sysconfig",
        "tempfile",
        "textwrap",
        "threading",
        "token",
        "tokenize",
        "tomllib",
        "traceback",
        "tracemalloc",
        "types",
        "typing",
        "urllib",
        "uuid",
        "warnings",
        "weakref",
        "xml",
        "zipfile",
        "zoneinfo",
    ]
)

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


def modules_to_start(folder: Path) -> list[str]:
    """Return the Python modules that lie beside the program because Python starts with them."""
    with zipfile.ZipFile(folder / _BASE) as archive:
        names = [PurePosixPath(name) for name in archive.namelist() if not name.endswith("/")]
    dotted = [".".join(name.with_suffix("").parts) for name in names]
    return sorted(name.removesuffix(".__init__") for name in dotted)


def named_licences(folder: Path) -> set[str]:
    """Return the files with words of licences that the list among them names."""
    lines = (folder / "LICENCES" / "README.txt").read_text(encoding="utf-8").splitlines()
    return {
        name
        for line in lines
        for name in line.rpartition("; ")[2].split(", ")
        if name.endswith(".txt")
    }


def resources() -> list[str]:
    """Return the files in `resources/` that git keeps: nothing else is made to be shipped.

    Raises:
        subprocess.CalledProcessError: this is no checkout.
    """
    command = ["git", "-C", str(ROOT / "resources"), "ls-files", "-z"]
    listed = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    return sorted(name for name in listed.split("\0") if name)


def faults(
    names: list[str], held: list[str], platform: Platform, *, licences: Collection[str]
) -> list[str]:
    """Return what is wrong with a bundle, as one sentence each; nothing if nothing is.

    Args:
        names: the paths of its files.
        held: the Python modules inside its program, and those that Python starts with.
        platform: the system that it is for.
        licences: the files that its own list of licences names.
    """
    return [
        *_wrong_files(names, platform, licences),
        *_wrong_modules(held, platform),
        *_missing(names, platform, licences),
    ]


def _wrong_files(names: list[str], platform: Platform, licences: Collection[str]) -> Iterator[str]:
    data = {f"_internal/fielddoc/resources_data/{name}" for name in resources()}
    ending = ".exe" if platform is Platform.WINDOWS else ""
    known = {f"{program.name}{ending}" for program in plan.executables(platform)}
    known |= _ALWAYS | {f"LICENCES/{name}" for name in licences} | data
    for name in names:
        if name in known:  # exactly what the checkout has; a help page may speak of tests
            continue
        inner = name.removeprefix("_internal/")
        if _NETWORK.search(inner):
            yield f"{name} belongs to a network"
        elif _TESTS.search(inner):
            yield f"{name} belongs to tests"
        elif plan.is_extension_of_python(inner):
            yield from _wrong_extension(name, platform)
        elif not (
            tuple(inner.split("/")) in plan.PACKAGE_DATA
            or inner in plan.QT_TRANSLATIONS
            or (name.startswith("_internal/") and plan.keeps_binary(inner, platform))
            or (platform is Platform.MACOS and plan.is_in_kept_framework(inner))
        ):
            yield f"{name} is not known"


def _wrong_extension(name: str, platform: Platform) -> Iterator[str]:
    """Judge a file that lies where Python's own extension modules do."""
    module = PurePosixPath(name).name.split(".")[0]
    if plan.is_extension(name.removeprefix("_internal/")):
        return
    if module not in sys.stdlib_module_names and module not in _EXTENSIONS_ELSEWHERE:
        yield f"{name} is not known"
    elif _is_within(module, plan.left_out(platform)):
        yield f"{name} was to be left out"


def _is_within(module: str, banned: Collection[str]) -> bool:
    return any(module == one or module.startswith(f"{one}.") for one in banned)


def _wrong_modules(held: list[str], platform: Platform) -> Iterator[str]:
    packages = {_IMPORT_NAMES.get(name, name.replace("-", "_")) for name in shipped_packages()}
    ours = set(_own_modules())
    for name in held:
        top, _, rest = name.partition(".")
        if _is_within(name, plan.NETWORK_MODULES):
            yield f"module {name} reaches a network"
        elif _is_within(name, plan.left_out(platform)):
            yield f"module {name} was to be left out"
        elif top == "PySide6" and rest.startswith("Qt") and rest not in plan.QT_MODULES:
            yield f"module {name} is not known"
        elif top == "fielddoc":
            if name not in ours:
                yield f"module {name} is not in the checkout"
        elif _TESTS.search(name.replace(".", "/")):
            yield f"module {name} belongs to tests"
        elif not (
            top in packages
            or top in STANDARD_LIBRARY
            or top == "_pyi_rth_utils"
            or re.fullmatch(r"pyi(mod|boot)\d\d_\w+", name)
            or name in _OF_PYINSTALLER
        ):
            yield f"module {name} is not known"


def _own_modules() -> Iterator[str]:
    for path in (ROOT / "src").rglob("*.py"):
        name = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
        yield name.removesuffix(".__init__")


def _missing(names: list[str], platform: Platform, licences: Collection[str]) -> Iterator[str]:
    there = set(names)
    for name in licences:
        if f"LICENCES/{name}" not in there:
            yield f"LICENCES/{name} is missing"
    for name in resources():
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
