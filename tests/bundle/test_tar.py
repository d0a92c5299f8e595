"""The tar header: what one function writes, any tar reads, and nothing else is taken."""

import io
import shutil
import subprocess
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fielddoc.bundle import tar
from fielddoc.bundle.tar import BLOCK_BYTES, END, TarFormError, header, read_header
from not_run import not_run

# Python takes a name that ends with a slash for a folder; no bundle has one.
NAMES = st.text("abcdef0123456789-./", min_size=1, max_size=99).map(lambda name: name + "x")
SIZES = st.integers(0, 2**53 - 1)
NAME = "0a1b2c3d/data/records.jsonl"


@given(NAMES, SIZES)
def test_header_comes_back(name: str, size: int) -> None:
    assert read_header(header(name, size)) == (name, size)


@given(NAMES, SIZES)
def test_python_reads_the_same_header(name: str, size: int) -> None:
    found = tarfile.TarInfo.frombuf(header(name, size), "ascii", "strict")

    assert found.name == name
    assert found.size == size
    assert found.isreg()
    assert (found.mode, found.uid, found.gid, found.mtime) == (0o644, 0, 0, 0)
    assert (found.uname, found.gname, found.linkname) == ("", "", "")
    assert (found.devmajor, found.devminor) == (0, 0)


@pytest.mark.parametrize("size", [8**11 - 1, 8**11, 8**11 + 1, 2**53 - 1])
def test_sizes_from_8_gib_on_are_in_base_256(size: int) -> None:
    block = header(NAME, size)

    assert (block[124] == 0x80) is (size >= 8**11)
    assert tarfile.TarInfo.frombuf(block, "ascii", "strict").size == size


def test_gnu_tar_lists_what_was_written() -> None:
    if shutil.which("tar") is None:
        not_run("tar is not installed")
    archive = header("0a1b2c3d/bagit.txt", 5) + b"hello".ljust(BLOCK_BYTES, b"\0")
    archive += header(NAME, 0) + END + bytes(20 * BLOCK_BYTES)

    listed = subprocess.run(["tar", "-tv"], input=archive, capture_output=True, check=True)

    rows = [line.split() for line in listed.stdout.decode().splitlines()]
    assert [(row[0], row[1], row[2], row[-1]) for row in rows] == [
        ("-rw-r--r--", "0/0", "5", "0a1b2c3d/bagit.txt"),
        ("-rw-r--r--", "0/0", "0", NAME),
    ]
    assert listed.stderr == b""


def test_gnu_tar_reads_a_size_in_base_256() -> None:
    if shutil.which("tar") is None:
        not_run("tar is not installed")
    # Only the header of a file that would be 9 GiB long: tar tells its size before it misses it.
    listed = subprocess.run(
        ["tar", "-tv"], input=header(NAME, 9 * 2**30), capture_output=True, check=False
    )

    assert str(9 * 2**30).encode() in listed.stdout


@pytest.mark.parametrize("size", [0, 5])
def test_every_other_byte_in_a_header_is_refused(size: int) -> None:
    right = header(NAME, size)
    for place in range(BLOCK_BYTES):
        for mask in (1, 2, 0x10, 0x20, 0x80):
            block = bytearray(right)
            block[place] ^= mask
            with pytest.raises(TarFormError):
                read_header(bytes(block))


def rewritten(**fields: object) -> bytes:
    """Return a sound header as other programs write it, with fields that ours never has."""
    member = tarfile.TarInfo(NAME)
    member.mode = 0o644
    member.size = 5
    for name, value in fields.items():
        setattr(member, name, value)
    return member.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict")


def test_the_header_of_python_with_our_fields_differs_in_nothing_that_counts() -> None:
    assert tarfile.TarInfo.frombuf(rewritten(), "ascii", "strict").size == 5


@pytest.mark.parametrize(
    "fields",
    [
        {"mode": 0o755},
        {"mode": 0o4644},
        {"uid": 1},
        {"gid": 1},
        {"mtime": 1},
        {"uname": "root"},
        {"gname": "root"},
        {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"},
        {"type": tarfile.LNKTYPE, "linkname": "0a1b2c3d/bagit.txt"},
        {"type": tarfile.DIRTYPE},
        {"type": tarfile.CHRTYPE},
        {"type": tarfile.FIFOTYPE},
        {"type": tarfile.XHDTYPE},
        {"type": tarfile.GNUTYPE_LONGNAME},
        {"type": tarfile.GNUTYPE_SPARSE},
        {"type": tarfile.AREGTYPE},
        {"devmajor": 1},
        {"name": "x" * 80 + "/" + "y" * 80},
    ],
    ids=str,
)
def test_a_sound_header_with_other_fields_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(TarFormError):
        read_header(rewritten(**fields))


def with_checksum(block: bytes) -> bytes:
    unsummed = block[:148] + b" " * 8 + block[156:]
    return block[:148] + b"%06o\0 " % sum(unsummed) + block[156:]


@pytest.mark.parametrize(
    ("start", "field"),
    [
        (100, b"000644 \0"),
        (124, b"00000000005 "),
        (124, b"          5\0"),
        (124, b"0x000000005\0"),
        (124, b"-0000000005\0"),
        (124, b"\x80" + bytes(10) + b"\x05"),
        (124, b"\xff" * 12),
        (257, b"ustar  \0"),
        (345, b"etc"),
        (500, b"x"),
        (20, b"\0hidden"),
        (0, b"\xe5\xbe\x90"),
    ],
    ids=[
        "mode in another form", "size ended by a blank", "size with blanks", "hexadecimal size",
        "negative size", "small size in base 256", "negative size in base 256", "GNU magic",
        "a prefix", "bytes after the fields", "bytes after the name", "a name that is not ASCII",
    ],
)  # fmt: skip
def test_a_second_way_to_write_the_same_is_refused(start: int, field: bytes) -> None:
    right = header(NAME, 5)
    block = with_checksum(right[:start] + field + right[start + len(field) :])

    with pytest.raises(TarFormError):
        read_header(block)


@given(st.binary(max_size=BLOCK_BYTES + 1))
def test_no_bytes_give_another_error(block: bytes) -> None:
    with pytest.raises(TarFormError):
        read_header(block)


@pytest.mark.parametrize(
    ("name", "size"), [("", 0), ("x" * 101, 0), ("x", -1), ("x", 2**53), ("徐", 0), ("x\0y", 0)]
)
def test_what_no_bundle_has_cannot_be_written(name: str, size: int) -> None:
    with pytest.raises(ValueError, match=r".*"):
        header(name, size)


@given(SIZES)
def test_padding_fills_the_last_block(size: int) -> None:
    assert (size + tar.padding(size)) % BLOCK_BYTES == 0
    assert tar.padding(size) < BLOCK_BYTES


def test_end_is_two_empty_blocks_which_python_takes_as_the_end() -> None:
    archive = io.BytesIO(header(NAME, 0) + END + b"\0" * 4096)

    with tarfile.open(fileobj=archive, mode="r:") as found:
        assert found.getnames() == [NAME]
    assert bytes(1024) == END
