"""Losses: what training makes small."""

from typing import Annotated

from pydantic import Field

from engine.losses.base import Loss
from engine.losses.mean_squared_error import MeanSquaredError
from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy

LossSpec = Annotated[SoftmaxCrossEntropy | MeanSquaredError, Field(discriminator="kind")]

__all__ = ["Loss", "LossSpec", "MeanSquaredError", "SoftmaxCrossEntropy"]
