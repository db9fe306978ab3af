"""What the page's address says: which data, and what is chosen of it, by the names of the fields of
a data set."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import get_args

from dashboard.state.choices import Choice, OneOf, Text, Whole
from dashboard.words.i18n import _
from engine.datasets import CSV, NPZ
from engine.spec import Spec

LONGEST = 2_000


@dataclass(frozen=True, eq=False)
class Columns(Choice[tuple[str, ...]]):
    """Names of columns, with commas between them; a name with a comma is quoted."""

    def read(self, text: str) -> tuple[str, ...]:
        if len(text) > LONGEST:
            raise ValueError(text)
        rows = list(csv.reader([text])) if text else []
        return tuple(dict.fromkeys(rows[0])) if rows else ()

    def write(self, value: tuple[str, ...]) -> str:
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(value)
        return line.getvalue() if value else ""

    def rule(self) -> str:
        return _("names of columns")


def _named(spec: type[Spec], name: str, resets: tuple[str, ...] = ()) -> OneOf[str]:
    """A field's named values."""
    field = spec.model_fields[name]
    return OneOf(name, field.default, resets, get_args(field.annotation))


_COLUMNS = ("target", "leave_out", "feature")
WRITTEN = {
    name: _named(CSV, name, _COLUMNS) for name in ("encoding", "separator", "decimal", "header")
}
"""How a table is written."""

MEANT = {name: _named(CSV, name) for name in ("task", "words", "missing")}
"""What becomes of its columns."""

CHANNELS = _named(NPZ, "channels")
TARGET = Columns("target", (), ("feature",))
LEAVE_OUT = Columns("leave_out", ())
FEATURE: OneOf[str] = OneOf("feature", "")
OUTLIER = Whole("outlier", 0, low=0, high=100)

DATA = Text(
    "data",
    "",
    (*WRITTEN, *MEANT, "channels", "target", "leave_out", "feature", "outlier"),
    300,
)
"""`3`: what was added third; `folder:cars.csv`: what lies in the data directory; `digits`,
`openml:mnist`: what is built in or fetched."""
