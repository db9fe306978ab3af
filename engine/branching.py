"""Going on from a run's checkpoint with another configuration: what may change, and what it costs.

Parameters and buffers are taken as they are, so their shapes must stay. Steps are counted in
batches, so an epoch must keep its number of them. The optimizer keeps its slots where it stays of
one kind, and begins with new ones where not; everything else may change.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np

from engine.architecture import Architecture, describe
from engine.config import RunConfig
from engine.early_stopping import Patience
from engine.errors import ConfigError, Problem
from engine.layers import Shape
from engine.messages import Message, verbatim
from engine.records import Checkpoint

Shapes = dict[str, Shape]


def branched(checkpoint: Checkpoint, config: RunConfig, changed: RunConfig) -> Checkpoint:
    """The checkpoint of `config` as a run of `changed` goes on from it.

    Raises ConfigError where that cannot be, naming each reason.
    """
    kept = checkpoint.data
    before = describe(config, kept.info if kept else None)
    after = describe(changed, kept.info if kept and shares_data(config, changed) else None)
    problems = [
        *_of_shapes(before, after),
        *_of_steps(before, after, field=_cause_of_steps(config, changed)),
    ]
    if not problems and after.steps <= checkpoint.step:
        rule = Message("must be more than the {n} of the checkpoint", n=checkpoint.epoch)
        problems.append(Problem(("epochs",), rule.got(changed.epochs)))
    if problems:
        raise ConfigError(problems)
    patience = _patience(checkpoint, config, changed)
    going_on = replace(
        checkpoint,
        best_monitored=patience.best_score,
        epochs_without_improvement=patience.epochs_without_improvement,
        best_validation=inf,
        data=kept if shares_data(config, changed) and _scales_alike(config, changed) else None,
    )
    keeps = keeps_slots(checkpoint, config, changed)
    return going_on if keeps else _with_new_slots(going_on, changed)


def shares_data(config: RunConfig, changed: RunConfig) -> bool:
    """Whether both train on the same data."""
    return config.dataset == changed.dataset


def _scales_alike(config: RunConfig, changed: RunConfig) -> bool:
    same = config.scaling == changed.scaling
    return same and config.target_scaling == changed.target_scaling


def keeps_slots(checkpoint: Checkpoint, config: RunConfig, changed: RunConfig) -> bool:
    """Whether the optimizer goes on with what it remembers: older checkpoints hold none of it."""
    same = type(config.optimizer) is type(changed.optimizer)
    return same and set(checkpoint.slots) == set(changed.optimizer.slots)


def _with_new_slots(checkpoint: Checkpoint, config: RunConfig) -> Checkpoint:
    start = config.optimizer.start
    slots = {name: np.full_like(checkpoint.w, start(name)) for name in config.optimizer.slots}
    return replace(checkpoint, slots=slots, slots_begun_at=checkpoint.step)


def _patience(checkpoint: Checkpoint, config: RunConfig, changed: RunConfig) -> Patience:
    """What early stopping remembers: nothing by another rule, and no waiting once it had ended."""
    if config.early_stopping != changed.early_stopping:
        return Patience()
    held = Patience(checkpoint.best_monitored, checkpoint.epochs_without_improvement)
    return Patience(held.best_score) if changed.early_stopping.exhausted(held) else held


def _of_shapes(before: Architecture, after: Architecture) -> list[Problem]:
    """Where the trained arrays would not fit: the first layer that differs."""
    held, wanted = _shapes(before), _shapes(after)
    for (_, had), (index, has) in zip(held, wanted, strict=False):
        if had != has:
            rule = Message("must keep the shapes that were trained, {shapes}", shapes=_named(had))
            return [Problem(("layers", index), rule.got(verbatim(_named(has))))]
    if len(held) != len(wanted):
        rule = Message("must keep the {n} layers that were trained", n=len(held))
        return [Problem(("layers",), rule.got(len(wanted)))]
    return []


def _shapes(plan: Architecture) -> list[tuple[int, list[Shapes]]]:
    """The arrays of each layer that has any; a layer of another kind may hold the same."""
    arrays = (
        (
            layer.index,
            [
                layer.spec.parameter_shapes(layer.input_shape),
                layer.spec.buffer_shapes(layer.input_shape),
            ],
        )
        for layer in plan.layers
    )
    return [(index, shapes) for index, shapes in arrays if any(shapes)]


def _named(arrays: list[Shapes]) -> str:
    return ", ".join(f"{name} {shape}" for held in arrays for name, shape in held.items())


def _cause_of_steps(config: RunConfig, changed: RunConfig) -> str:
    """The field by which an epoch may have another number of steps."""
    fields = ("batch_size", "drop_last")
    return next((f for f in fields if getattr(config, f) != getattr(changed, f)), "dataset")


def _of_steps(before: Architecture, after: Architecture, *, field: str) -> list[Problem]:
    if before.steps_per_epoch == after.steps_per_epoch:
        return []
    rule = Message(
        "must keep the {n} steps of an epoch, in which runs are counted", n=before.steps_per_epoch
    )
    return [Problem((field,), rule.got(after.steps_per_epoch))]
