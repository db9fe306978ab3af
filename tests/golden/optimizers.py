"""Optimizers, from PyTorch and Keras, for 100 steps.

A case's arrays: `w0` (n,) the start, `g` (100, n) the gradient given at each step whatever the
parameters are, expected `w` (100, n) the parameters after each step. The gradients span many orders
of magnitude, turn their sign and are zero at times.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import torch

from tests.golden.case import Case

STEPS = 100
W0 = np.random.default_rng(12).standard_normal(8)


def cases() -> dict[str, Case]:
    return {
        "sgd": of_torch({"kind": "sgd", "lr": 0.05}, torch.optim.SGD, lr=0.05),
        "momentum": of_torch(
            {"kind": "momentum", "lr": 0.02, "momentum": 0.9},
            torch.optim.SGD,
            lr=0.02,
            momentum=0.9,
        ),
        "momentum of Keras": of_keras(
            {"kind": "momentum", "lr": 0.02, "momentum": 0.8},
            keras.optimizers.SGD(learning_rate=0.02, momentum=0.8),
        ),
        "momentum of PyTorch": of_torch(
            {"kind": "momentum", "lr": 0.02, "momentum": 0.9, "velocity": "raw"},
            torch.optim.SGD,
            lr=0.02,
            momentum=0.9,
        ),
        "nesterov": of_keras(
            {"kind": "nesterov", "lr": 0.02, "momentum": 0.9},
            keras.optimizers.SGD(learning_rate=0.02, momentum=0.9, nesterov=True),
        ),
        "nesterov of PyTorch": of_torch(
            {"kind": "nesterov", "lr": 0.02, "momentum": 0.8, "velocity": "raw"},
            torch.optim.SGD,
            lr=0.02,
            momentum=0.8,
            nesterov=True,
        ),
        "adagrad": of_torch(
            {"kind": "adagrad", "lr": 0.05, "epsilon": 1e-10}, torch.optim.Adagrad, lr=0.05
        ),
        "adagrad of Keras": of_keras(
            {
                "kind": "adagrad",
                "lr": 0.05,
                "initial_accumulator": 0.1,
                "epsilon": 1e-3,
                "epsilon_position": "inside",
            },
            keras.optimizers.Adagrad(learning_rate=0.05, epsilon=1e-3),
        ),
        "rmsprop": of_torch(
            {"kind": "rmsprop", "lr": 0.01, "rho": 0.99, "epsilon": 1e-8},
            torch.optim.RMSprop,
            lr=0.01,
        ),
        "rmsprop of Keras": of_keras(
            {
                "kind": "rmsprop",
                "lr": 0.01,
                "rho": 0.9,
                "epsilon": 1e-3,
                "epsilon_position": "inside",
            },
            keras.optimizers.RMSprop(learning_rate=0.01, rho=0.9, epsilon=1e-3),
        ),
        "adadelta": of_torch(
            {"kind": "adadelta", "lr": 1.0, "rho": 0.9, "epsilon": 1e-6}, torch.optim.Adadelta
        ),
        "adadelta of Keras": of_keras(
            {"kind": "adadelta", "lr": 0.5, "rho": 0.95, "epsilon": 1e-7},
            keras.optimizers.Adadelta(learning_rate=0.5),
        ),
        "adamw": of_torch(
            {**_adam("moments", 0.9, 0.999, 1e-8), "kind": "adamw", "weight_decay": 0.1},
            torch.optim.AdamW,
            lr=0.01,
            weight_decay=0.1,
        ),
        "adamw of Keras": of_keras(
            {**_adam("step", 0.9, 0.999, 1e-7), "kind": "adamw", "weight_decay": 0.004},
            keras.optimizers.AdamW(learning_rate=0.01),
        ),
        "amsgrad": of_torch(
            {**_adam("moments", 0.9, 0.9, 1e-8), "kind": "amsgrad"},
            torch.optim.Adam,
            lr=0.01,
            betas=(0.9, 0.9),
            amsgrad=True,
        ),
        "amsgrad of Keras": of_keras(
            {**_adam("step", 0.9, 0.99, 1e-3), "kind": "amsgrad"},
            keras.optimizers.Adam(learning_rate=0.01, beta_2=0.99, epsilon=1e-3, amsgrad=True),
        ),
        "adamax": of_keras(
            {"kind": "adamax", "lr": 0.01, "beta2": 0.99, "epsilon": 1e-3},
            keras.optimizers.Adamax(learning_rate=0.01, beta_2=0.99, epsilon=1e-3),
        ),
        "nadam": of_torch(
            {**_adam("moments", 0.9, 0.999, 1e-8), "kind": "nadam"}, torch.optim.NAdam, lr=0.01
        ),
        "nadam of Keras": of_keras(
            {**_adam("moments", 0.9, 0.99, 1e-7), "kind": "nadam", "momentum_decay": 1.0},
            keras.optimizers.Nadam(learning_rate=0.01, beta_2=0.99),
        ),
        "adam": of_torch(_adam("moments", 0.9, 0.999, 1e-8), torch.optim.Adam, lr=0.01),
        "adam with a large epsilon": of_torch(
            _adam("moments", 0.5, 0.9, 1e-2),
            torch.optim.Adam,
            lr=0.01,
            betas=(0.5, 0.9),
            eps=1e-2,
        ),
        "adam of Keras": of_keras(
            _adam("step", 0.9, 0.999, 1e-7), keras.optimizers.Adam(learning_rate=0.01)
        ),
        "adam of Keras with a large epsilon": of_keras(
            _adam("step", 0.9, 0.99, 1e-2),
            keras.optimizers.Adam(learning_rate=0.01, beta_2=0.99, epsilon=1e-2),
        ),
    }


def _adam(bias_correction: str, beta1: float, beta2: float, epsilon: float) -> dict[str, Any]:
    return {
        "kind": "adam",
        "lr": 0.01,
        "beta1": beta1,
        "beta2": beta2,
        "epsilon": epsilon,
        "bias_correction": bias_correction,
    }


def gradients() -> np.ndarray:
    """(100, n): a coordinate each of scale 1, 1e-4, 1e3, and some that are often zero."""
    generator = np.random.default_rng(13)
    scale = np.array([1, 1, 1e-4, 1e-8, 1e3, 10, 1, 1])
    g = generator.standard_normal((STEPS, len(W0))) * scale + 0.3 * scale
    g[:, 6] *= generator.random(STEPS) < 0.2
    g[:10, 7] = 0.0
    return g


def of_torch(spec: dict[str, Any], optimizer: type[torch.optim.Optimizer], **options: Any) -> Case:
    w = torch.nn.Parameter(torch.tensor(W0))
    rule = optimizer([w], **options)
    path = []
    for g in gradients():
        w.grad = torch.tensor(g)
        rule.step()
        path.append(w.detach().numpy().copy())
    return Case(spec, {"w0": W0, "g": gradients(), "w": np.stack(path)})


def of_keras(spec: dict[str, Any], rule: keras.optimizers.Optimizer) -> Case:
    w = keras.Variable(W0, dtype="float64")
    path = []
    for g in gradients():
        rule.apply([keras.ops.convert_to_tensor(g, dtype="float64")], [w])
        path.append(keras.ops.convert_to_numpy(w).copy())
    return Case(spec, {"w0": W0, "g": gradients(), "w": np.stack(path)})
