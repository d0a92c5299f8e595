"""The rows that a run gives, and how they look in a terminal and in docs/benchmarks.md."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_HEADINGS = ("what", "fielddoc", "peer", "ratio", "physical limit", "budget", "met")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    key: str
    """Short and stable; what an accepted miss is listed under."""
    what: str
    ours: str
    peer: str
    ratio: str
    limit: str
    budget: str
    is_met: bool | None
    """None where there is no budget."""


def throughput(
    key: str,
    what: str,
    *,
    size_bytes: int,
    seconds: float,
    peer: str,
    peer_seconds: float,
    limit: str,
    at_least: float,
) -> Row:
    """Return the row of work on `size_bytes` that must reach `at_least` times the peer's speed."""
    ratio = peer_seconds / seconds
    return Row(
        key=key,
        what=what,
        ours=_speed(size_bytes, seconds),
        peer=f"{peer}: {_speed(size_bytes, peer_seconds)}",
        ratio=f"{ratio:.2f} ×",
        limit=limit,
        budget=f"≥ {at_least:g} × the peer",
        is_met=ratio >= at_least,
    )


def latency(
    key: str,
    what: str,
    *,
    times_ms: Sequence[float],
    peer: str,
    peer_times_ms: Sequence[float],
    limit: str,
    at_most_ms: float,
) -> Row:
    """Return the row of short work whose 95th percentile may take `at_most_ms`."""
    ninety_fifth = percentile(times_ms, 95)
    median, peer_median = percentile(times_ms, 50), percentile(peer_times_ms, 50)
    return Row(
        key=key,
        what=what,
        ours=_two(times_ms),
        peer=f"{peer}: {_two(peer_times_ms)}",
        ratio=f"{peer_median / median:.2g} ×",
        limit=limit,
        budget=f"p95 ≤ {at_most_ms:g} ms",
        is_met=ninety_fifth <= at_most_ms,
    )


def percentile(values: Sequence[float], share: int) -> float:
    """Return the value that `share` percent do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)]


def as_text(rows: Sequence[Row], accepted: Mapping[str, str]) -> str:
    """Return the table for a terminal."""
    lines = [_HEADINGS, *(_cells(row, accepted) for row in rows)]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(_HEADINGS))]
    padded = (
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
        )
        for line in lines
    )
    return "\n".join(line.rstrip() for line in padded)


def section(rows: Sequence[Row], accepted: Mapping[str, str], machine: str) -> str:
    """Return what docs/benchmarks.md says of one subject, without its heading."""
    lines = [_HEADINGS, ("---",) * len(_HEADINGS), *(_cells(row, accepted) for row in rows)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{machine}\n\n{table}\n"


def renewed(page: str, sections: Mapping[str, str], order: Sequence[str]) -> str:
    """Return docs/benchmarks.md with these sections in place of those of the same subjects.

    Args:
        page: as it stands.
        sections: from a subject to what `section` returned.
        order: in which subjects come; what the page holds of others is dropped.
    """
    parts = [part.partition("\n") for part in page.split("\n## ")[1:]]
    kept = {subject: text.strip("\n") + "\n" for subject, _, text in parts}
    every = kept | dict(sections)
    texts = (f"\n## {subject}\n\n{every[subject]}" for subject in order if subject in every)
    return _INTRODUCTION + "".join(texts)


_INTRODUCTION = """\
# Benchmarks

Written by `make bench`; do not edit.
Each row stands beside a peer that did the same job in the same run, and beside what the machine could do at best.
Throughput is the best of several rounds that take turns; p50 and p95 are of single calls.
A ratio above 1 means that fielddoc is the faster one.
Each subject says when and on which machine it was measured, and how busy that was.
"""


def _cells(row: Row, accepted: Mapping[str, str]) -> tuple[str, ...]:
    met = {True: "yes", False: "NO", None: "–"}[row.is_met]
    if row.is_met is False and row.key in accepted:
        met = f"no, see decisions/{accepted[row.key]}"
    return (row.what, row.ours, row.peer, row.ratio, row.limit, row.budget, met)


def _speed(size_bytes: int, seconds: float) -> str:
    return f"{seconds:.2f} s, {size_bytes / 2**20 / seconds:.0f} MiB/s"


def _two(times_ms: Sequence[float]) -> str:
    return f"p50 {percentile(times_ms, 50):.2f} ms, p95 {percentile(times_ms, 95):.2f} ms"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
