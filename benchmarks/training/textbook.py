"""The network as *Deep Learning from Scratch* writes it: a dictionary of arrays, one class per
layer, a new array for every result. What a reader would have without this project."""

from __future__ import annotations

from itertools import cycle, pairwise
from typing import Any

import numpy as np

from benchmarks.training.workloads import BATCH, CLASSES, HIDDEN, LAYERS, Workload, samples


class Affine:
    def __init__(self, n: int, m: int) -> None:
        self.W = (np.random.randn(n, m) * np.sqrt(2 / n)).astype(np.float32)
        self.b = np.zeros(m, np.float32)

    def forward(self, x: Any) -> Any:
        self.x = x
        return np.dot(x, self.W) + self.b

    def backward(self, dout: Any) -> Any:
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return np.dot(dout, self.W.T)


class Relu:
    def forward(self, x: Any) -> Any:
        self.mask = x <= 0
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout: Any) -> Any:
        dout[self.mask] = 0
        return dout


class BatchNormalization:
    def __init__(self, n: int) -> None:
        self.gamma, self.beta = np.ones(n, np.float32), np.zeros(n, np.float32)
        self.running_mean, self.running_var = np.zeros(n, np.float32), np.zeros(n, np.float32)

    def forward(self, x: Any) -> Any:
        mu = x.mean(axis=0)
        self.xc = x - mu
        var = np.mean(self.xc**2, axis=0)
        self.std = np.sqrt(var + np.float32(10e-7))
        self.xn = self.xc / self.std
        self.running_mean = 0.9 * self.running_mean + 0.1 * mu
        self.running_var = 0.9 * self.running_var + 0.1 * var
        return self.gamma * self.xn + self.beta

    def backward(self, dout: Any) -> Any:
        n = len(dout)
        self.dbeta = dout.sum(axis=0)
        self.dgamma = np.sum(self.xn * dout, axis=0)
        dxn = self.gamma * dout
        dxc = dxn / self.std
        dstd = -np.sum((dxn * self.xc) / (self.std * self.std), axis=0)
        dvar = 0.5 * dstd / self.std
        dxc += (2.0 / n) * self.xc * dvar
        return dxc - np.sum(dxc, axis=0) / n


class Textbook:
    def __init__(self, workload: Workload) -> None:
        x, t = samples(workload)
        self.batches = cycle(
            [(x[i : i + BATCH], t[i : i + BATCH]) for i in range(0, len(x), BATCH)]
        )
        sizes = [784, *[HIDDEN] * LAYERS, CLASSES]
        self.layers: list[Any] = []
        for n, m in pairwise(sizes):
            self.layers.append(Affine(n, m))
            if m != CLASSES:
                self.layers += [BatchNormalization(m)] if workload.batch_norm else []
                self.layers.append(Relu())
        self.adam = workload.optimizer == "adam"
        self.m: dict[Any, Any] = {}
        self.v: dict[Any, Any] = {}
        self.iter = 0

    def steps(self, count: int) -> None:
        for _ in range(count):
            x, t = next(self.batches)
            for layer in self.layers:
                x = layer.forward(x)
            y = np.exp(x - x.max(axis=1, keepdims=True))
            y /= y.sum(axis=1, keepdims=True)
            -np.sum(np.log(y[np.arange(len(t)), t] + 1e-7)) / len(t)
            y[np.arange(len(t)), t] -= 1
            dout = y / len(t)
            for layer in reversed(self.layers):
                dout = layer.backward(dout)
            self.update()

    def update(self) -> None:
        self.iter += 1
        lr_t = 0.001 * np.sqrt(1.0 - 0.999**self.iter) / (1.0 - 0.9**self.iter)
        for i, layer in enumerate(self.layers):
            for name in ("W", "b", "gamma", "beta"):
                if not hasattr(layer, name):
                    continue
                param, grad, key = getattr(layer, name), getattr(layer, "d" + name), (i, name)
                if not self.adam:
                    param -= 0.01 * grad
                    continue
                if key not in self.m:
                    self.m[key], self.v[key] = np.zeros_like(param), np.zeros_like(param)
                self.m[key] += (1 - 0.9) * (grad - self.m[key])
                self.v[key] += (1 - 0.999) * (grad**2 - self.v[key])
                param -= lr_t.astype(np.float32) * self.m[key] / (np.sqrt(self.v[key]) + 1e-7)
