"""What mends an ill inside a network, as far as the network does not have it yet.

An initialization made for the activation keeps signals as strong as they are (Glorot and Bengio,
AISTATS 2010; He et al., ICCV 2015; Klambauer et al., NIPS 2017); Batch Normalization holds them
between layers (Ioffe and Szegedy, ICML 2015); a rectifier does not level off above zero (Glorot,
Bordes and Bengio, AISTATS 2011), and a leaky one lets every unit learn (Maas et al., ICML 2013);
clipping bounds a step (Pascanu et al., ICML 2013).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from engine.analyses.health import Finding, Kind
from engine.config import RunConfig
from engine.initializers import LSUV, Initializer, Orthogonal
from engine.layers import Activation, BatchNorm, Conv2D, Dense, Identity, LayerSpec, ReLU
from engine.layers.activation import Saturating

Remedy = Literal[
    "he",
    "xavier",
    "lecun",
    "batch_norm",
    "rectifier",
    "leaky",
    "lower_rate",
    "clipping",
    "fewer_layers",
    "random",
]
MOST = 3
"""Remedies that are named, the best first."""

Fits = Callable[[RunConfig, Activation], Remedy | None]


def remedies(findings: Iterable[Finding], config: RunConfig) -> tuple[Remedy, ...]:
    """What mends ills of one kind, the best first; what the network has already is left out."""
    found: dict[Remedy, None] = {}
    for finding in findings:
        activation = activation_near(config.layers, finding.layer) or Identity()
        for fits in _BY_KIND[finding.kind]:
            if remedy := fits(config, activation):
                found[remedy] = None
    return tuple(found)[:MOST] or ("fewer_layers",)


def activation_near(layers: Sequence[LayerSpec], place: int) -> Activation | None:
    """The activation that a layer is, or that its outputs come to; for the last layer, the one
    before it."""
    behind = (layer for layer in layers[place:] if isinstance(layer, Activation))
    before = (layer for layer in reversed(layers[:place]) if isinstance(layer, Activation))
    return next(behind, next(before, None))


def suits(init: Initializer, activation: Activation) -> bool:
    """Whether an initialization keeps a signal's strength through the activation: the one made for
    it, one that measures, or one that keeps lengths."""
    return isinstance(init, activation.initializer | LSUV | Orthogonal)


def made_for(activation: Activation) -> Remedy:
    """The initialization that was made for the activation."""
    kind: Remedy = activation.initializer.kind_name()  # type: ignore[assignment]
    return kind


def _initializer(config: RunConfig, activation: Activation) -> Remedy | None:
    inits = [layer.init for layer in config.layers if isinstance(layer, Dense | Conv2D)]
    return None if all(suits(init, activation) for init in inits[:-1]) else made_for(activation)


def _batch_norm(config: RunConfig, activation: Activation) -> Remedy | None:
    has = any(isinstance(layer, BatchNorm) for layer in config.layers)
    return None if has else "batch_norm"


def _rectifier(config: RunConfig, activation: Activation) -> Remedy | None:
    return "rectifier" if isinstance(activation, Saturating) else None


def _leaky(config: RunConfig, activation: Activation) -> Remedy | None:
    return "leaky" if isinstance(activation, ReLU) else None


def _lower_rate(config: RunConfig, activation: Activation) -> Remedy | None:
    return "lower_rate"


def _clipping(config: RunConfig, activation: Activation) -> Remedy | None:
    clips = config.clipping.norm is not None or config.clipping.value is not None
    return None if clips else "clipping"


def _random(config: RunConfig, activation: Activation) -> Remedy | None:
    return "random"


_BY_KIND: dict[Kind, tuple[Fits, ...]] = {
    "not_finite": (_lower_rate, _initializer, _clipping),
    "exploding": (_initializer, _batch_norm, _lower_rate),
    "vanishing": (_initializer, _batch_norm),
    "exploding_gradient": (_initializer, _clipping, _batch_norm),
    "vanishing_gradient": (_initializer, _rectifier, _batch_norm),
    "saturated": (_initializer, _batch_norm, _rectifier),
    "dead": (_lower_rate, _initializer, _leaky, _rectifier, _batch_norm),
    "alike": (_random,),
    "large_updates": (_lower_rate,),
}
