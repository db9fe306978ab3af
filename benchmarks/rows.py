"""What every benchmark prints and writes: one row a workload and peer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import isnan, nan
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Row:
    """A comparison: `ratio` is ours over theirs, and `bar` what it must not exceed, if anything."""

    workload: str
    peer: str
    ours: float
    theirs: float
    bar: float | None
    ratio: float = nan

    def __post_init__(self) -> None:
        if isnan(self.ratio):
            object.__setattr__(self, "ratio", self.ours / self.theirs)

    @classmethod
    def of_rounds(
        cls,
        workload: str,
        peer: str,
        ours: Sequence[float],
        theirs: Sequence[float],
        bar: float | None,
    ) -> Row:
        """From what each took in rounds that lay side by side: their medians, and the median of
        the rounds' ratios, which does not move when the machine's speed does."""
        ratio = median(a / b for a, b in zip(ours, theirs, strict=True))
        return cls(workload, peer, median(ours), median(theirs), bar, ratio)

    @property
    def met(self) -> bool | None:
        return None if self.bar is None else self.ratio <= self.bar

    def plain(self) -> dict[str, Any]:
        return {**asdict(self), "met": self.met}


def show(rows: list[Row], *, unit: str) -> None:
    """Print the rows as a table."""
    table = Table("workload", "peer", f"ours ({unit})", f"theirs ({unit})", "ratio", "bar", "met")
    for row in rows:
        met = {True: "yes", False: "NO", None: ""}[row.met]
        bar = "" if row.bar is None else f"{row.bar:.2f}"
        table.add_row(
            row.workload,
            row.peer,
            f"{row.ours:.3f}",
            f"{row.theirs:.3f}",
            f"{row.ratio:.2f}",
            bar,
            met,
        )
    Console().print(table)


def write(rows: list[Row], path: Path, **setting: Any) -> None:
    """Write the rows, and the setting they were measured in, as JSON."""
    content = {"setting": setting, "rows": [row.plain() for row in rows]}
    path.write_text(json.dumps(content, indent=2) + "\n")
