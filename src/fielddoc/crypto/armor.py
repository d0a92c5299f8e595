"""Reads armoured age files: strict PEM with the label "AGE ENCRYPTED FILE".

C2SP age.md, "ASCII armor", and RFC 7468, section 3, figure 3. Armour is only read, never written:
bundles travel as files, and text grows them by a third. White space around the block and CRLF are
taken, since mail programs add them; every other deviation is refused, or files could be changed
without anybody noticing.
"""

import base64
import binascii
import io
from typing import TYPE_CHECKING, BinaryIO

from fielddoc.crypto.age_header import ArmorError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BEGIN = b"-----BEGIN AGE ENCRYPTED FILE-----"
_END = b"-----END AGE ENCRYPTED FILE-----"
_COLUMNS = 64
_LINE_BYTES = _COLUMNS // 4 * 3
_MAX_OUTSIDE_BYTES = 1024  # white space before and after; a mail has a few empty lines
_LINES_AT_ONCE = 1024


def open_armor(first_line: bytes, source: BinaryIO) -> BinaryIO:
    """Return a file with the content of the armour that begins with `first_line`.

    Any read from it may raise `ArmorError`. That the armour ends as it must is known only to a
    caller who has read to the end, as `open_stream` does before it gives out the final chunk.
    """
    return io.BufferedReader(_ArmorContent(first_line, source))


class _ArmorContent(io.RawIOBase):
    def __init__(self, first_line: bytes, source: BinaryIO) -> None:
        self._source = source
        self._decoded = memoryview(b"")
        self._last_line_seen = False
        self._ended = False
        self._read_begin(first_line)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        if not self._decoded:
            self._decoded = memoryview(self._decode_lines())
        target = memoryview(buffer).cast("B")
        size = min(len(target), len(self._decoded))
        target[:size] = self._decoded[:size]
        self._decoded = self._decoded[size:]
        return size

    def _read_begin(self, line: bytes) -> None:
        outside_bytes = 0
        while line and not line.strip():
            outside_bytes += len(line)
            if outside_bytes > _MAX_OUTSIDE_BYTES:
                raise ArmorError("too much white space before the armour")
            line = self._source.readline(_MAX_OUTSIDE_BYTES)
        if _without_end(line) != _BEGIN:
            raise ArmorError("this is neither a binary nor an armoured age file")

    def _decode_lines(self) -> bytes:
        """Return the content of the next lines; nothing at the end of the armour."""
        decoded = bytearray()
        for _ in range(_LINES_AT_ONCE):
            if self._ended:
                break
            # Two more than the columns for the line's end, one more to notice a longer line.
            line = _without_end(self._source.readline(_COLUMNS + 3))
            if line == _END:
                self._read_end()
            else:
                decoded += self._decode_line(line)
        return bytes(decoded)

    def _decode_line(self, line: bytes) -> bytes:
        if not line or len(line) > _COLUMNS or self._last_line_seen:
            raise ArmorError("a line of the armour is too long, too short or missing")
        try:
            data = base64.b64decode(line, validate=True)
        except binascii.Error:
            raise ArmorError("a line of the armour is not base64") from None
        if base64.b64encode(data) != line:
            raise ArmorError("the base64 of the armour is not canonical")
        self._last_line_seen = len(data) < _LINE_BYTES
        return data

    def _read_end(self) -> None:
        outside = self._source.read(_MAX_OUTSIDE_BYTES + 1)
        if len(outside) > _MAX_OUTSIDE_BYTES or outside.strip():
            raise ArmorError("something follows the armour")
        self._ended = True


def _without_end(line: bytes) -> bytes:
    return line[:-2] if line.endswith(b"\r\n") else line.removesuffix(b"\n")
