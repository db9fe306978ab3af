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
    """Statistics run over every axis but the last: the batch, and a feature map's positions."""

    def __init__(self, spec: BatchNorm, arrays: Arrays) -> None:
        super().__init__(spec, arrays)
        channels = self.parameters["gamma"].shape
        self.batch_mean = self.xp.zeros(channels, dtype=self.dtype)  # of the last training batch
        self.batch_var = self.xp.zeros(channels, dtype=self.dtype)

    def forward(self, x: Array, mode: Mode) -> Array:
        flat = x.reshape(-1, x.shape[-1])  # (m, C)
        out = self._train(flat) if mode == "training" else self._infer(flat)
        return out.reshape(x.shape)

    def _train(self, x: Array) -> Array:
        xp, average = self.xp, self.averaging(len(x))
        mu = xp.matmul(average, x, out=self.batch_mean)  # (C,)
        x_hat = xp.subtract(x, mu, out=self.scratch("x_hat", x.shape))
        out = xp.multiply(x_hat, x_hat, out=self.scratch("out", x.shape))
        var = xp.matmul(average, out, out=self.batch_var)
        self.inv_std = 1 / xp.sqrt(var + self.spec.epsilon)
        x_hat *= self.inv_std
        self.x_hat = x_hat
        self._update_running(mu, var, len(x))
        xp.multiply(x_hat, self.parameters["gamma"], out=out)
        out += self.parameters["beta"]
        return out

    def _update_running(self, mu: Array, var: Array, m: int) -> None:
        keep = self.spec.momentum
        bessel = m / (m - 1) if self.spec.variance == "unbiased" and m > 1 else 1.0
        mean, variance = self.buffers["running_mean"], self.buffers["running_var"]
        mean *= keep
        mean += (1 - keep) * mu
        variance *= keep
        variance += (1 - keep) * bessel * var

    def _infer(self, x: Array) -> Array:
        scale = self.parameters["gamma"] / self.xp.sqrt(
            self.buffers["running_var"] + self.spec.epsilon
        )
        shift = self.parameters["beta"] - self.buffers["running_mean"] * scale
        out = self.xp.multiply(x, scale, out=self.scratch("out", x.shape))
        out += shift
        return out

    def backward(self, dout: Array) -> Array:
        xp, x_hat = self.xp, self.x_hat
        dy = dout.reshape(x_hat.shape)  # (m, C)
        m = len(dy)
        dx = xp.multiply(dy, x_hat, out=self.scratch("dx", x_hat.shape))
        dgamma = xp.matmul(self.summing(m), dx, out=self.gradients["gamma"])
        dbeta = xp.matmul(self.summing(m), dy, out=self.gradients["beta"])
        # dx = γ/σ · (dy - dβ/m - x̂ dγ/m)
        xp.multiply(x_hat, dgamma / -m, out=dx)
        dx += dy
        dx -= dbeta / m
        dx *= self.parameters["gamma"] * self.inv_std
        return dx.reshape(dout.shape)
