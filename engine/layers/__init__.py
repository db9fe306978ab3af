"""Layers: what a network is a stack of."""

from typing import Annotated

from pydantic import Field

from engine.layers.activation import Activation
from engine.layers.base import Layer, LayerSpec, Mode, Shape
from engine.layers.batch_norm import BatchNorm
from engine.layers.dense import Dense
from engine.layers.relu import ReLU
from engine.layers.sigmoid import Sigmoid
from engine.layers.tanh import Tanh

AnyLayer = Annotated[Dense | BatchNorm | ReLU | Sigmoid | Tanh, Field(discriminator="kind")]

AnyActivation = Annotated[ReLU | Sigmoid | Tanh, Field(discriminator="kind")]

__all__ = [
    "Activation",
    "AnyActivation",
    "AnyLayer",
    "BatchNorm",
    "Dense",
    "Layer",
    "LayerSpec",
    "Mode",
    "ReLU",
    "Shape",
    "Sigmoid",
    "Tanh",
]
