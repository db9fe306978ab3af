"""What a run is made of: what differs from the default run, the stack."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashboard.reads.differences import differences
from dashboard.words.i18n import _
from dashboard.words.parameters import title, value_text
from engine.architecture import LayerInfo
from engine.config import RunConfig
from engine.default import default_config
from engine.layers import LayerSpec


def differing_from_default(config: RunConfig) -> pd.DataFrame:
    """A row for each parameter that the default run has otherwise."""
    found = differences([config, default_config()])
    return pd.DataFrame(
        [(title(d.path), *(value_text(d.path, value) for value in d.values)) for d in found],
        columns=[_("Parameter"), _("This run"), _("Default")],
    )


def stack_table(layers: Sequence[LayerInfo]) -> pd.DataFrame:
    """A row for each layer: its name, its settings, the shape of its outputs, its parameters."""
    return pd.DataFrame(
        {
            _("Layer"): [layer.name for layer in layers],
            _("Settings"): [settings(layer.spec) for layer in layers],
            _("Output shape"): [_shape(layer) for layer in layers],
            _("Parameters"): [layer.parameters for layer in layers],
        }
    )


def settings(spec: LayerSpec) -> str:
    """What a layer sets beside its defaults: `units=100  bias=false`."""
    values = spec.model_dump(mode="json", exclude={"kind"}, exclude_defaults=True)
    return "  ".join(f"{name}={_compact(value)}" for name, value in values.items())


def _compact(value: object) -> str:
    if isinstance(value, dict):
        inner = {k: v for k, v in value.items() if k != "kind"}
        arguments = ", ".join(f"{k}={_compact(v)}" for k, v in inner.items())
        return f"{value['kind']}({arguments})" if inner else str(value["kind"])
    return _shown(value)


def _shape(layer: LayerInfo) -> str:
    return " × ".join(map(str, layer.output_shape))


def _shown(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
