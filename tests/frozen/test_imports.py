"""Reading what files of Windows and macOS are linked with; `make check-wheels` reads real ones."""

import struct
from pathlib import Path

import pytest

from freeze import plan, wheels
from freeze.imports import imports
from freeze.plan import Platform


def mach_o(*names: str) -> bytes:
    """Return a Mach-O library with nothing but what it is linked with."""
    commands = b""
    for name in names:
        text = name.encode() + b"\0"
        text += bytes(-len(text) % 8)
        commands += struct.pack("<6I", 0xC, 24 + len(text), 24, 2, 0, 0) + text
    header = struct.pack("<8I", 0xFEEDFACF, 0x0100000C, 0, 6, len(names), len(commands), 0, 0)
    return header + commands


def pe(*names: str) -> bytes:
    """Return a PE library of 64 bits with nothing but what it is linked with, in one section."""
    address, at, table, texts = 0x1000, 0x200, b"", b""
    start = address + 20 * (len(names) + 1)
    for name in names:
        table += struct.pack("<5I", 0, 0, 0, start + len(texts), 0)
        texts += name.encode() + b"\0"
    body = table + bytes(20) + texts
    directories = struct.pack("<4I", 0, 0, address, len(table)) + bytes(14 * 8)
    optional = struct.pack("<H", 0x20B) + bytes(110) + directories
    head = b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, len(optional), 0x2022)
    section = b".rdata\0\0" + struct.pack("<4I", len(body), address, len(body), at) + bytes(16)
    start_of_file = b"MZ" + bytes(58) + struct.pack("<I", 64)
    return (start_of_file + head + optional + section).ljust(at, b"\0") + body


def test_libraries_of_a_mach_o_file_are_read() -> None:
    names = {"@rpath/QtCore.framework/Versions/A/QtCore", "/usr/lib/libSystem.B.dylib"}

    assert imports(mach_o(*names)) == names


def test_every_processor_of_a_universal_file_is_read() -> None:
    first, second = mach_o("/usr/lib/a.dylib"), mach_o("/usr/lib/b.dylib")
    places = 64, 64 + len(first)
    header = struct.pack(">2I", 0xCAFEBABE, 2)
    header += struct.pack(">5I", 1, 0, places[0], len(first), 0)
    header += struct.pack(">5I", 2, 0, places[1], len(second), 0)

    assert imports(header.ljust(64, b"\0") + first + second) == {
        "/usr/lib/a.dylib",
        "/usr/lib/b.dylib",
    }


def test_libraries_of_a_windows_file_are_read() -> None:
    assert imports(pe("KERNEL32.dll", "Qt6Core.dll")) == {"KERNEL32.dll", "Qt6Core.dll"}


@pytest.mark.parametrize("data", [b"", b"#!/bin/sh\n", b"\x7fELF" + bytes(60)])
def test_other_files_are_linked_with_nothing(data: bytes) -> None:
    assert imports(data) == set()


@pytest.mark.parametrize(
    ("platform", "data", "forgotten"),
    [
        (Platform.WINDOWS, pe("KERNEL32.dll", "python311.dll", "MSVCP140.dll"), None),
        (Platform.WINDOWS, pe("Qt6Network.dll"), "Qt6Network.dll"),
        (Platform.MACOS, mach_o("/usr/lib/libz.1.dylib", "@rpath/a.dylib"), None),
        (Platform.MACOS, mach_o("@rpath/QtNetwork"), "@rpath/QtNetwork"),
        (Platform.MACOS, mach_o("/usr/local/opt/zlib/lib/libz.1.dylib"), "/usr/local"),
    ],
)
def test_library_that_nobody_brings_is_named(
    tmp_path: Path, platform: Platform, data: bytes, forgotten: str | None
) -> None:
    file = tmp_path / "a.dylib"
    file.write_bytes(data)

    found = wheels.unbrought([file], platform)

    assert len(found) == (0 if forgotten is None else 1)
    assert all(line.startswith(forgotten or "") for line in found)


def test_network_library_of_windows_is_known_as_the_systems_own() -> None:
    """Qt's core and the crates of cryptography name it, for addresses and random numbers."""
    assert plan.is_part_of_system("WS2_32.dll", Platform.WINDOWS)
    assert not plan.is_part_of_system("wininet.dll", Platform.WINDOWS)
