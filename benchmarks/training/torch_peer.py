"""PyTorch eager, in each setting it might be fastest in."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, pairwise, product
from typing import Any

import torch
from torch import nn

from benchmarks.training.workloads import (
    BATCH,
    CHANNELS,
    CLASSES,
    HIDDEN,
    LAYERS,
    Workload,
    samples,
)


def settings(workload: Workload, *, device: str = "cpu") -> Iterator[tuple[str, Torch]]:
    """Every contestant PyTorch sends: 1 or 2 threads, fused or not, channels first or last."""
    formats = ("first", "last") if workload.network == "convolution" else ("first",)
    for threads, fused, channels in product((1, 2), (True, False), formats):
        name = f"threads {threads}{', fused' if fused else ''}"
        name += f", channels {channels}" if len(formats) > 1 else ""
        yield name, Torch(workload, threads, fused, channels, device)


class Torch:
    def __init__(
        self, workload: Workload, threads: int, fused: bool, channels: str, device: str
    ) -> None:
        self.threads = threads
        x, t = samples(workload)
        inputs, targets = torch.from_numpy(x).to(device), torch.from_numpy(t).to(device)
        network = _network(workload)
        if workload.network == "convolution":
            inputs = inputs.permute(0, 3, 1, 2)
            kind = torch.channels_last if channels == "last" else torch.contiguous_format
            inputs, network = inputs.contiguous(memory_format=kind), network.to(memory_format=kind)
        self.network = network.to(device)
        chunks = zip(inputs.split(BATCH), targets.split(BATCH), strict=True)
        self.batches = cycle(list(chunks))
        optimizers: dict[str, Any] = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}
        self.optimizer = optimizers[workload.optimizer](network.parameters(), lr=0.001, fused=fused)
        self.loss = nn.CrossEntropyLoss()
        self.device = device

    def steps(self, count: int) -> None:
        torch.set_num_threads(self.threads)
        for _ in range(count):
            x, t = next(self.batches)
            self.optimizer.zero_grad(set_to_none=True)
            self.loss(self.network(x), t).backward()
            self.optimizer.step()
        if self.device != "cpu":
            torch.cuda.synchronize()


def _network(workload: Workload) -> nn.Module:
    layers: list[nn.Module] = []
    if workload.network == "dense":
        sizes = [784, *[HIDDEN] * LAYERS]
        for n, m in pairwise(sizes):
            layers.append(nn.Linear(n, m, bias=not workload.batch_norm))
            layers += [nn.BatchNorm1d(m)] if workload.batch_norm else []
            layers.append(nn.ReLU())
        return nn.Sequential(*layers, nn.Linear(HIDDEN, CLASSES))
    for n in (1, CHANNELS):
        layers += [nn.Conv2d(n, CHANNELS, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(CHANNELS)]
    flat = CHANNELS * 14 * 14
    return nn.Sequential(*layers, nn.MaxPool2d(2), nn.Flatten(), nn.Linear(flat, CLASSES))
