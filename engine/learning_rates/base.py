"""What a learning-rate schedule is: a factor on the optimizer's learning rate, step by step."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

from engine.spec import Spec


@dataclass(frozen=True, slots=True)
class Progress:
    """Where training stands before a step: `step` updates are done of `steps`."""

    step: int
    steps: int
    steps_per_epoch: int

    @property
    def epochs(self) -> float:
        """Epochs done, a fraction within one."""
        return self.step / self.steps_per_epoch


class LearningRate(Spec):
    """A learning-rate schedule."""

    @abstractmethod
    def factor(self, at: Progress) -> float:
        """What the learning rate is multiplied by in the step after `at`."""
