"""Gradual warm-up (Goyal et al., "Accurate, Large Minibatch SGD", 2017, section 2.2): the learning
rate climbs in a straight line, then another schedule takes over for the steps that are left."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from engine.learning_rates.base import LearningRate, Progress
from engine.learning_rates.constant import ConstantRate
from engine.learning_rates.cosine_decay import CosineDecay
from engine.learning_rates.exponential_decay import ExponentialDecay
from engine.learning_rates.step_decay import StepDecay
from engine.spec import hyper

Afterwards = Annotated[
    ConstantRate | StepDecay | ExponentialDecay | CosineDecay, Field(discriminator="kind")
]


class WarmUp(LearningRate):
    """Warm-up: from f η up to η in a straight line, then another schedule."""

    kind: Literal["warm_up"] = "warm_up"
    start: float = hyper(
        0.0, description="Share of the learning rate at the first step.", symbol="f", ge=0, le=1
    )
    warm_steps: int = hyper(
        100, description="Steps of the climb.", unit="steps", ge=1, le=10_000_000
    )
    then: Afterwards = hyper(ConstantRate(), description="What follows the climb.")

    def factor(self, at: Progress) -> float:
        if at.step < self.warm_steps:
            return self.start + (1 - self.start) * at.step / self.warm_steps
        left = max(at.steps - self.warm_steps, 1)
        return self.then.factor(Progress(at.step - self.warm_steps, left, at.steps_per_epoch))
