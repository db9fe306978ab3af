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

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import numpy as np

from engine.backend import Array
from engine.blocks import total
from engine.layers.base import Draw, Layer, LayerPass, Mode, Shape
from engine.layers.trainable import Trainable
from engine.layers.written import Code, Site, code
from engine.loops import columns, count, down, elements, loop, rows
from engine.plan import Planner
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

    def batch_shapes(self, shape: Shape) -> dict[str, Shape]:
        return {"mean": shape[-1:], "var": shape[-1:]}

    def initial(self, shape: Shape, draw: Draw) -> dict[str, Any]:
        return {
            "gamma": 1.0,
            "beta": 0.0,
            "running_mean": 0.0,
            "running_var": self.initial_variance,
        }

    def build(self, layer: Layer[Any], planner: Planner) -> LayerPass[Any]:
        return BatchNormPass(layer, planner)

    def as_numpy(self, name: str, shape: Shape) -> Code:
        return code(
            f"x = (x - {name}_running_mean) / np.sqrt({name}_running_var + {self.epsilon!r})",
            f"x = {name}_gamma * x + {name}_beta",
        )

    def as_onnx(self, site: Site, x: str) -> str:
        held = map(site.weight, ("gamma", "beta", "running_mean", "running_var"))
        return site.channels_first("BatchNormalization", x, *held, epsilon=self.epsilon)


class BatchNormPass(LayerPass[BatchNorm]):
    """Statistics run over every axis but the last: the batch, and a feature map's positions."""

    def __init__(self, layer: Layer[BatchNorm], planner: Planner) -> None:
        super().__init__(layer, planner)
        self.channels = len(self.parameters["gamma"])
        self.inv_std, self.off = self._arrays(2)

    def _arrays(self, number: int) -> tuple[Array, ...]:
        """One value for each channel, so many times."""
        return tuple(self.xp.zeros(self.channels, self.dtype) for _ in range(number))

    def forward(self, x: Array, mode: Mode) -> Array:
        """Algorithm 1, and the running averages:

        μ = 1/m Σ x,  σ² = 1/m Σ (x - μ)²
        running ← momentum · running + (1 - momentum) · batch
        x̂ = (x - μ) / sqrt(σ² + ε),  y = γ x̂ + β
        """
        self.x = x.reshape(-1, self.channels)  # (m, C)
        y = self.scratch("y", self.x.shape)
        if mode == "training" and len(self.x):
            self.mu, self.var = self.layer.batch["mean"], self.layer.batch["var"]
            moments = self.mu, self.var, self.off
            self.sum_in_blocks(_moments, moments, (self.x,), merge=_merged_moments)
            self._update_running(len(self.x))
        else:
            self.mu, self.var = self.buffers["running_mean"], self.buffers["running_var"]
        gamma, beta = self.parameters["gamma"], self.parameters["beta"]
        self.do(_inverse_deviation, self.inv_std, self.var, self.spec.epsilon)
        self.in_blocks(_normalize, (y, self.x), self.mu, self.inv_std, gamma, beta)
        return y.reshape(x.shape)

    def _update_running(self, m: int) -> None:
        keep = self.spec.momentum
        bessel = m / (m - 1) if self.spec.variance == "unbiased" and m > 1 else 1.0
        running = self.buffers["running_mean"], self.buffers["running_var"]
        self.do(_average, *running, self.mu, self.var, keep, 1 - keep, (1 - keep) * bessel)

    def backward(self, dout: Array) -> Array:
        """The gradients of Algorithm 1, gathered by x̂:

        dβ = Σ dy,  dγ = Σ dy x̂
        dx = γ/σ · (dy - mean(dy) - x̂ · mean(dy x̂)),  σ = sqrt(σ² + ε)

        x̂ is computed again: that takes less time than to keep it would.
        """
        dy = dout.reshape(self.x.shape)
        dx = self.scratch("dx", self.x.shape)
        dgamma, dbeta = self.gradients["gamma"], self.gradients["beta"]
        normal = self.mu, self.inv_std
        self.sum_in_blocks(_gradient_sums, (dgamma, dbeta), (dy, self.x), *normal)
        mean_dy, mean_dy_xhat, gamma_over_sigma = means = self._arrays(3)
        m = float(max(1, len(self.x)))
        self.do(_means, *means, dbeta, dgamma, self.parameters["gamma"], self.inv_std, m)
        self.in_blocks(
            _propagate, (dx, dy, self.x), *normal, mean_dy, mean_dy_xhat, gamma_over_sigma
        )
        return dx.reshape(dout.shape)


