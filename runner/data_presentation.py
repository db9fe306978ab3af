"""Data on a terminal: as JSON for programs, as sentences and tables for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from db.records import KeptData
from engine.datasets.found import Found
from engine.datasets.preview import Preview
from engine.datasets.tables.summary import ColumnSummary, TableSummary
from runner.presentation import local

_CLASSES = 12  # classes and columns of words that a line names


def kept_object(kept: KeptData, runs: Sequence[int]) -> dict[str, Any]:
    """A version as one JSON object."""
    return {
        "id": kept.id,
        "name": kept.name,
        "version": kept.version,
        "kind": kept.dataset.kind_name(),
        "owner": kept.owner,
        "added_at": kept.added_at.isoformat(),
        "content": kept.content,
        "size": kept.size,
        "files": dict(kept.files),
        **kept.about,
        "runs": list(runs),
        "dataset": kept.dataset.model_dump(mode="json"),
    }


def found_object(found: Found) -> dict[str, Any]:
    """What lies in the data directory as one JSON object."""
    return {
        "name": found.name,
        "kind": found.dataset.kind_name(),
        "changed_at": found.changed_at.isoformat(),
        "size": found.size,
        "dataset": found.dataset.model_dump(mode="json"),
    }


def kept_text(kept: KeptData) -> str:
    """What was added, in a few lines."""
    what = held(kept.about) or "what is to be learned of it must be chosen"
    look = f"layerlab data show {kept.name}"
    use = f"layerlab data config {kept.name} | layerlab run -"
    return (
        f"{kept.name} (version {kept.version}) is added: {what}; {kept.size:,} bytes\n"
        f"  SHA-256 {kept.content}\n  {use if kept.about.get('shape') else look}"
    )


def held(about: Mapping[str, Any]) -> str:
    """Samples, shape and classes, or else the size of the table."""
    if about.get("shape"):
        train, validation = about["samples"]
        shape = " x ".join(map(str, about["shape"]))
        classes, outputs = about.get("classes"), about.get("outputs")
        goal = f"{classes} classes" if classes else f"{outputs} number(s) to predict"
        return f"{train:,} + {validation:,} samples of {shape}, {goal}"
    if about.get("rows"):
        return f"{about['rows']:,} rows of {about['columns']:,} columns"
    return ""


def data_table(
    kept: Sequence[KeptData], runs: Mapping[str, Sequence[int]], lying: Sequence[Found]
) -> Any:
    """A `rich` table of what there is."""
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("name", "kind", "what it holds", "bytes", "added by", "when", "runs"):
        grid.add_column(title, justify="right" if title in ("bytes", "runs") else "left")
    for each in kept:
        grid.add_row(
            Text(f"{each.name}@{each.version}"),
            each.dataset.kind_name(),
            held(each.about) or "-",
            f"{each.size:,}",
            Text(each.owner),
            local(each.added_at),
            str(len(runs[each.content])),
        )
    for found in lying:
        grid.add_row(
            *(Text(found.name), found.dataset.kind_name(), "-", f"{found.size:,}"),
            *("data directory", local(found.changed_at), "-"),
        )
    return grid


def preview_object(preview: Preview) -> dict[str, Any]:
    """Data before it is used as one JSON object."""
    info = preview.info
    return {
        "dataset": preview.dataset.model_dump(mode="json"),
        "table": _table_object(preview.table) if preview.table else None,
        "shape": list(info.sample_shape) if info else None,
        "samples": [info.train_samples, info.validation_samples] if info else None,
        "classes": dict(preview.classes) if preview.classes is not None else None,
        "features": list(info.feature_names) if info and info.feature_names else None,
        "targets": list(info.target_names) if info and info.target_names else None,
        "question": str(preview.question) if preview.question else None,
        "unused": str(unused) if (unused := preview.unused) else None,
    }


def _table_object(table: TableSummary) -> dict[str, Any]:
    form = table.form
    return {
        "encoding": form.encoding,
        "separator": form.separator,
        "decimal": form.decimal,
        "header": form.header,
        "rows": table.rows,
        "target": table.target,
        "columns": [
            {
                "name": column.name,
                "kind": column.kind,
                "missing": column.missing,
                "low": column.low,
                "high": column.high,
                "different": column.different,
                "examples": list(column.examples),
                "left_out": str(column.left_out) if column.left_out else None,
            }
            for column in table.columns
        ],
        "questions": [str(question) for question in table.questions],
    }


def print_preview(preview: Preview) -> None:
    """Print data before it is used."""
    from runner.surroundings import print_table

    if preview.table:
        print(_written(preview.table))
        print_table(_columns(preview.table))
    for line in _meaning(preview):
        print(line)


def _written(table: TableSummary) -> str:
    """How a table is written."""
    form = table.form
    names = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "pipes"}
    header = {True: "a header", False: "no header", None: "a first row that may be a header"}
    decimal = {".": "decimal point", ",": "decimal comma", None: "a decimal mark in doubt"}
    return (
        f"{table.rows:,} rows of {len(table.columns):,} columns: {form.encoding},"
        f" {names.get(form.separator, repr(form.separator))}, {decimal[form.decimal]},"
        f" {header[form.header]}"
    )


def _columns(table: TableSummary) -> Any:
    """A `rich` table of a table's columns."""
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("column", "kind", "missing", "range", "different", "such as", ""):
        grid.add_column(title, justify="right" if title in ("missing", "different") else "left")
    for column in table.columns:
        grid.add_row(
            Text(column.name),
            column.kind,
            str(column.missing),
            _range(column),
            f"{column.different:,}",
            Text(", ".join(column.examples)[:40]),
            Text(_use(table, column)),
        )
    return grid


def _range(column: ColumnSummary) -> str:
    return "-" if column.low is None else f"{column.low:g} to {column.high:g}"


def _use(table: TableSummary, column: ColumnSummary) -> str:
    if column.name == table.target:
        return "target"
    return f"left out: {column.left_out}" if column.left_out else ""


def _meaning(preview: Preview) -> Iterator[str]:
    """What is learned of the data, or what must be chosen first."""
    info = preview.info
    if info:
        train, validation = f"{info.train_samples:,}", f"{info.validation_samples:,}"
        shape = " x ".join(map(str, info.sample_shape))
        yield f"{train} samples to train on, {validation} to validate with, each {shape}"
        if info.target_names:
            yield f"to be predicted: {', '.join(info.target_names)}"
    if preview.classes:
        shown = [f"{name} ({n:,})" for name, n in preview.classes[:_CLASSES]]
        more = f" and {len(preview.classes) - _CLASSES:,} more" * (len(preview.classes) > _CLASSES)
        yield f"{len(preview.classes):,} classes: {', '.join(shown)}{more}"
    elif info:
        yield f"{info.outputs} number(s) to predict"
    if preview.question:
        yield f"first: {preview.question}"
    if unused := preview.unused:
        yield str(unused)
