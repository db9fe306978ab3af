"""Learning-rate schedules: how the learning rate changes while a network trains."""

from typing import Annotated

from pydantic import Field

from engine.learning_rates.base import LearningRate, Progress
from engine.learning_rates.constant import ConstantRate
from engine.learning_rates.cosine_decay import CosineDecay
from engine.learning_rates.exponential_decay import ExponentialDecay
from engine.learning_rates.one_cycle import OneCycle
from engine.learning_rates.step_decay import StepDecay
from engine.learning_rates.warm_up import WarmUp

LearningRateSpec = Annotated[
    ConstantRate | StepDecay | ExponentialDecay | CosineDecay | WarmUp | OneCycle,
    Field(discriminator="kind"),
]

__all__ = [
    "ConstantRate",
    "CosineDecay",
    "ExponentialDecay",
    "LearningRate",
    "LearningRateSpec",
    "OneCycle",
    "Progress",
    "StepDecay",
    "WarmUp",
]
