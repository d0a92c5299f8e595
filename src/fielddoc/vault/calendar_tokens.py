"""Days as tokens, so that an index of words answers which dates overlap, exactly.

The calendar is a tree: days in months, months in years, years in decades, centuries and millennia.
The days from one to another are covered by the fewest nodes of that tree. A date puts in its cover
(`c`) and the nodes above it (`a`, together with the cover itself). Days that are asked for overlap
it where a node of their cover is one of its `a` nodes, or a node above theirs one of its `c` nodes.
A single day, by far the commonest date, is six tokens; `2022-09..2022-11` asks for seven.
"""

import calendar
import datetime
from collections.abc import Iterator
from functools import lru_cache

from fielddoc.domain.facets import Days

# A node is its first digits: 20220815, 202208, 2022, 202, 20, 2.
_PARENT = {2: 1, 3: 2, 4: 3, 6: 4, 8: 6}
_FIRST, _LAST = datetime.date.min, datetime.date.max


@lru_cache(maxsize=8192)
def of(days: Days) -> tuple[str, ...]:
    """Return the tokens that dates of these days put into the index."""
    cover = _cover(days)
    above = {parent for node in cover for parent in _above(node)}
    # Below a day there is nothing that could be asked for, so it needs no `c`.
    return (
        *(f"a{node}" for node in sorted({*cover, *above})),
        *(f"c{node}" for node in cover if len(node) < 8),
    )


def overlapping(days: Days) -> list[str]:
    """Return the tokens of which a date that overlaps these days has at least one."""
    cover = _cover(days)
    above = {parent for node in cover for parent in _above(node)}
    return [*(f"a{node}" for node in cover), *(f"c{node}" for node in sorted(above))]


def _above(node: str) -> Iterator[str]:
    while len(node) > 1:
        node = node[: _PARENT[len(node)]]
        yield node


def _cover(days: Days) -> list[str]:
    """Return the fewest nodes that together are exactly these days, in their order."""
    at, last = days.first or _FIRST, days.last or _LAST
    nodes: list[str] = []
    while at <= last:
        node, end = _greatest(at, last)
        nodes.append(node)
        if end == _LAST:
            break
        at = end + datetime.timedelta(days=1)
    return nodes


def _greatest(first: datetime.date, last: datetime.date) -> tuple[str, datetime.date]:
    """Return the greatest node that begins with `first` and ends by `last`, and its end."""
    text = f"{first.year:04}{first.month:02}{first.day:02}"
    for length in _PARENT.values():
        node = text[:length]
        begins, ends = _bounds(node)
        if begins == first and ends <= last:
            return node, ends
    return text, first


def _bounds(node: str) -> tuple[datetime.date, datetime.date]:
    """Return the first and last day of a node; the calendar begins with the year 1."""
    if len(node) == 8:
        day = datetime.date(int(node[:4]), int(node[4:6]), int(node[6:]))
        return day, day
    if len(node) == 6:
        year, month = int(node[:4]), int(node[4:])
        last = calendar.monthrange(year, month)[1]
        return datetime.date(year, month, 1), datetime.date(year, month, last)
    zeros = 4 - len(node)
    first = max(1, int(node + "0" * zeros))
    return datetime.date(first, 1, 1), datetime.date(int(node + "9" * zeros), 12, 31)
