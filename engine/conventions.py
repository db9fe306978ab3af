"""The defaults of three traditions: the textbook (Deep Learning from Scratch), Keras 3, PyTorch 2.

One name often means different things: Keras's Batch Normalization keeps 0.99 of its running
statistics and PyTorch's takes in 0.1 new, both call it momentum. Here each difference is a field of
a spec, and a tradition is a set of values for those fields. What a tradition does not have is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar, get_args

from engine.config import RunConfig
from engine.layers import BatchNorm, LeakyReLU, PReLU
from engine.optimizers import (
    AdaDelta,
    AdaGrad,
    Adam,
    AdaMax,
    AdamW,
    AMSGrad,
    Momentum,
    Nadam,
    Nesterov,
    RMSProp,
)
from engine.spec import Spec

Tradition = Literal["textbook", "keras", "pytorch"]
TRADITIONS: tuple[Tradition, ...] = get_args(Tradition)

_ADAM_KERAS = {"epsilon": 1e-7, "bias_correction": "step"}
_ADAM_PYTORCH = {"epsilon": 1e-8, "bias_correction": "moments"}

CONVENTIONS: Mapping[type[Spec], Mapping[Tradition, Mapping[str, Any] | None]] = {
    BatchNorm: {
        "textbook": {
            "momentum": 0.9,
            "epsilon": 1e-6,  # written 10e-7
            "variance": "biased",
            "initial_variance": 0.0,
        },
        "keras": {
            "momentum": 0.99,
            "epsilon": 1e-3,
            "variance": "biased",
            "initial_variance": 1.0,
        },
        "pytorch": {
            "momentum": 0.9,  # its own 0.1 is the new share
            "epsilon": 1e-5,
            "variance": "unbiased",
            "initial_variance": 1.0,
        },
    },
    Momentum: {
        "textbook": {"lr": 0.01, "velocity": "scaled"},
        "keras": {"lr": 0.01, "velocity": "scaled"},
        "pytorch": {"lr": 0.001, "velocity": "raw"},
    },
    Nesterov: {
        "textbook": {"lr": 0.01, "velocity": "scaled"},
        "keras": {"lr": 0.01, "velocity": "scaled"},
        "pytorch": {"lr": 0.001, "velocity": "raw"},
    },
    AdaGrad: {
        "textbook": {
            "lr": 0.01,
            "initial_accumulator": 0.0,
            "epsilon": 1e-7,
            "epsilon_position": "outside",
        },
        "keras": {
            "lr": 0.001,
            "initial_accumulator": 0.1,
            "epsilon": 1e-7,
            "epsilon_position": "inside",
        },
        "pytorch": {
            "lr": 0.01,
            "initial_accumulator": 0.0,
            "epsilon": 1e-10,
            "epsilon_position": "outside",
        },
    },
    RMSProp: {
        "textbook": {"lr": 0.01, "rho": 0.99, "epsilon": 1e-7, "epsilon_position": "outside"},
        "keras": {"lr": 0.001, "rho": 0.9, "epsilon": 1e-7, "epsilon_position": "inside"},
        "pytorch": {"lr": 0.01, "rho": 0.99, "epsilon": 1e-8, "epsilon_position": "outside"},
    },
    AdaDelta: {
        "textbook": None,
        "keras": {"lr": 0.001, "rho": 0.95, "epsilon": 1e-7},
        "pytorch": {"lr": 1.0, "rho": 0.9, "epsilon": 1e-6},
    },
    Adam: {
        "textbook": {"lr": 0.001, **_ADAM_KERAS},
        "keras": {"lr": 0.001, **_ADAM_KERAS},
        "pytorch": {"lr": 0.001, **_ADAM_PYTORCH},
    },
    AdamW: {
        "textbook": None,
        "keras": {"lr": 0.001, "weight_decay": 0.004, **_ADAM_KERAS},
        "pytorch": {"lr": 0.001, "weight_decay": 0.01, **_ADAM_PYTORCH},
    },
    AMSGrad: {
        "textbook": None,
        "keras": {"lr": 0.001, **_ADAM_KERAS},
        "pytorch": {"lr": 0.001, **_ADAM_PYTORCH},
    },
    AdaMax: {
        "textbook": None,
        "keras": {"lr": 0.001, "epsilon": 1e-7},
        "pytorch": {"lr": 0.002, "epsilon": 1e-8},
    },
    Nadam: {
        "textbook": None,
        "keras": {
            "lr": 0.001,
            "momentum_decay": 1.0,
            "epsilon": 1e-7,
            "bias_correction": "moments",
        },
        "pytorch": {"lr": 0.002, "momentum_decay": 0.004, **_ADAM_PYTORCH},
    },
    LeakyReLU: {"textbook": None, "keras": {"alpha": 0.3}, "pytorch": {"alpha": 0.01}},
    PReLU: {
        "textbook": None,
        "keras": {"initial_alpha": 0.0},
        "pytorch": {"initial_alpha": 0.25},
    },
}

SpecT = TypeVar("SpecT", bound=Spec)


def in_tradition(spec: SpecT, tradition: Tradition) -> SpecT:
    """The same thing by the conventions of a tradition; unchanged where it has none for it."""
    values = CONVENTIONS.get(type(spec), {}).get(tradition)
    return spec.model_copy(update=dict(values)) if values else spec


def config_in_tradition(config: RunConfig, tradition: Tradition) -> RunConfig:
    """A run whose layers and optimizer follow the conventions of a tradition."""
    return config.model_copy(
        update={
            "layers": tuple(in_tradition(layer, tradition) for layer in config.layers),
            "optimizer": in_tradition(config.optimizer, tradition),
        }
    )
