"""Measures fielddoc against its budgets, each beside a peer in the same run: `make bench`.

    make bench                       everything at full size; writes docs/benchmarks.md
    make bench ARGS='--quick'        a sixteenth of every size, for development; writes nothing
    make bench ARGS='--only window'  one subject; renews what the page says of it

Vaults with very many records are made once and kept in the user's cache folder (bench/many.py); the
subject `many` needs one of a million, which takes about ten minutes and six gigabytes. The subject
`huge`, with a file of four gigabytes, is run only when it is named.

Exit status: 0 when every budget is met or its miss accepted, 1 otherwise. Tests never measure time;
only this does.
"""

import argparse
import datetime
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
sys.path.insert(0, str(ROOT / "tests"))

from bench import (  # noqa: E402
    age_files,
    attach,
    big_vault,
    export,
    huge,
    lock,
    machine,
    panic,
    passphrase,
    start,
    window,
    wipe,
)
from bench.measure import Bench  # noqa: E402
from bench.table import Row, as_text, renewed, section  # noqa: E402

# Row to the decision that says why its budget is missed, and what was tried.
ACCEPTED: dict[str, str] = {
    "save-new": "0004-memory-security.md",
    "save-change": "0004-memory-security.md",
    "search-1": "0004-memory-security.md",
    "search-2": "0004-memory-security.md",
}

SUBJECTS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "age": age_files.rows,
    "export": export.rows,
    "attach": attach.rows,
    "records": big_vault.rows,
    "window": window.rows,
    "many": window.rows_of_many,
    "passphrase": passphrase.rows,
    "wipe": wipe.rows,
    "panic": panic.rows,
    "lock": lock.rows,
    "start": start.rows,
    "huge": huge.rows,
}
ONLY_WHEN_NAMED = ("huge",)
QUICK_DIVISOR = 16
PEERS = ("age", "openssl", "sha256sum", "tar", "dd", "sync")


def main() -> int:
    """Run the subjects, print the table, and return the exit status."""
    options = _options()
    missing = [name for name in PEERS if shutil.which(name) is None]
    if missing or not Path("/proc/self/clear_refs").exists():
        print(f"not on this machine: {', '.join(missing) or 'Linux'}", file=sys.stderr)
        return 2
    folder = Path(tempfile.mkdtemp(prefix="fielddoc-bench-", dir=options.folder))
    divisor = QUICK_DIVISOR if options.quick else 1
    rows: list[Row] = []
    sections: dict[str, str] = {}
    try:
        with machine.memory_folder(folder) as memory:
            bench = Bench(
                folder=folder,
                memory=memory,
                rounds=options.rounds,
                content_bytes=(options.mebibytes * 2**20) // divisor,
                content_files=max(4, options.files // divisor),
                records=options.records // divisor,
                wipe_files=options.wipe_files // divisor,
                panic_runs=max(1, options.panic_runs // divisor),
                limits=machine.limits(folder),
            )
            usual = [subject for subject in SUBJECTS if subject not in ONLY_WHEN_NAMED]
            for subject in options.only or usual:
                started, load_before = datetime.datetime.now(datetime.UTC), os.getloadavg()[1]
                found = _measured(bench, subject)
                described = machine.described(started, (load_before, os.getloadavg()[1]), bench)
                rows += found
                sections[subject] = section(found, ACCEPTED, described)
                if _is_full(options):  # at once: a run of everything takes an hour
                    page = PAGE.read_text(encoding="utf-8")
                    PAGE.write_text(renewed(page, sections, list(SUBJECTS)), encoding="utf-8")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(as_text(rows, ACCEPTED))
    missed = [row for row in rows if row.is_met is False and row.key not in ACCEPTED]
    return 1 if missed else 0


def _measured(bench: Bench, subject: str) -> list[Row]:
    print(f"measuring {subject} …", file=sys.stderr, flush=True)
    rows: list[Row] = []
    for row in SUBJECTS[subject](bench):
        print(f"  {row.what}: {row.ours}", file=sys.stderr, flush=True)
        rows.append(row)
    return rows


_SIZES = ("mebibytes", "files", "records", "wipe_files", "panic_runs")


def _is_full(options: argparse.Namespace) -> bool:
    usual = _parser().parse_args([])
    return not options.quick and all(
        getattr(options, name) == getattr(usual, name) for name in _SIZES
    )


def _options() -> argparse.Namespace:
    return _parser().parse_args()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measure fielddoc against its budgets.")
    parser.add_argument("--quick", action="store_true", help="a sixteenth of every size")
    parser.add_argument("--only", nargs="+", choices=list(SUBJECTS), help="these subjects")
    parser.add_argument("--folder", help="on the disk to measure; the system's if not given")
    parser.add_argument("--rounds", type=int, default=3, help="the best of so many counts")
    parser.add_argument("--mebibytes", type=int, default=1024, help="size of contents")
    parser.add_argument("--files", type=int, default=128, help="attachments in the export")
    parser.add_argument("--records", type=int, default=100_000, help="records in the vault")
    parser.add_argument("--wipe-files", type=int, default=5000, help="attachments to wipe")
    parser.add_argument("--panic-runs", type=int, default=200, help="wipes in each state")
    return parser


if __name__ == "__main__":
    sys.exit(main())
