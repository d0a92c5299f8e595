"""The few bytes of tar that a bundle needs: regular files, constant fields, nothing else.

One function says what the header of a name and size is; the reader accepts exactly those bytes.
So there are no links, no modes, no owners, no times and no second way to write the same thing.
POSIX.1-1988 ustar; sizes of 8 GiB and more in base 256, as GNU tar and bsdtar write and read them.
"""

BLOCK_BYTES = 512
END = bytes(2 * BLOCK_BYTES)
MAXIMUM_NAME_BYTES = 100
MAXIMUM_SIZE = 2**53
_OCTAL_LIMIT = 8**11


class TarFormError(ValueError):
    """The block is not a header that `header` would write."""


def header(name: str, size: int) -> bytes:
    """Return the 512 bytes that announce a file."""
    encoded = name.encode("ascii")
    right_name = 0 < len(encoded) <= MAXIMUM_NAME_BYTES and b"\0" not in encoded
    if not right_name or not 0 <= size < MAXIMUM_SIZE:
        raise ValueError("a name or size that a bundle never has")
    fields = (
        encoded.ljust(100, b"\0"),
        b"0000644\0",  # mode
        b"0000000\0",  # uid
        b"0000000\0",  # gid
        _size_field(size),
        b"00000000000\0",  # mtime
        b" " * 8,  # checksum, counted as blanks
        b"0",  # a regular file
        bytes(100),  # link name
        b"ustar\0" + b"00",
        bytes(32 + 32),  # user and group name
        b"0000000\0" * 2,  # device numbers
        bytes(155 + 12),  # prefix
    )
    block = b"".join(fields)
    checksum = b"%06o\0 " % sum(block)
    return block[:148] + checksum + block[156:]


def read_header(block: bytes) -> tuple[str, int]:
    """Return name and size of the file that `block` announces.

    Raises:
        TarFormError: it is anything but the one right header for them.
    """
    try:
        name = block[:100].rstrip(b"\0").decode("ascii")
        field = block[124:136]
        size = int.from_bytes(field[1:], "big") if field[0] == 0x80 else int(field[:11], 8)
        if header(name, size) == block:
            return name, size
    except (ValueError, IndexError) as error:
        raise TarFormError from error
    raise TarFormError


def padding(size: int) -> int:
    """Return how many zero bytes follow a file of `size` bytes."""
    return -size % BLOCK_BYTES


def _size_field(size: int) -> bytes:
    if size < _OCTAL_LIMIT:
        return b"%011o\0" % size
    return b"\x80" + size.to_bytes(11, "big")
