"""Optimizers: how a network moves."""

from typing import Annotated

from pydantic import Field

from engine.optimizers.adam import Adam
from engine.optimizers.base import Optimizer
from engine.optimizers.momentum import Momentum
from engine.optimizers.sgd import SGD

OptimizerSpec = Annotated[Adam | Momentum | SGD, Field(discriminator="kind")]

__all__ = ["SGD", "Adam", "Momentum", "Optimizer", "OptimizerSpec"]
