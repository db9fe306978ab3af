"""What a loss is: over a batch of outputs and targets, its sum, the hits, and its gradient."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Any

from pydantic import AfterValidator

from engine.backend import Array
from engine.errors import RuleError
from engine.losses.weights import read_weights
from engine.messages import Message
from engine.spec import Spec, hyper


def _weights_of_classes(text: str) -> str:
    if read_weights(text) is None:
        rule = Message(
            "must be none, balanced, or a number above 0 for each class with commas between them"
        )
        raise RuleError(rule.got(text))
    return text.strip()


class Loss(Spec):
    """A loss."""

    class_weights: Annotated[str, AfterValidator(_weights_of_classes)] = hyper(
        "none",
        before="none",
        description="What a training sample counts by its class: all alike, balanced (the samples"
        " over the number of classes and over the samples of its class, as scikit-learn has it), or"
        " a number for each class in their order, 1, 5, with commas between them. As in Keras a"
        " batch's sum is over its samples, whatever they count; validation is not weighted.",
        max_length=20_000,
    )

    @abstractmethod
    def score(self, xp: Any, z: Array, t: Array, w: Array, sums: Array, dz: Array) -> None:
        """For outputs z (N, K) and targets t, labels (N,) or numbers (N, K), each sample's loss
        counted w (N,) times: the loss summed over the batch and the number of labels hit (0 for
        numbers) into `sums` (2,), and dL/dz of the sum over N into `dz` (N, K)."""

    def sum(
        self, xp: Any, z: Array, t: Array, w: Array | None = None
    ) -> tuple[Array, Array, Array]:
        """The same in arrays of its own: loss, hits and dz. Without w every sample counts once."""
        sums, dz = xp.zeros(2, z.dtype), xp.empty_like(z)
        self.score(xp, z, t, xp.ones(len(z), z.dtype) if w is None else w, sums, dz)
        return sums[0], sums[1], dz
