"""A report as one HTML file that needs no network, and its charts as images for slides."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import vl_convert
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from dashboard.views.report.document import Report
from dashboard.views.report.specs import plain_spec

Image = Literal["png", "svg"]

WIDTH = 760
"""Pixels of an image; a PNG has twice as many."""

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True
)


def as_html(report: Report) -> bytes:
    """The file: charts keep their tooltips in it, and it asks no server for anything."""
    figures = {
        figure.name: plain_spec(figure.chart, width="container") for figure in report.figures
    }
    template = _TEMPLATES.get_template("report.html")
    text = template.render(
        report=report,
        specs={name: _in_script(spec) for name, spec in figures.items()},
        library=Markup(_library()),
        paragraphs=[part for part in report.remarks.split("\n\n") if part.strip()],
        table=_table,
    )
    return text.encode()


def as_images(report: Report, kind: Image) -> bytes:
    """A ZIP file of all charts, in the order of the report."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for i, figure in enumerate(report.figures, 1):
            archive.writestr(f"{i:02}-{figure.name}.{kind}", image(figure.chart, kind))
    return packed.getvalue()


def image(chart: Any, kind: Image) -> bytes:
    """A chart as an image."""
    spec = plain_spec(chart, width=WIDTH)
    if kind == "svg":
        return vl_convert.vegalite_to_svg(spec).encode()
    return vl_convert.vegalite_to_png(spec, scale=2)


@cache
def _library() -> str:
    """Vega, Vega-Lite and vega-embed as one script."""
    script = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return re.sub(r"</(script)", r"<\\/\1", script, flags=re.IGNORECASE)  # ends no element early


def _in_script(spec: dict[str, Any]) -> Markup:
    """JSON that ends no script element, whatever stands in its texts."""
    text = json.dumps(spec, ensure_ascii=False, allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028"))


def _table(frame: pd.DataFrame) -> Markup:
    """The rows of a table; every cell is text."""
    head = "".join(f"<th scope='col'>{html.escape(str(name))}</th>" for name in frame.columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in frame.itertuples(index=False)
    )
    return Markup(f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>")
