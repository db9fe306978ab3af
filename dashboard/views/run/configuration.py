"""What a run is made of: every hyperparameter, what differs from the default run, the stack."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashboard.reads.differences import Facts, differences, facts_of
from dashboard.words.i18n import _, integer
from dashboard.words.parameters import title, value_text
from dashboard.words.text import plain
from engine.architecture import LayerInfo
from engine.config import RunConfig
from engine.default import default_config
from engine.layers import LayerSpec
from engine.trained_on import TrainedOn


def differing_from_default(config: RunConfig) -> pd.DataFrame:
    """A row for each parameter that the default run has otherwise."""
    found = differences([config, default_config()])
    return pd.DataFrame(
        [(title(d.path), *(value_text(d.path, value) for value in d.values)) for d in found],
        columns=[_("Parameter"), _("This run"), _("Default")],
    )


def whole_configuration(config: RunConfig) -> tuple[pd.DataFrame, int]:
    """A row for each hyperparameter, those first that the default run has otherwise, and how many
    those are."""
    changed = differing_from_default(config)
    own, default = facts_of([config, default_config()])
    told = set(changed[_("Parameter")])
    others = [
        (title(path), value_text(path, fact.value), _value(path, default))
        for path, fact in own.items()
        if title(path) not in told
    ]
    rest = pd.DataFrame(others, columns=changed.columns)
    return pd.concat([changed, rest], ignore_index=True), len(changed)


def _value(path: str, facts: Facts) -> str:
    fact = facts.get(path)
    return value_text(path, fact.value if fact else None)


NAMES = 20
"""Names of classes or columns that are told."""


def data_text(kept: TrainedOn) -> str:
    """What a run trained on, as it was kept with it. Markdown."""
    info = kept.info
    counts = _("{train} training samples, {validation} for validation.").format(
        train=integer(info.train_samples), validation=integer(info.validation_samples)
    )
    known = _("SHA-256 of its numbers: `{fingerprint}`.").format(fingerprint=kept.fingerprint)
    named = [
        (_("Classes: {names}."), info.class_names),
        (_("Features: {names}."), info.feature_names),
        (_("Targets: {names}."), info.target_names),
    ]
    told = [text.format(names=_listed(names)) for text, names in named if names]
    return "\n\n".join([counts, *told, known])


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(map(plain, names[:NAMES]))
    more = len(names) - NAMES
    return shown if more <= 0 else _("{names} and {n} more").format(names=shown, n=integer(more))


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
