"""What is far larger than usual: one text of 10 MB, names of 1,000 characters, one file of 4 GiB.

Nothing of it may need the memory that it has, and a file can be stopped in its middle. It writes
eight gigabytes, so it is run only when it is named.
"""

import shutil
from collections.abc import Iterator

from bench import vaults
from bench.measure import Bench, Work, seconds, work
from bench.table import Row

_TEXT_CHARACTERS = 3_500_000
"""Of three bytes each: 10 MB in UTF-8."""
_FILES = 4
"""So many times the usual size of contents, which is a gibibyte."""
_MEMORY_MIB = 500
_STOPPED_S = 5.0
"""Removing what was written so far takes most of it."""


def rows(bench: Bench) -> Iterator[Row]:
    """Measure the memory of each, and how soon a stop is obeyed."""
    folder = bench.folder / "huge"
    folder.mkdir()
    vault, source = folder / "vault", folder / "film"
    size = _FILES * bench.content_bytes
    with source.open("wb") as file:
        file.truncate(size)  # holes take no room on the disk; sealed, they do
    vaults.made(vault).lock()
    mebibytes = size // 2**20
    stopped = work("huge-stop", vault, source)
    vaults.write_noise(folder / "written", size // 2)
    removed_s = seconds((folder / "written").unlink)
    what = f"stop in the middle of attaching {mebibytes} MiB, nothing left"
    yield _stop(what, stopped, removed_s, peer=f"rm of {mebibytes // 2} MiB just written")
    yield _memory("file", f"attach {mebibytes} MiB", work("huge-file", vault, source))
    source.unlink()
    yield _memory("read", f"read the {mebibytes} MiB back", work("huge-read", vault, str(size)))
    text = work("huge-text", vault, str(_TEXT_CHARACTERS))
    what = f"record, change, find and read {3 * _TEXT_CHARACTERS // 10**6} MB of text"
    yield _memory("text", f"{what}, name of 1,000 characters", text)
    shutil.rmtree(folder)


def _memory(key: str, what: str, done: Work) -> Row:
    return Row(
        key=f"huge-{key}",
        what=f"{what}: peak memory of the process (VmHWM)",
        ours=f"{done.peak_memory_mib:.0f} MiB, in {done.seconds:.1f} s",
        peer="–",
        ratio="–",
        limit="–",
        budget=f"≤ {_MEMORY_MIB} MiB",
        is_met=done.peak_memory_mib <= _MEMORY_MIB,
    )


def _stop(what: str, done: Work, removed_s: float, *, peer: str) -> Row:
    assert done.said is not None
    return Row(
        key="huge-stop",
        what=what,
        ours=f"{1000 * done.said:.0f} ms after it was asked for; {done.peak_memory_mib:.0f} MiB",
        peer=f"{peer}: {1000 * removed_s:.0f} ms",
        ratio=f"{removed_s / done.said:.2g} ×",
        limit="–",
        budget=f"≤ {_STOPPED_S:g} s, ≤ {_MEMORY_MIB} MiB",
        is_met=done.said <= _STOPPED_S and done.peak_memory_mib <= _MEMORY_MIB,
    )
