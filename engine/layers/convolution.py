"""What a way to compute a convolution is: on a few samples at a time, in transformed filters.

The names are those of the literature on fast algorithms (Winograd; Lavin and Gray, CVPR 2016):
filters are transformed once for the whole batch, samples are multiplied with what they became, and
the gradient that has been added up in that form is brought back by the inverse.
"""

from __future__ import annotations

from typing import Protocol

from engine.backend import Array


class Convolution(Protocol):
    """z = x * W + b and its gradients, for windows of one placement and M filters."""

    def values(self, *, dx: bool) -> int:
        """How large a sample is while it is computed, by which batches are cut into blocks; with
        `dx` on the way back."""

    def transform(self, W: Array) -> Array:
        """U, the filters W (k, k, C, M) as `forward` multiplies with them."""

    def forward(self, z: Array, x: Array, U: Array, b: Array | None) -> None:
        """z = x * W + b of a block; b (W', M) for a row of its images."""

    def transform_back(self, W: Array) -> Array:
        """The filters as `backward` multiplies with them, inputs and outputs exchanged."""

    def zero_gradients(self) -> tuple[Array, Array]:
        """dU and db, to which `backward` adds."""

    def backward(
        self, dx: Array | None, dU: Array, db: Array, x: Array, dz: Array, U_back: Array
    ) -> None:
        """Add a block's share to dU and db, and leave its dx where one is wanted."""

    def inverse(self, dU: Array) -> Array:
        """dW (k, k, C, M) of what was added up."""
