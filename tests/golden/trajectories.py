"""Whole training runs of 100 steps, from PyTorch.

The initial weights and the batches follow layerlab's documented rule, written out here again: the
stream of a use (0 weights, 1 batches) and an index (the drawing layer's number, the epoch's) is
`default_rng(SeedSequence(seed, spawn_key=(use, index)))`.

A case's spec is a run's configuration on a folder of IDX files that holds `x_train`, `t_train`,
`x_validation` and `t_validation`. Expected are the initial `w0`, the `loss` and `accuracy` of every
step's batch, the `train_loss` and `validation_loss` of every epoch, and at the end the parameters
`w` and the `buffers`: flat, layer by layer, each array row by row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from tests.golden.case import Case

FEATURES, CLASSES, TRAIN, VALIDATION = 8, 3, 60, 30
BATCH, EPOCHS, SEED = 16, 25, 5  # four steps per epoch, the last of 12 samples


def cases() -> dict[str, Case]:
    return {
        "ReLU, Batch Normalization, He, Adam": trajectory(
            relu_batch_norm_layers(),
            {"kind": "adam", "lr": 0.01},
            lambda parameters: torch.optim.Adam(parameters, lr=0.01),
        ),
        "tanh, Xavier, momentum": trajectory(
            tanh_layers(),
            {"kind": "momentum", "lr": 0.1, "momentum": 0.9},
            lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.9),
        ),
    }


def relu_batch_norm_layers() -> list[dict[str, Any]]:
    he = {"kind": "he", "fan": "in"}
    norm = {"kind": "batch_norm", "momentum": 0.9, "epsilon": 1e-5, "variance": "unbiased"}
    hidden = [{"kind": "dense", "units": 12, "init": he, "bias": False}, norm, {"kind": "relu"}]
    return [*hidden, *hidden, {"kind": "dense", "units": CLASSES, "init": he}]


def tanh_layers() -> list[dict[str, Any]]:
    xavier = {"kind": "xavier", "fan": "average"}
    hidden = [{"kind": "dense", "units": 12, "init": xavier}, {"kind": "tanh"}]
    return [*hidden, *hidden, {"kind": "dense", "units": CLASSES, "init": xavier}]


def stream(use: int, index: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(use, index)))


def trajectory(layers: list[dict[str, Any]], optimizer: dict[str, Any], rule: Any) -> Case:
    data = samples()
    network = build(layers)
    w0 = flat_parameters(network)
    steps = train(network, rule(network.parameters()), data)
    config = {
        "dataset": {"kind": "idx", "folder": "golden"},
        "scaling": {"kind": "none"},
        "layers": layers,
        "optimizer": optimizer,
        "batch_size": BATCH,
        "epochs": EPOCHS,
        "seed": SEED,
        "dtype": "float64",
        "record": {"every": 1},
    }
    buffers = [b.numpy() for name, b in network.named_buffers() if "running" in name]
    end = {"w": flat_parameters(network), "buffers": np.concatenate([*buffers, np.empty(0)])}
    return Case(config, {**data, "w0": w0, **steps, **end})


def samples() -> dict[str, np.ndarray]:
    """Three overlapping clouds."""
    generator = np.random.default_rng(14)
    t = np.arange(TRAIN + VALIDATION) % CLASSES
    centres = generator.standard_normal((CLASSES, FEATURES))
    x = centres[t] + generator.standard_normal((len(t), FEATURES))
    return {
        "x_train": x[:TRAIN],
        "t_train": t[:TRAIN],
        "x_validation": x[TRAIN:],
        "t_validation": t[TRAIN:],
    }


def build(layers: list[dict[str, Any]]) -> nn.Sequential:
    modules: list[nn.Module] = []
    width, drawn = FEATURES, 0
    for spec in layers:
        if spec["kind"] == "dense":
            z = stream(0, drawn).standard_normal((width, spec["units"]))
            modules.append(linear(spec, z))
            width, drawn = spec["units"], drawn + 1
        elif spec["kind"] == "batch_norm":
            modules.append(nn.BatchNorm1d(width, dtype=torch.float64))
        else:
            modules.append({"relu": nn.ReLU, "tanh": nn.Tanh}[spec["kind"]]())
    return nn.Sequential(*modules)


def linear(spec: dict[str, Any], z: np.ndarray) -> nn.Linear:
    fan_in, fan_out = z.shape
    variance = {"he": 2 / fan_in, "xavier": 2 / (fan_in + fan_out)}[spec["init"]["kind"]]
    module = nn.Linear(fan_in, fan_out, bias=spec.get("bias", True), dtype=torch.float64)
    with torch.no_grad():
        module.weight.copy_(torch.tensor(variance**0.5 * z.T))
        if module.bias is not None:
            module.bias.zero_()
    return module


def flat_parameters(network: nn.Sequential) -> np.ndarray:
    """PyTorch's weights are (outputs, inputs), layerlab's (inputs, outputs)."""
    return np.concatenate([p.detach().numpy().T.ravel() for p in network.parameters()])


def train(network: nn.Sequential, rule: Any, data: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    seen: dict[str, list[float]] = {
        k: [] for k in ("loss", "accuracy", "train_loss", "validation_loss")
    }
    for epoch in range(EPOCHS):
        total = 0.0
        for x, t in epoch_batches(epoch, data):
            z = network(x)
            loss = nn.functional.cross_entropy(z, t)
            rule.zero_grad()
            loss.backward()
            rule.step()
            seen["loss"].append(loss.item())
            seen["accuracy"].append((z.argmax(1) == t).double().mean().item())
            total += loss.item() * len(t)
        seen["train_loss"].append(total / TRAIN)
        seen["validation_loss"].append(validate(network, data))
    return {name: np.array(values) for name, values in seen.items()}


def epoch_batches(
    epoch: int, data: dict[str, np.ndarray]
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    order = stream(1, epoch).permutation(TRAIN)
    for start in range(0, TRAIN, BATCH):
        rows = order[start : start + BATCH]
        yield torch.tensor(data["x_train"][rows]), torch.tensor(data["t_train"][rows])


@torch.no_grad()
def validate(network: nn.Sequential, data: dict[str, np.ndarray]) -> float:
    network.eval()
    z = network(torch.tensor(data["x_validation"]))
    network.train()
    return nn.functional.cross_entropy(z, torch.tensor(data["t_validation"])).item()
