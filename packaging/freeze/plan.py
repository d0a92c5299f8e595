"""What the frozen program is made of on each system: the one place that decides it.

The spec asks this file what to leave out and what to keep; the test of the bundle's contents asks
it what may be there. So a file gets into the bundle only if a line here says so.
"""

import platform as python_platform
import re
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath
from typing import assert_never


class Platform(Enum):
    """A system that the program is frozen on and for, by Python's name for it."""

    LINUX = "linux"
    WINDOWS = "win32"
    MACOS = "darwin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Executable:
    """One program in the bundle."""

    name: str
    has_console: bool


def processor() -> str:
    """Return the name of this machine's processor as packages are named: `x86_64` or `arm64`."""
    name = python_platform.machine().lower()
    return {"amd64": "x86_64", "aarch64": "arm64"}.get(name, name)


# Start-up code of PyInstaller for packages that it found. That for PySide6 imports QtCore whatever
# the person asked for, although PySide6 tells Qt by itself where it lies; the others serve looking
# at source code, which is not there, and OpenSSL's modules, which are not either. They cost time.
UNWANTED_STARTERS = ("pyi_rth_cryptography_openssl", "pyi_rth_inspect", "pyi_rth_pyside6")

# What reaches a network, or is there for nothing else. Without `socket` none of them works anyway.
NETWORK_MODULES = (
    "_socket",
    "_ssl",
    "asyncio",
    "ftplib",
    "http",
    "imaplib",
    "nntplib",
    "poplib",
    "smtplib",
    "socket",
    "socketserver",
    "ssl",
    "telnetlib",
    "urllib.request",
    "urllib.robotparser",
    "webbrowser",
    "wsgiref",
    "xmlrpc",
)

# Parts of the standard library that others mention and fielddoc never reaches.
UNUSED_MODULES = (
    "_bz2",
    "_curses",
    "_lzma",
    "_multiprocessing",
    "_pyrepl",
    "_sqlite3",
    "_tkinter",
    "bz2",
    "cffi",
    "curses",
    "distutils",
    "doctest",
    "email",
    "ensurepip",
    "idlelib",
    "importlib.metadata",
    "lib2to3",
    "lzma",
    "multiprocessing",
    "pdb",
    "pickle",
    "pip",
    "pycparser",
    "pydoc",
    "readline",
    "segno.writers",  # gui/qr.py says why
    "setuptools",
    "sqlite3",
    "tarfile",
    "tkinter",
    "unittest",
    "venv",
    "xml.dom",
    "xml.etree",
    "xml.sax",
    "zipimport",
)

# The parts of Qt that the window uses, as PySide6 names its modules.
QT_MODULES = ("QtCore", "QtDBus", "QtGui", "QtSvg", "QtWidgets")

# Qt's own libraries, without prefix and ending. The last three are what the plug-ins below need.
QT_LIBRARIES = (
    "Core",
    "DBus",
    "Gui",
    "Svg",
    "Widgets",
    "WaylandClient",
    "WlShellIntegration",
    "XcbQpa",
)

_IMAGES = ("gif", "jpeg", "svg", "webp")  # PNG and BMP are inside QtGui; svg draws the icons

# Plug-ins by folder. Not here: what needs a graphics card's library, a printer, a database or a
# network, and `gtk3`, which brings a second toolkit with a list of recent files.
_PLUG_INS = {
    Platform.LINUX: {
        "imageformats": tuple(f"q{name}" for name in _IMAGES),
        "platforminputcontexts": ("composeplatforminputcontextplugin", "ibusplatforminputcontextplugin"),
        "platforms": ("qwayland", "qxcb"),
        "platformthemes": ("qxdgdesktopportal",),
        "wayland-decoration-client": ("bradient",),
        "wayland-shell-integration": ("xdg-shell",),
    },
    Platform.WINDOWS: {
        "imageformats": tuple(f"q{name}" for name in _IMAGES),
        "platforms": ("qwindows",),
    },
    Platform.MACOS: {
        "imageformats": tuple(f"q{name}" for name in _IMAGES),
        "platforms": ("qcocoa",),
    },
}  # fmt: skip

