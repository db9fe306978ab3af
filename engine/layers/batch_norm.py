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

import numpy as np

from engine import blocks
from engine.backend import Array
from engine.blocks import total
from engine.layers.base import Arrays, Draw, Layer, Mode, Shape
from engine.layers.trainable import Trainable
from engine.loops import columns, down, elements, loop, rows
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
        self.channels = len(self.parameters["gamma"])
        self.batch_mean, self.batch_var = self._zeros(), self._zeros()  # of the last training batch
        self.inv_std, self.scale, self.shift, self.along = (self._zeros() for _ in range(4))

    def forward(self, x: Array, mode: Mode) -> Array:
        self.x = flat = x.reshape(-1, x.shape[-1])  # (m, C)
        self.parts = self.blocks(flat)
        has_statistics = mode == "training" and len(flat)
        out = self._train(flat) if has_statistics else self._infer(flat)
        return out.reshape(x.shape)

    def _train(self, x: Array) -> Array:
        if len(self.parts) == 1:
            self.do(_moments, self.batch_mean, self.batch_var, x, float(len(x)))
        else:
            self.do(self._moments_of_blocks, x)
        self._update_running(self.batch_mean, self.batch_var, len(x))
        return self._normalize(x, self.batch_mean, self.batch_var, self.inv_std)

    def _moments_of_blocks(self, x: Array) -> None:
        """The mean and biased variance (C,) of a batch in blocks: its variance is the mean of the
        blocks' variances plus the variance of their means."""

        def moments(i: slice) -> tuple[float, Array, Array]:
            xi, mean, var = x[i], self._zeros(), self._zeros()
            _moments(mean, var, xi, float(len(xi)))
            return len(xi) / len(x), mean, var

        parts = blocks.each(self.xp, moments, self.parts)
        mu, var = self.batch_mean, self.batch_var
        mu[...] = total([share * mean for share, mean, _ in parts])
        var[...] = total([share * (var + (mean - mu) ** 2) for share, mean, var in parts])

    def _zeros(self) -> Array:
        return self.xp.zeros(self.channels, self.dtype)

    def _update_running(self, mu: Array, var: Array, m: int) -> None:
        keep = self.spec.momentum
        bessel = m / (m - 1) if self.spec.variance == "unbiased" and m > 1 else 1.0
        running = self.buffers["running_mean"], self.buffers["running_var"]
        self.do(_average, *running, mu, var, keep, 1 - keep, (1 - keep) * bessel)

    def _infer(self, x: Array) -> Array:
        mu, var = self.buffers["running_mean"], self.buffers["running_var"]
        return self._normalize(x, mu, var, self._zeros())

    def _normalize(self, x: Array, mu: Array, var: Array, inv_std: Array) -> Array:
        """γ (x - μ)/σ + β as one scale and one shift; leaves 1/σ in `inv_std`."""
        scale, shift = self.scale, self.shift
        gamma, beta = self.parameters["gamma"], self.parameters["beta"]
        results = inv_std, scale, shift
        self.do(_scale_and_shift, *results, mu, var, gamma, beta, self.spec.epsilon, 1.0)
        out = self.scratch("out", x.shape)
        self.in_blocks(_normalize, (out, x), scale, shift)
        return out

    def backward(self, dout: Array) -> Array:
        """With x̂ = (x - μ)/σ, computed again: that takes less time than to keep it would.

        dγ = Σ dy x̂,  dβ = Σ dy,  dx = γ/σ · (dy - dβ/m - x̂ dγ/m)
        """
        x, mu = self.x, self.batch_mean
        dy = dout.reshape(x.shape)
        dx = self.scratch("dx", x.shape)
        dgamma, dbeta = self.gradients["gamma"], self.gradients["beta"]
        if len(self.parts) == 1:
            self.do(_gradient_sums, dgamma, dbeta, x, mu, dy)
        else:
            self.do(self._gradient_sums_of_blocks, x, dy)
        along, mean, scale, inv_std = self.along, self.shift, self.scale, self.inv_std
        gamma, share = self.parameters["gamma"], 1 / max(1, len(x))
        self.do(_shares, dgamma, along, mean, scale, dbeta, gamma, inv_std, share)
        self.in_blocks(_propagate, (dx, dy, x), mean, mu, along, scale)
        return dx.reshape(dout.shape)

    def _gradient_sums_of_blocks(self, x: Array, dy: Array) -> None:
        def sums(i: slice) -> tuple[Array, Array]:
            weighted, plain = self._zeros(), self._zeros()
            _gradient_sums(weighted, plain, x[i], self.batch_mean, dy[i])
            return weighted, plain

        weighted, plain = zip(*blocks.each(self.xp, sums, self.parts), strict=True)
        self.gradients["gamma"][...] = total(weighted)
        self.gradients["beta"][...] = total(plain)


@loop
def _moments(mu: Array, var: Array, x: Array, m: float) -> None:
    for j in elements(mu):
        mu[j] = var[j] = 0
    for i in rows(x):
        for j in columns(x):
            mu[j] += down(x[i, j])
    for j in elements(mu):
        mu[j] /= m
    for i in rows(x):
        for j in columns(x):
            var[j] += down((x[i, j] - mu[j]) * (x[i, j] - mu[j]))
    for j in elements(var):
        var[j] /= m


@loop
def _average(
    running_mean: Array,
    running_var: Array,
    mu: Array,
    var: Array,
    keep: float,
    new: float,
    new_var: float,
) -> None:
    for j in elements(mu):
        running_mean[j] = keep * running_mean[j] + new * mu[j]
        running_var[j] = keep * running_var[j] + new_var * var[j]


@loop
def _scale_and_shift(
    inv_std: Array,
    scale: Array,
    shift: Array,
    mu: Array,
    var: Array,
    gamma: Array,
    beta: Array,
    epsilon: float,
    one: float,
) -> None:
    for j in elements(mu):
        inv_std[j] = one / np.sqrt(var[j] + epsilon)
        scale[j] = gamma[j] * inv_std[j]
        shift[j] = beta[j] - mu[j] * scale[j]


@loop
def _normalize(y: Array, x: Array, scale: Array, shift: Array) -> None:
    for i in rows(x):
        for j in columns(x):
            y[i, j] = scale[j] * x[i, j] + shift[j]


@loop
def _gradient_sums(weighted: Array, plain: Array, x: Array, mu: Array, dy: Array) -> None:
    for j in elements(mu):
        weighted[j] = plain[j] = 0
    for i in rows(x):
        for j in columns(x):
            weighted[j] += down((x[i, j] - mu[j]) * dy[i, j])
            plain[j] += down(dy[i, j])


@loop
def _shares(
    dgamma: Array,
    along: Array,
    mean: Array,
    scale: Array,
    dbeta: Array,
    gamma: Array,
    inv_std: Array,
    share: float,
) -> None:
    for j in elements(dgamma):
        dgamma[j] *= inv_std[j]
        along[j] = dgamma[j] * inv_std[j] * share
        mean[j] = dbeta[j] * share
        scale[j] = gamma[j] * inv_std[j]


@loop
def _propagate(
    dx: Array, dy: Array, x: Array, mean: Array, mu: Array, along: Array, scale: Array
) -> None:
    for i in rows(x):
        for j in columns(x):
            dx[i, j] = scale[j] * (dy[i, j] - mean[j] - along[j] * (x[i, j] - mu[j]))
