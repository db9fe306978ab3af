"""JAX, the whole step under one jit with its buffers donated."""

from __future__ import annotations

from functools import partial
from itertools import cycle, pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.training.workloads import (
    BATCH,
    CHANNELS,
    CLASSES,
    HIDDEN,
    LAYERS,
    Workload,
    samples,
)


class Jax:
    def __init__(self, workload: Workload) -> None:
        x, t = samples(workload)
        self.batches = cycle(
            [
                (jnp.asarray(x[i : i + BATCH]), jnp.asarray(t[i : i + BATCH]))
                for i in range(0, len(x), BATCH)
            ]
        )
        self.state = _start(workload)
        self.step = jax.jit(partial(_step, workload), donate_argnums=0)

    def steps(self, count: int) -> None:
        for _ in range(count):
            self.state = self.step(self.state, *next(self.batches))
        jax.block_until_ready(self.state)


def _start(workload: Workload) -> dict[str, Any]:
    generator = np.random.default_rng(0)
    weights, running = [], []
    if workload.network == "dense":
        sizes = [784, *[HIDDEN] * LAYERS]
        shapes: list[tuple[int, ...]] = list(pairwise(sizes))
        last = (HIDDEN, CLASSES)
    else:
        shapes = [(3, 3, 1, CHANNELS), (3, 3, CHANNELS, CHANNELS)]
        last = (CHANNELS * 14 * 14, CLASSES)
    for shape in shapes:
        channels = shape[-1]
        scale = np.sqrt(2 / np.prod(shape[:-1]))
        w = {"W": jnp.asarray(generator.standard_normal(shape) * scale, jnp.float32)}
        if not workload.batch_norm or workload.network == "convolution":
            w["b"] = jnp.zeros(channels)
        if workload.batch_norm:
            w |= {"gamma": jnp.ones(channels), "beta": jnp.zeros(channels)}
            running.append({"mean": jnp.zeros(channels), "var": jnp.ones(channels)})
        weights.append(w)
    w = jnp.asarray(generator.standard_normal(last) * np.sqrt(1 / last[0]), jnp.float32)
    weights.append({"W": w, "b": jnp.zeros(CLASSES)})
    zeros = jax.tree.map(jnp.zeros_like, weights)
    return {
        "w": weights,
        "m": zeros,
        "v": jax.tree.map(jnp.zeros_like, weights),
        "running": running,
        "t": jnp.zeros(()),
    }


def _forward(workload: Workload, weights: Any, running: Any, x: Any) -> tuple[Any, Any]:
    moved = []
    for i, w in enumerate(weights[:-1]):
        if workload.network == "dense":
            x = x @ w["W"] + w.get("b", 0.0)
        else:
            x = jax.lax.conv_general_dilated(
                x, w["W"], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
            )
            x = jax.nn.relu(x + w["b"])
        if workload.batch_norm:
            axes = tuple(range(x.ndim - 1))
            mean, var = x.mean(axes), x.var(axes)
            x = w["gamma"] * (x - mean) * jax.lax.rsqrt(var + 1e-5) + w["beta"]
            old = running[i]
            moved.append(
                {"mean": 0.9 * old["mean"] + 0.1 * mean, "var": 0.9 * old["var"] + 0.1 * var}
            )
        if workload.network == "dense":
            x = jax.nn.relu(x)
    if workload.network == "convolution":
        x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        x = x.reshape(len(x), -1)
    return x @ weights[-1]["W"] + weights[-1]["b"], moved


def _loss(workload: Workload, weights: Any, running: Any, x: Any, t: Any) -> tuple[Any, Any]:
    z, moved = _forward(workload, weights, running, x)
    return -jax.nn.log_softmax(z)[jnp.arange(len(t)), t].mean(), moved


def _step(workload: Workload, state: dict[str, Any], x: Any, t: Any) -> dict[str, Any]:
    value = jax.value_and_grad(partial(_loss, workload), has_aux=True)
    (_, running), g = value(state["w"], state["running"], x, t)
    if workload.optimizer == "sgd":
        w = jax.tree.map(lambda w, g: w - 0.01 * g, state["w"], g)
        return {**state, "w": w, "running": running}
    i = state["t"] + 1
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, state["m"], g)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, state["v"], g)
    rate = 0.001 * jnp.sqrt(1 - 0.999**i) / (1 - 0.9**i)
    w = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-8), state["w"], m, v)
    return {"w": w, "m": m, "v": v, "running": running, "t": i}