# Libraries of the system that come along, because a desktop may lack them or have another version.
# Everything else that is needed is part of every desktop: DEBIAN_PACKAGES in linux.py names it.
_SYSTEM_LIBRARIES = {
    Platform.LINUX: (
        "libcrypto.so.3",
        "libffi.so.8",
        "libxcb-cursor.so.0",
        "libxcb-icccm.so.4",
        "libxcb-image.so.0",
        "libxcb-keysyms.so.1",
        "libxcb-render-util.so.0",
        "libxcb-util.so.1",
        "libxcb-xkb.so.1",
        "libxkbcommon-x11.so.0",
        "libxkbcommon.so.0",
    ),
    # Python and PySide6 bring them: the C runtime is not part of Windows itself.
    Platform.WINDOWS: (
        "libcrypto-3.dll",
        "libcrypto-3-x64.dll",
        "libffi-8.dll",
        "msvcp140.dll",
        "msvcp140_1.dll",
        "msvcp140_2.dll",
        "vcruntime140.dll",
        "vcruntime140_1.dll",
    ),
    Platform.MACOS: ("libcrypto.3.dylib", "libffi.8.dylib"),
}

# What every Windows from version 1809 on brings itself, of what Qt and the others ask for. The C
# runtime's api-ms-win-… are names for parts of ucrtbase.dll, which is Windows' own since 10.
_OF_WINDOWS = frozenset(
    [
        "advapi32",
        "authz",
        "bcrypt",
        "bcryptprimitives",
        "comdlg32",
        "crypt32",
        "d3d11",
        "d3d12",
        "d3d9",
        "dwmapi",
        "dwrite",
        "dxgi",
        "gdi32",
        "icuuc",
        "imm32",
        "kernel32",
        "mpr",
        "netapi32",
        "ntdll",
        "ole32",
        "oleaut32",
        "setupapi",
        "shell32",
        "shlwapi",
        "uiautomationcore",
        "user32",
        "userenv",
        "uxtheme",
        "version",
        "winmm",
        "ws2_32",
        "wtsapi32",
    ]
)

# Files that packages read, beside their modules.
PACKAGE_DATA = (("shamir_mnemonic", "wordlist.txt"),)

# Qt's own words, of file dialogs and of menus in fields; on Windows they lie elsewhere.
QT_TRANSLATIONS = (
    "PySide6/Qt/translations/qtbase_zh_CN.qm",
    "PySide6/translations/qtbase_zh_CN.qm",
)

# Extension modules outside the standard library, without the part that names the Python.
_EXTENSIONS = (
    "_argon2_cffi_bindings/_ffi",
    "_cffi_backend",
    "cryptography/hazmat/bindings/_rust",
    "shiboken6/Shiboken",
    "sqlcipher3/_sqlite3",
    *(f"PySide6/{name}" for name in QT_MODULES),
)

_BINDING_LIBRARIES = ("pyside6", "shiboken6")


def executables(platform: Platform) -> tuple[Executable, ...]:
    """Return the programs of the bundle.

    On Linux and macOS one program has both faces. On Windows a program either opens a console
    whenever it is started or never has one, so there are two in one folder over the same files.
    On macOS the app must not be one of the console, or it would have no menu; a terminal that
    starts it sees what it prints all the same.
    """
    match platform:
        case Platform.LINUX:
            return (Executable(name="fielddoc", has_console=True),)
        case Platform.MACOS:
            return (Executable(name="fielddoc", has_console=False),)
        case Platform.WINDOWS:
            return (
                Executable(name="fielddoc", has_console=False),
                Executable(name="fielddoc-cli", has_console=True),
            )
        case _:
            assert_never(platform)


def left_out(platform: Platform) -> list[str]:
    """Return the modules that are not followed when the program's imports are."""
    foreign = () if platform is Platform.WINDOWS else ("winreg", "_winapi", "msvcrt", "nt")
    return [*NETWORK_MODULES, *UNUSED_MODULES, *foreign]


def is_library_of_system(name: str, platform: Platform) -> bool:
    """Tell whether a library of this file name may come along from the building machine."""
    name = PurePosixPath(name).name
    if platform is Platform.WINDOWS:
        return name.lower() in _SYSTEM_LIBRARIES[platform]
    return name in _SYSTEM_LIBRARIES[platform] or is_python_itself(name)


def libraries_of_system(platform: Platform) -> tuple[str, ...]:
    """Return the libraries that may come along from the building machine; on Linux all must."""
    return _SYSTEM_LIBRARIES[platform]


