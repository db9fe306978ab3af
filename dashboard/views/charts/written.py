"""Layered charts whose specification is written out, beside their rows.

Altair takes some 150 ms to build, check and write down a chart of seven layers. A page with four of
them would keep a server of fifty users waiting; what is drawn most is therefore written as plain
Vega-Lite. Altair still checks it in the tests, and what stands behind the rows is still Altair's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pyarrow as pa

from dashboard.reads.columns import Columns, table

Layer = dict[str, Any]


@dataclass(frozen=True)
class WrittenChart:
    """Layers over the same rows: written out, or marks of Altair with rows of their own. `head` is
    what stands beside them: height, padding."""

    layers: Sequence[Layer | alt.Chart]
    rows: Columns
    head: Mapping[str, Any]

    def spec(self, place: Callable[[pa.Table], Any]) -> dict[str, Any]:
        """The whole as Vega-Lite; `place` puts the rows somewhere and says where they are."""
        context: dict[str, Any] = {"top_level": False, "datasets": {}}
        layers = [
            layer if isinstance(layer, dict) else layer.to_dict(validate=False, context=context)
            for layer in self.layers
        ]
        return {
            "$schema": alt.SCHEMA_URL,
            **self.head,
            "data": place(table(self.rows)),
            "layer": layers,
            **({"datasets": context["datasets"]} if context["datasets"] else {}),
        }


Chart = WrittenChart | alt.Chart | alt.LayerChart


def specification(chart: Chart, *, checked: bool = True) -> dict[str, Any]:
    """A chart as Vega-Lite, its data handed to whatever Altair hands data to at present; one of
    Altair's is held against the whole schema where it is to be `checked`."""
    if isinstance(chart, WrittenChart):
        hand_over = alt.data_transformers.get()
        assert hand_over is not None
        return chart.spec(hand_over)
    spec: dict[str, Any] = chart.to_dict(validate=checked)
    return spec
