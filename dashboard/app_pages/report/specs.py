"""Charts as plain Vega-Lite, with their data inside: what a file and an image are made from.

Altair's own way reads settings that all threads of the process share, and refuses more than 5,000
rows; the data is therefore put in before Altair writes the chart down.
"""

from __future__ import annotations

import json
from typing import Any

import altair as alt
import pandas as pd

from dashboard.app_pages.report.document import Chart
from dashboard.reads.columns import table
from dashboard.views.charts.written import Written

FONT = (
    "Inter, 'Hiragino Sans', 'Noto Sans JP', 'Noto Sans CJK JP', 'Yu Gothic UI', Meiryo,"
    " system-ui, sans-serif"
)
CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": "#FFFFFF",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "#4B5563",
        "titleColor": "#4B5563",
        "gridColor": "#E5E7EB",
        "domainColor": "#C9CED6",
        "tickColor": "#C9CED6",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 10,
    },
    "legend": {"labelColor": "#374151", "titleColor": "#374151", "labelFontSize": 12},
}


def plain_spec(chart: Chart, *, width: int | str) -> dict[str, Any]:
    """The chart as Vega-Lite, on white, so many pixels wide or as wide as its place."""
    spec = _written(chart) if isinstance(chart, Written) else _held(chart)
    padding = spec.pop("padding", None)
    return {
        **spec,
        "width": width,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "config": CONFIG,
        **({"padding": padding} if padding else {}),
    }


def _written(chart: Written) -> dict[str, Any]:
    layers = [layer if isinstance(layer, dict) else _held(layer) for layer in chart.layers]
    inner = [{k: v for k, v in layer.items() if k not in _WHOLE} for layer in layers]
    datasets = {k: v for layer in layers for k, v in layer.get("datasets", {}).items()}
    data = {"values": _rows(table(chart.rows).to_pandas())}
    return {"$schema": alt.SCHEMA_URL, **chart.head, "data": data, "layer": inner} | (
        {"datasets": datasets} if datasets else {}
    )


_WHOLE = ("$schema", "config", "datasets")
"""What only a whole chart has."""


def _held(chart: Chart) -> dict[str, Any]:
    held = chart.copy(deep=True)
    _hold_data(held)
    spec: dict[str, Any] = held.to_dict()
    return spec


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", double_precision=12))
    return rows


def _hold_data(chart: Any) -> None:
    if isinstance(chart.data, pd.DataFrame):
        chart.data = alt.InlineData(values=_rows(chart.data))
    for layer in getattr(chart, "layer", ()):
        _hold_data(layer)
