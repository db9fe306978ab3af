"""Data in words: what there is, and the columns of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel.units import format_unit

from dashboard.views.rows import Cell, Column, Row, Table
from dashboard.words.i18n import _, integer, moment, msg, number
from dashboard.words.reader import language
from dashboard.words.sentences import sentence
from db.records import KeptData
from engine.datasets import AnyDataset, DatasetInfo, OpenML
from engine.datasets.found import Found
from engine.datasets.openml import SOURCES
from engine.datasets.tables.format import TableFormat
from engine.datasets.tables.summary import ColumnSummary, TableSummary

KINDS = {
    "numbers": msg("numbers"),
    "truths": msg("true or false"),
    "words": msg("words"),
    "empty": msg("empty"),
}
_SEPARATORS = {",": msg("comma"), ";": msg("semicolon"), "\t": msg("tab"), "|": msg("pipe")}
_MARKS = {".": msg("point"), ",": msg("comma")}
_HEADERS = {True: msg("yes"), False: msg("no")}


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the list: what the address says for it, its name and its cells."""

    ref: str
    name: str
    cells: Mapping[str, Cell]


def listed(sets: Sequence[Listed]) -> Table:
    """What there is, one row each."""
    columns = {
        "where": Column(_("Where from")),
        "kind": Column(_("Kind")),
        "samples": Column(_("Samples"), "number", _("To train on + to validate with")),
        "shape": Column(_("Shape"), help=_("Of one sample")),
        "targets": Column(_("Targets")),
        "size": Column(_("Size"), "number"),
        "owner": Column(_("Added by")),
        "when": Column(_("When")),
        "runs": Column(_("Runs"), "number"),
    }
    rows = [Row(i, each.name, each.cells) for i, each in enumerate(sets, 1)]
    return Table(_("Name"), columns, rows)


def kept_row(kept: KeptData, *, newest: bool, runs: int) -> Listed:
    """What somebody added. Older versions say which they are."""
    about = kept.about
    shape = about.get("shape")
    samples = about.get("samples") or ()
    cells: dict[str, Cell] = {
        "where": _("added"),
        "kind": _(type(kept.dataset).title()),
        "samples": " + ".join(map(integer, samples)) or _table_size(about),
        "shape": shape_text(shape) if shape else None,
        "targets": targets_text(about.get("classes"), about["outputs"]) if shape else None,
        "size": size_text(kept.size),
        "owner": kept.owner,
        "when": moment(kept.added_at),
        "runs": integer(runs),
    }
    name = kept.name if newest else version_name(kept)
    return Listed(str(kept.id), name, cells)


def version_name(kept: KeptData) -> str:
    """A version by its name and number."""
    return _("{name}, version {n}").format(name=kept.name, n=kept.version)


def found_row(found: Found) -> Listed:
    """What lies in the data directory."""
    cells: dict[str, Cell] = {
        "where": _("data directory"),
        "kind": _(type(found.dataset).title()),
        "size": size_text(found.size),
        "when": moment(found.changed_at),
    }
    return Listed(f"folder:{found.name}", found.name, cells)


def built_in_row(
    ref: str, dataset: AnyDataset, info: DatasetInfo, *, where: str, runs: int
) -> Listed:
    """What comes with the program, or is fetched."""
    samples = f"{integer(info.train_samples)} + {integer(info.validation_samples)}"
    cells: dict[str, Cell] = {
        "where": where,
        "kind": _(type(dataset).title()),
        "samples": samples,
        "shape": shape_text(info.sample_shape),
        "targets": targets_text(info.classes, info.outputs),
        "runs": integer(runs),
    }
    return Listed(ref, built_in_name(dataset), cells)


def built_in_name(dataset: AnyDataset) -> str:
    """What people call it."""
    if isinstance(dataset, OpenML):
        return SOURCES[dataset.name].title
    return _(type(dataset).title())


def shape_text(shape: Sequence[int]) -> str:
    """A sample's shape: 28 × 28 × 1."""
    return " × ".join(map(integer, shape))


def targets_text(classes: int | None, outputs: int) -> str:
    """What is to be learned."""
    if classes is not None:
        return _("{n} classes").format(n=integer(classes))
    return _("a number") if outputs == 1 else _("{n} numbers").format(n=integer(outputs))


def size_text(size: int) -> str:
    """Bytes in the unit that keeps them short."""
    units = ("byte", "kilobyte", "megabyte", "gigabyte")
    power = next((p for p in range(3) if size < 1000 ** (p + 1)), 3)
    amount = size / 1000**power
    return format_unit(
        amount,
        f"digital-{units[power]}",
        "short",
        format="#,##0" if power == 0 or amount >= 10 else "#,##0.0",
        locale=language(),
    )


def _table_size(about: Mapping[str, Any]) -> str | None:
    if not about.get("rows"):
        return None
    return _("{rows} rows").format(rows=integer(about["rows"]))


def columns_table(
    table: TableSummary, targets: Sequence[str], left_out: Sequence[str], *, most: int
) -> Table:
    """The columns of a table: what they hold, and what becomes of them."""
    columns = {
        "kind": Column(_("Holds")),
        "missing": Column(_("Missing"), "number", _("Cells without a value")),
        "range": Column(_("Range")),
        "different": Column(_("Different"), "number", _("Different values")),
        "examples": Column(_("Such as")),
        "use": Column(_("Use")),
    }
    rows = [
        Row(i, column.name, _cells(column, targets, left_out))
        for i, column in enumerate(table.columns[:most], 1)
    ]
    return Table(_("Column"), columns, rows)


def _cells(
    column: ColumnSummary, targets: Sequence[str], left_out: Sequence[str]
) -> dict[str, Cell]:
    ends = (column.low, column.high)
    return {
        "kind": _(KINDS[column.kind]),
        "missing": integer(column.missing),
        "range": None if column.low is None else "–".join(number(end) for end in ends),
        "different": integer(column.different),
        "examples": _(", ").join(column.examples),
        "use": _use(column, targets, left_out),
    }


def _use(column: ColumnSummary, targets: Sequence[str], left_out: Sequence[str]) -> str:
    if column.name in targets:
        return _("to be predicted")
    if column.name not in left_out:
        return _("a feature")
    why = sentence(column.left_out) if column.left_out else ""
    return _("left out: {why}").format(why=why) if why else _("left out")


def found_text(form: TableFormat) -> dict[str, str]:
    """What was found of how a table is written, by the names of the fields that say so."""
    unknown = _("in doubt")
    return {
        "encoding": form.encoding.upper().replace("_", "-"),
        "separator": _(_SEPARATORS.get(form.separator, form.separator)),
        "decimal": _(_MARKS[form.decimal]) if form.decimal else unknown,
        "header": unknown if form.header is None else _(_HEADERS[form.header]),
    }
