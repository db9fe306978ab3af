"""Learning-rate schedules, from PyTorch and Keras.

A case's arrays: `factors` (n,) what the learning rate is multiplied by at each of n steps, and
`steps_per_epoch`. PyTorch's schedulers step once a step or once an epoch, as the case says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import torch
from torch.optim import lr_scheduler

from tests.golden.case import Case

STEPS = 60
PER_EPOCH = 6


def cases() -> dict[str, Case]:
    return {
        "constant": Case({"kind": "constant"}, _arrays(np.ones(STEPS))),
        "step": of_torch(
            {"kind": "step", "gamma": 0.3, "every": 2},
            lambda rule: lr_scheduler.StepLR(rule, step_size=2, gamma=0.3),
            every=PER_EPOCH,
        ),
        "exponential by epochs": of_torch(
            {"kind": "exponential", "gamma": 0.8, "staircase": True},
            lambda rule: lr_scheduler.ExponentialLR(rule, gamma=0.8),
            every=PER_EPOCH,
        ),
        "exponential of Keras": of_keras(
            {"kind": "exponential", "gamma": 0.8},
            keras.optimizers.schedules.ExponentialDecay(1.0, PER_EPOCH, 0.8),
        ),
        "cosine": of_torch(
            {"kind": "cosine", "final": 0.1},
            lambda rule: lr_scheduler.CosineAnnealingLR(rule, T_max=STEPS, eta_min=0.1),
        ),
        "warm_up": of_torch(
            {"kind": "warm_up", "start": 0.25, "warm_steps": 8},
            lambda rule: lr_scheduler.LinearLR(rule, start_factor=0.25, total_iters=8),
        ),
        "warm_up then cosine": of_torch(
            {"kind": "warm_up", "start": 0.1, "warm_steps": 10, "then": {"kind": "cosine"}},
            lambda rule: lr_scheduler.SequentialLR(
                rule,
                [
                    lr_scheduler.LinearLR(rule, start_factor=0.1, total_iters=10),
                    lr_scheduler.CosineAnnealingLR(rule, T_max=STEPS - 10),
                ],
                milestones=[10],
            ),
        ),
        "one_cycle": of_torch(
            {"kind": "one_cycle"},
            lambda rule: lr_scheduler.OneCycleLR(rule, max_lr=1.0, total_steps=STEPS),
        ),
    }


def of_torch(
    spec: dict[str, Any],
    schedule: Callable[[torch.optim.Optimizer], lr_scheduler.LRScheduler],
    *,
    every: int = 1,
) -> Case:
    rule = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0, momentum=0.9)
    scheduler = schedule(rule)
    factors = []
    for step in range(1, STEPS + 1):
        factors.append(rule.param_groups[0]["lr"])
        rule.step()
        if step % every == 0 and step < STEPS:
            scheduler.step()
    return Case(spec, _arrays(np.array(factors)))


def of_keras(spec: dict[str, Any], schedule: Any) -> Case:
    factors = [float(keras.ops.convert_to_numpy(schedule(step))) for step in range(STEPS)]
    return Case(spec, _arrays(np.array(factors)))


def _arrays(factors: np.ndarray) -> dict[str, np.ndarray]:
    return {"factors": factors, "steps_per_epoch": np.asarray(PER_EPOCH)}
