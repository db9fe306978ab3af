"""Layered charts whose specification is written out, beside their rows.

Altair takes some 150 ms to build, check and write down a chart of seven layers. A page with four of
them would keep a server of fifty users waiting; what is drawn most is therefore written as plain
Vega-Lite. Altair still checks it in the tests, and what stands behind the rows is still Altair's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from dashboard.reads.columns import Columns, table

Layer = dict[str, Any]


class Written(alt.LayerChart):
    """A layered chart of the same rows: layers written out, and marks of Altair with their own."""

    def __init__(
        self,
        layers: Sequence[Layer | alt.Chart],
        rows: Columns,
        **head: Any,
    ) -> None:
        object.__setattr__(self, "_args", ())
        object.__setattr__(self, "_kwds", {})
        object.__setattr__(self, "layers", tuple(layers))
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "head", head)

    def to_dict(self, *_args: Any, **_options: Any) -> dict[str, Any]:
        """The specification, its data handed to whatever Altair hands data to at present."""
        context: dict[str, Any] = {"top_level": False, "datasets": {}}
        layers = [
            layer if isinstance(layer, dict) else layer.to_dict(validate=False, context=context)
            for layer in self.layers
        ]
        hand_over = alt.data_transformers.get()
        assert hand_over is not None
        return {
            "$schema": alt.SCHEMA_URL,
            **self.head,
            "data": hand_over(table(self.rows)),
            "layer": layers,
            **({"datasets": context["datasets"]} if context["datasets"] else {}),
        }
