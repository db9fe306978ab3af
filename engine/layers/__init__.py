"""Layers: what a network is a stack of."""

from typing import Annotated

from pydantic import Field

from engine.layers.activation import Activation
from engine.layers.average_pool import AveragePool2D
from engine.layers.base import Layer, LayerSpec, Mode, Shape
from engine.layers.batch_norm import BatchNorm
from engine.layers.conv import Conv2D
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout
from engine.layers.elu import ELU
from engine.layers.flatten import Flatten
from engine.layers.gaussian import Gaussian
from engine.layers.gelu import GELU
from engine.layers.identity import Identity
from engine.layers.leaky_relu import LeakyReLU
from engine.layers.max_pool import MaxPool2D
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

AnyLayer = Annotated[
    Dense | Conv2D | MaxPool2D | AveragePool2D | Flatten | BatchNorm | Dropout | AnyActivation,
    Field(discriminator="kind"),
]

__all__ = [
    "ELU",
    "GELU",
    "SELU",
    "Activation",
    "AnyActivation",
    "AnyLayer",
    "AveragePool2D",
    "BatchNorm",
    "Conv2D",
    "Dense",
    "Dropout",
    "Flatten",
    "Gaussian",
    "Identity",
    "Layer",
    "LayerSpec",
    "LeakyReLU",
    "MaxPool2D",
    "Mode",
    "PReLU",
    "ReLU",
    "Shape",
    "Sigmoid",
    "Softplus",
    "Tanh",
]