@loop
def _moments(mu: Array, var: Array, off: Array, x: Array) -> None:
    """The sums are of what is apart from the first row, then of what is apart from that mean: of
    values as they are, such as years, single precision loses their spread. What the second sum
    finds the first mean to be `off` by is mended in both (Chan, Golub and LeVeque, 1983)."""
    m = count(x)
    for j in elements(mu):
        mu[j] = var[j] = off[j] = 0.0
    for i in rows(x):
        for j in columns(x):
            mu[j] += down(x[i, j] - x[0, j])
    for j in elements(mu):
        mu[j] = x[0, j] + mu[j] / m
    for i in rows(x):
        for j in columns(x):
            d = x[i, j] - mu[j]
            off[j] += down(d)
            var[j] += down(d * d)
    for j in elements(mu):
        off[j] /= m
        mu[j] += off[j]
        var[j] = np.maximum(var[j] / m - off[j] * off[j], 0.0)


def _merged_moments(of_blocks: Sequence[tuple[Array, ...]], shares: Sequence[float]) -> Any:
    """The moments of a batch from those of its blocks: its variance is the mean of the blocks'
    variances plus the variance of their means (Chan, Golub and LeVeque, 1979)."""
    blocks = list(zip(of_blocks, shares, strict=True))
    first, _, off = of_blocks[0]
    mu = first + total([share * (mu_k - first) for (mu_k, *_), share in blocks])
    var = total([share * (var_k + (mu_k - mu) ** 2) for (mu_k, var_k, _), share in blocks])
    return mu, var, off


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
def _inverse_deviation(inv_std: Array, var: Array, epsilon: float) -> None:
    for j in elements(var):
        inv_std[j] = 1.0 / np.sqrt(var[j] + epsilon)


@loop
def _normalize(y: Array, x: Array, mu: Array, inv_std: Array, gamma: Array, beta: Array) -> None:
    for i in rows(x):
        for j in columns(x):
            xhat = (x[i, j] - mu[j]) * inv_std[j]
            y[i, j] = gamma[j] * xhat + beta[j]


@loop
def _gradient_sums(
    dgamma: Array, dbeta: Array, dy: Array, x: Array, mu: Array, inv_std: Array
) -> None:
    for j in elements(mu):
        dgamma[j] = dbeta[j] = 0.0
    for i in rows(x):
        for j in columns(x):
            xhat = (x[i, j] - mu[j]) * inv_std[j]
            dgamma[j] += down(dy[i, j] * xhat)
            dbeta[j] += down(dy[i, j])


@loop
def _means(
    mean_dy: Array,
    mean_dy_xhat: Array,
    gamma_over_sigma: Array,
    dbeta: Array,
    dgamma: Array,
    gamma: Array,
    inv_std: Array,
    m: float,
) -> None:
    for j in elements(gamma):
        mean_dy[j] = dbeta[j] / m
        mean_dy_xhat[j] = dgamma[j] / m
        gamma_over_sigma[j] = gamma[j] * inv_std[j]


@loop
def _propagate(
    dx: Array,
    dy: Array,
    x: Array,
    mu: Array,
    inv_std: Array,
    mean_dy: Array,
    mean_dy_xhat: Array,
    gamma_over_sigma: Array,
) -> None:
    for i in rows(x):
        for j in columns(x):
            xhat = (x[i, j] - mu[j]) * inv_std[j]
            dx[i, j] = gamma_over_sigma[j] * (dy[i, j] - mean_dy[j] - xhat * mean_dy_xhat[j])
