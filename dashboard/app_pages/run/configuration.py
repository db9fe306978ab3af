"""What a run is made of: what differs from the default run, the stack, the whole configuration."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.reads.differences import differences
from dashboard.words.i18n import _, integer
from dashboard.words.parameters import title, value_text
from dashboard.words.sentences import sentence
from dashboard.words.text import plain
from db.records import Run
from engine.architecture import LayerInfo, describe
from engine.config import RunConfig
from engine.default import default_config
from engine.errors import LayerlabError
from engine.layers import LayerSpec


def configuration(run: Run) -> None:
    """The differences and the stack as tables; the JSON whole, ready to copy."""
    tables, whole = st.columns([3, 2], gap="large")
    with tables:
        st.subheader(_("Differs from the default run"))
        _differences(run.config)
        st.subheader(_("Stack"))
        _stack(run.config)
    with whole:
        st.subheader(_("As JSON"))
        st.code(run.config.to_json(indent=2), language=None, height=620)


def _differences(config: RunConfig) -> None:
    found = differences([config, default_config()])
    if not found:
        st.caption(_("Nothing: this is the default run."))
        return
    table = pd.DataFrame(
        {
            "parameter": [title(difference.path) for difference in found],
            "mine": [value_text(d.path, d.values[0]) for d in found],
            "usual": [value_text(d.path, d.values[1]) for d in found],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            "parameter": st.column_config.TextColumn(_("Parameter")),
            "mine": st.column_config.TextColumn(_("This run")),
            "usual": st.column_config.TextColumn(_("Default")),
        },
        alt=_("Hyperparameters that differ from the default run"),
    )


def _stack(config: RunConfig) -> None:
    try:
        layers = describe(config).layers
    except LayerlabError as error:
        st.caption(plain(sentence(str(error))))
        return
    table = pd.DataFrame(
        {
            "name": [layer.name for layer in layers],
            "settings": [settings(layer.spec) for layer in layers],
            "output": [_shape(layer) for layer in layers],
            "parameters": [layer.parameters for layer in layers],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            "name": st.column_config.TextColumn(_("Layer")),
            "settings": st.column_config.TextColumn(_("Settings")),
            "output": st.column_config.TextColumn(_("Output shape")),
            "parameters": st.column_config.NumberColumn(_("Parameters"), format="localized"),
        },
        alt=_("The layers of the stack"),
    )
    total = sum(layer.parameters for layer in layers)
    st.caption(_("{n} parameters").format(n=integer(total)))


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
