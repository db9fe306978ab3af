"""Batch Normalization (Ioffe and Szegedy, "Batch Normalization: Accelerating Deep Network Training
by Reducing Internal Covariate Shift", ICML 2015).

Training normalizes each feature with the batch's own mean and variance (Algorithm 1). Inference
uses fixed statistics, here the running averages that training kept:

    running ← momentum · running + (1 - momentum) · batch

Keras and the textbooks call the kept share `momentum` (0.9, 0.99); PyTorch calls the new share so:
its 0.1 is 0.9 here. The batch is always normalized with its biased variance; `variance` says which
estimate the running variance averages: the biased one (Keras, the textbooks) or the unbiased one
with m/(m - 1) (the paper's Algorithm 2, PyTorch). A batch of one has no unbiased variance: its
biased one, zero, is averaged, and its normalized value is zero.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from engine.backend import Array
from engine.blocks import total
from engine.layers.base import Arrays, Draw, Layer, Mode, Shape
from engine.layers.trainable import Trainable
from engine.spec import hyper


class BatchNorm(Trainable):
    """Batch Normalization: y = γ (x - μ) / sqrt(σ² + ε) + β."""

    kind: Literal["batch_norm"] = "batch_norm"
    weight: ClassVar[str | None] = "gamma"

    momentum: float = hyper(
        0.9,
        description="Share of the running statistics kept each step; PyTorch's is one minus this.",
        ge=0,
        le=1,
    )
    epsilon: float = hyper(
        1e-5, description="Added to the variance under the root.", symbol="ε", log=True, gt=0, le=1
    )
    variance: Literal["biased", "unbiased"] = hyper(
        "biased",
        description="Estimate that the running variance averages: divided by m (Keras, textbooks)"
        " or by m - 1 (PyTorch).",
        symbol="σ²",
    )
    initial_variance: float = hyper(
        1.0,
        description="Running variance before the first step: 1 (Keras, PyTorch) or 0 (textbook).",
        ge=0,
        le=1,
    )

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        return {"gamma": shape[-1:], "beta": shape[-1:]}

    def buffer_shapes(self, shape: Shape) -> dict[str, Shape]:
        return {"running_mean": shape[-1:], "running_var": shape[-1:]}

    def initial(self, shape: Shape, draw: Draw) -> dict[str, Any]:
        return {
            "gamma": 1.0,
            "beta": 0.0,
            "running_mean": 0.0,
            "running_var": self.initial_variance,
        }

    def build(self, arrays: Arrays) -> Layer[BatchNorm]:
        return BatchNormLayer(self, arrays)


class BatchNormLayer(Layer[BatchNorm]):
    """Statistics run over every axis but the last: the batch, and a feature map's positions.

    Of an image, a row's positions stay side by side, (N H, W C), and a channel's value is repeated
    for each: NumPy's loops run over the last axis, and few channels would make them short.
    """

    def __init__(self, spec: BatchNorm, arrays: Arrays) -> None:
        super().__init__(spec, arrays)
        channels = self.parameters["gamma"].shape
        self.batch_mean = self.xp.zeros(channels, dtype=self.dtype)  # of the last training batch
        self.batch_var = self.xp.zeros(channels, dtype=self.dtype)

    def forward(self, x: Array, mode: Mode) -> Array:
        self.side = x.shape[-2] if x.ndim > 2 else 1
        rows = x.reshape(-1, self.side * x.shape[-1])
        out = self._train(rows) if mode == "training" else self._infer(rows)
        return out.reshape(x.shape)

    def _train(self, x: Array) -> Array:
        self.x = x
        mu, var = self.batch_mean, self.batch_var = self._moments(x)
        self._update_running(mu, var, len(x) * self.side)
        self.inv_std = 1 / self.xp.sqrt(var + self.spec.epsilon)
        return self._normalize(x, mu, self.inv_std)

    def _moments(self, x: Array) -> tuple[Array, Array]:
        """The batch's mean and biased variance (C,).

        The variance of a batch in blocks is the mean of the blocks' variances plus the variance of
        their means.
        """

        def moments(i: slice) -> tuple[float, Array, Array]:
            xi = x[i]
            m = len(xi) * self.side
            mean = self._sum(xi) / m
            square = self.xp.subtract(xi, self._wide(mean), out=self.own_scratch(xi))
            square *= square
            return len(xi) / len(x), mean, self._sum(square) / m

        parts = self.each_block(moments, x)
        if len(parts) == 1:
            return parts[0][1:]
        mu = total([share * mean for share, mean, _ in parts])
        return mu, total([share * (var + (mean - mu) ** 2) for share, mean, var in parts])

    def _sum(self, rows: Array) -> Array:
        """Each channel's sum (C,)."""
        sums = self.xp.matmul(self.summing(len(rows)), rows)  # (W C,)
        return sums if self.side == 1 else sums.reshape(self.side, -1).sum(axis=0)

    def _wide(self, channels: Array) -> Array:
        """One value a channel, repeated for every position of a row."""
        return channels if self.side == 1 else self.xp.tile(channels, self.side)

    def _update_running(self, mu: Array, var: Array, m: int) -> None:
        keep = self.spec.momentum
        bessel = m / (m - 1) if self.spec.variance == "unbiased" and m > 1 else 1.0
        mean, variance = self.buffers["running_mean"], self.buffers["running_var"]
        mean *= keep
        mean += (1 - keep) * mu
        variance *= keep
        variance += (1 - keep) * bessel * var

    def _infer(self, x: Array) -> Array:
        mu, var = self.buffers["running_mean"], self.buffers["running_var"]
        return self._normalize(x, mu, 1 / self.xp.sqrt(var + self.spec.epsilon))

    def _normalize(self, x: Array, mu: Array, inv_std: Array) -> Array:
        """γ (x - μ)/σ + β as one scale and one shift: a pass over the batch saved."""
        xp, out = self.xp, self.scratch("out", x.shape)
        scale = self.parameters["gamma"] * inv_std
        shift = self._wide(self.parameters["beta"] - mu * scale)
        scale = self._wide(scale)

        def normalize(i: slice) -> None:
            y = xp.multiply(x[i], scale, out=out[i])
            y += shift

        self.each_block(normalize, x)
        return out

    def backward(self, dout: Array) -> Array:
        """With x̂ = (x - μ)/σ, computed again: that takes less time than to keep it would.

        dγ = Σ dy x̂,  dβ = Σ dy,  dx = γ/σ · (dy - dβ/m - x̂ dγ/m)
        """
        xp, x, wide, inv_std = self.xp, self.x, self._wide, self.inv_std
        dy = dout.reshape(x.shape)
        dx, m = self.scratch("dx", x.shape), len(x) * self.side
        mu = wide(self.batch_mean)

        def gradients(i: slice) -> tuple[Array, Array]:
            centred = xp.subtract(x[i], mu, out=dx[i])  # where it waits for `propagate`
            product = xp.multiply(centred, dy[i], out=self.own_scratch(centred))
            return self._sum(product), self._sum(dy[i])

        parts = self.each_block(gradients, x)
        dgamma, dbeta = self.gradients["gamma"], self.gradients["beta"]
        xp.multiply(total([part for part, _ in parts]), inv_std, out=dgamma)
        dbeta[...] = total([part for _, part in parts])
        along, mean = wide(dgamma * inv_std / m), wide(dbeta / m)
        scale = wide(self.parameters["gamma"] * inv_std)

        def propagate(i: slice) -> None:
            dxi = dx[i]
            dxi *= along
            xp.subtract(dy[i], dxi, out=dxi)
            dxi -= mean
            dxi *= scale

        self.each_block(propagate, x)
        return dx.reshape(dout.shape)
