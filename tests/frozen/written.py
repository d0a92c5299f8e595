"""From a trace of system calls to the paths that a program changed, or tried to change."""

import re
from pathlib import PurePosixPath

CALLS = (
    "open,openat,openat2,creat,truncate,rename,renameat,renameat2,link,linkat,symlink,symlinkat,"
    "mkdir,mkdirat,mknod,mknodat,unlink,unlinkat,rmdir,chmod,fchmodat,chown,lchown,fchownat,"
    "utimensat,setxattr,bind"
)
"""For `strace -y -e trace=`. Connected sockets write nothing; a bound one makes a file."""

_OPENING = re.compile(r"^(open|openat|openat2)\(")
_FOR_WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC")
_CALL = re.compile(r"^(?:\d+ +)?(\w+\(.*)$")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_FOLDER = re.compile(r"^\w+\((?:AT_FDCWD|\d+)<([^>]*)>")


def written(trace: str) -> set[str]:
    """Return the absolute paths in a trace of `strace -f -y` that were to be changed."""
    found: set[str] = set()
    for line in trace.splitlines():
        call = _CALL.match(line)
        if call is None or ("<unfinished" in line and not _STRING.search(line)):
            continue
        text = call[1]
        name = text.partition("(")[0]
        if name not in CALLS.split(","):
            continue
        if _OPENING.match(text) and not _FOR_WRITING.search(text):
            continue
        if name == "bind" and "sun_path" not in text:
            continue
        if re.search(r"= -1 (ENOENT|ENOTDIR)", text):
            continue  # nothing is there that could have been changed, with any rights
        folder = _FOLDER.match(text)
        for string in _STRING.findall(text):
            path = _plain(string)
            if not path.startswith("/"):
                path = str(PurePosixPath(_plain(folder[1]) if folder else "/unknown", path))
            found.add(path)
    return found


def _plain(escaped: str) -> str:
    """Undo strace's escapes: octal bytes of UTF-8, and the usual letters."""
    letters = {"n": b"\n", "t": b"\t", "r": b"\r", "v": b"\v", "f": b"\f", '"': b'"', "\\": b"\\"}

    def byte(match: re.Match[str]) -> str:
        word = match[1]
        data = letters[word] if word in letters else bytes([int(word, 8)])
        return data.decode("latin-1")

    once = re.sub(r'\\([0-7]{1,3}|[ntrvf"\\])', byte, escaped)
    return once.encode("latin-1", "ignore").decode("utf-8", "replace")
