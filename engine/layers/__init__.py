"""Layers: what a network is a stack of."""

from typing import Annotated

from pydantic import Field

from engine.layers.activation import Activation
from engine.layers.base import Layer, LayerSpec, Mode, Shape
from engine.layers.batch_norm import BatchNorm
from engine.layers.dense import Dense
from engine.layers.elu import ELU
from engine.layers.gaussian import Gaussian
from engine.layers.gelu import GELU
from engine.layers.identity import Identity
from engine.layers.leaky_relu import LeakyReLU
from engine.layers.prelu import PReLU
from engine.layers.relu import ReLU
from engine.layers.selu import SELU
from engine.layers.sigmoid import Sigmoid
from engine.layers.softplus import Softplus
from engine.layers.tanh import Tanh

AnyActivation = Annotated[
    ReLU | LeakyReLU | PReLU | ELU | SELU | GELU | Softplus | Sigmoid | Tanh | Gaussian | Identity,
    Field(discriminator="kind"),
]

AnyLayer = Annotated[Dense | BatchNorm | AnyActivation, Field(discriminator="kind")]

__all__ = [
    "ELU",
    "GELU",
    "SELU",
    "Activation",
    "AnyActivation",
    "AnyLayer",
    "BatchNorm",
    "Dense",
    "Gaussian",
    "Identity",
    "Layer",
    "LayerSpec",
    "LeakyReLU",
    "Mode",
    "PReLU",
    "ReLU",
    "Shape",
    "Sigmoid",
    "Softplus",
    "Tanh",
]