def is_plug_in(name: str, platform: Platform) -> bool:
    """Tell whether `name`, a path in the bundle, is a plug-in that the window needs."""
    found = re.search(r"/plugins/([^/]+)/([^/]+)$", f"/{name}")
    if found is None:
        return False
    folder, file = found.groups()
    stem = file.split(".")[0]
    if platform is not Platform.WINDOWS:
        stem = stem.removeprefix("lib")
    return stem in _PLUG_INS[platform].get(folder, ())


def is_part_of_system(name: str, platform: Platform) -> bool:
    """Tell whether a library that a file is linked with is the system's own, on a bare machine.

    Args:
        name: as it stands in the file: on macOS with its folder.
        platform: Windows or macOS; for Linux the Debian package names them.
    """
    if platform is Platform.MACOS:
        return name.startswith(("/usr/lib/", "/System/Library/"))
    stem = name.lower().removesuffix(".dll")
    return stem in _OF_WINDOWS or stem.startswith("api-ms-win-")


def plug_ins(platform: Platform) -> list[str]:
    """Return the plug-ins that the bundle must hold, as `folder/stem` without prefix and ending."""
    return [f"{folder}/{stem}" for folder, stems in _PLUG_INS[platform].items() for stem in stems]


def is_library_of_qt(name: str, platform: Platform) -> bool:
    """Tell whether `name` is one of Qt's libraries that the window needs."""
    file = PurePosixPath(name).name
    match platform:
        case Platform.LINUX:
            if re.fullmatch(r"libicu(data|i18n|uc)\.so\.\d+", file):
                return True
            found = re.fullmatch(r"libQt6(\w+)\.so\.6", file)
        case Platform.WINDOWS:
            found = re.fullmatch(r"Qt6(\w+)\.dll", file)
        case Platform.MACOS:
            found = re.fullmatch(r"Qt(\w+)", file)
        case _:
            assert_never(platform)
    return found is not None and found[1] in QT_LIBRARIES


def is_in_kept_framework(name: str) -> bool:
    """Tell whether `name` is in a framework of macOS that is needed.

    A framework is a folder with links and a property list; it can be signed only as a whole.
    """
    found = re.search(r"(?:^|/)(?:Qt(\w+)|(Python))\.framework/", name)
    return found is not None and (found[1] in QT_LIBRARIES or found[2] is not None)


def is_binding(name: str) -> bool:
    """Tell whether `name` is the library by which Python reaches Qt."""
    stem = re.split(r"[.-]", PurePosixPath(name).name.removeprefix("lib"))[0]
    return stem in _BINDING_LIBRARIES


def is_extension(name: str) -> bool:
    """Tell whether `name` is an extension module of a package that is needed."""
    folder, slash, file = name.rpartition("/")
    return f"{folder}{slash}{file.split('.')[0]}" in _EXTENSIONS


def is_extension_of_python(name: str) -> bool:
    """Tell whether `name` lies where the standard library's own extension modules are put."""
    path = PurePosixPath(name)
    return path.parent.name == "lib-dynload" or (
        path.suffix == ".pyd" and path.parent == PurePosixPath(".")
    )


def keeps_binary(name: str, platform: Platform) -> bool:
    """Tell whether a library or extension that PyInstaller found goes into the bundle.

    Args:
        name: its path in the bundle.
        platform: the system that it is frozen for.
    """
    name = name.replace("\\", "/")
    if "/plugins/" in name:
        return is_plug_in(name, platform)
    return (
        (platform is Platform.MACOS and is_in_kept_framework(name))
        or is_library_of_qt(name, platform)
        or is_binding(name)
        or is_extension(name)
        or is_extension_of_python(name)
        or is_library_of_system(name, platform)
        or is_python_itself(PurePosixPath(name).name)
    )


def keeps_data(name: str) -> bool:
    """Tell whether a data file that PyInstaller found goes into the bundle.

    `base_library.zip` holds what Python needs to start.
    """
    name = name.replace("\\", "/")
    if name == "base_library.zip" or name.startswith("fielddoc/resources_data/"):
        return True
    if is_in_kept_framework(name):
        return True
    return tuple(name.split("/")) in PACKAGE_DATA or name in QT_TRANSLATIONS


def is_python_itself(file: str) -> bool:
    """Tell whether a file of this name is the library with Python in it."""
    return (
        re.fullmatch(r"libpython3\.\d+\.(so(\.1\.0)?|dylib)|python3(\d+)?\.dll|Python", file)
        is not None
    )
