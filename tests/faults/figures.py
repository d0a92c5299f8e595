"""The figures of a sweep: how much was tried, and that nothing was lost."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faults.plan import DAMAGE, KILLS, Job, Traced
from faults.shim import Mode

BEGIN, END = "<!-- figures of make faults -->", "<!-- end of figures -->"
_COLUMNS = (
    "operation",
    "calls",
    "sites",
    "kills",
    "refusals",
    "losses of power",
    "changed files",
    "lost",
)


@dataclass(slots=True)
class Row:
    """One operation."""

    calls: int
    sites: int
    kills: int = 0
    refusals: int = 0
    powers: int = 0
    changes: int = 0
    lost: int = 0


class Table:
    """Counts runs by operation."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rows: dict[str, Row] = {}
        self.runs = 0
        self.unmet = 0

    def add(self, traced: Traced) -> None:
        """Begin the row of an operation."""
        self.rows[traced.operation] = Row(len(traced.work.calls), len(set(traced.work.sites)))

    def add_damage(self) -> None:
        """Begin the row of changed files, which has no calls."""
        self.rows[DAMAGE] = Row(0, 0)

    def count(self, job: Job, answer: dict[str, Any]) -> None:
        """Count a run."""
        row = self.rows[job["operation"]]
        self.runs += 1
        row.lost += bool(answer["problem"])
        if job["do"] == "damage":
            row.changes += 1
        elif job["do"] == "power":
            row.powers += 1
        elif Mode(job["mode"]) in KILLS:
            row.kills += 1
        else:
            row.refusals += 1
        # An operation writes a little more or less each time, since ids are random.
        self.unmet += not answer.get("was_met", True)

    def _cells(self) -> list[tuple[str, ...]]:
        rows = [
            (name, r.calls, r.sites, r.kills, r.refusals, r.powers, r.changes, r.lost)
            for name, r in self.rows.items()
        ]
        columns = list(zip(*[row[1:] for row in rows], strict=True))
        total = ("together", *(sum(column) for column in columns))
        return [tuple(f"{c:,}" if isinstance(c, int) else c for c in r) for r in (*rows, total)]

    def as_text(self) -> str:
        """Return the table for a terminal."""
        lines = [_COLUMNS, *self._cells()]
        widths = [max(len(line[i]) for line in lines) for i in range(len(_COLUMNS))]
        shown = [
            "  ".join(
                c.ljust(w) if i == 0 else c.rjust(w)
                for i, (c, w) in enumerate(zip(line, widths, strict=True))
            )
            for line in lines
        ]
        lost = sum(row.lost for row in self.rows.values())
        shown.append(f"runs: {self.runs:,}; fault not reached: {self.unmet:,}; losses: {lost}")
        return "\n".join(shown)

    def as_markdown(self) -> str:
        """Return the table for a document."""
        lines = [
            "| " + " | ".join(_COLUMNS) + " |",
            "|---" + "|--:" * (len(_COLUMNS) - 1) + "|",
            *("| " + " | ".join(cells) + " |" for cells in self._cells()),
        ]
        return "\n".join(lines)


def write(page: Path, table: Table) -> None:
    """Put the table between its two marks in a document."""
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    lost = sum(row.lost for row in table.rows.values())
    words = (
        f"Runs: {table.runs:,}, seed {table.seed}, losses: {lost}."
        f" In {table.unmet:,} of them the fault was not reached, since an operation writes a little"
        " more or less each time."
    )
    page.write_text(
        f"{before}{BEGIN}\n{words}\n\n{table.as_markdown()}\n{END}{after}", encoding="utf-8"
    )
