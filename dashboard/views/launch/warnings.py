"""What to know before a run is launched: it will train, though hardly as meant."""

from __future__ import annotations

from collections.abc import Iterator

from dashboard.words.i18n import _, integer
from engine.architecture import Architecture
from engine.config import RunConfig
from engine.layers import BatchNorm
from engine.learning_rates import WarmUp

SHORT = 0.25
"""A last batch is warned of below this share of the others' samples."""


def warnings(config: RunConfig, plan: Architecture) -> Iterator[str]:
    """A sentence about each choice that defeats itself, with what to choose instead."""
    yield from _of_batches(config, plan)
    yield from _of_last_batch(config, plan)
    yield from _of_length(config, plan)


def _of_batches(config: RunConfig, plan: Architecture) -> Iterator[str]:
    samples = plan.dataset.train_samples
    if config.batch_size > samples:
        text = _(
            "A batch of {batch} is larger than the {samples} training samples: each step takes all"
            " of them, one step per epoch."
        )
        yield text.format(batch=integer(config.batch_size), samples=integer(samples))
    if min(config.batch_size, samples) == 1 and _normalizes_over_samples_alone(plan):
        yield _(
            "In batches of one, Batch Normalization turns every value into β, and the network"
            " learns nothing of its inputs: take batches of at least 2, better of 16 or more."
        )


def _of_last_batch(config: RunConfig, plan: Architecture) -> Iterator[str]:
    """A last batch far shorter than others, which Batch Normalization weighs like them."""
    samples = plan.dataset.train_samples
    short = config.batches(samples).short
    normalizes = any(isinstance(layer, BatchNorm) for layer in config.layers)
    if not normalizes or not 0 < short < SHORT * config.batch_size or samples < config.batch_size:
        return
    if short == 1 and _normalizes_over_samples_alone(plan):
        text = _(
            "The last batch of an epoch holds a single sample, whose variance is 0, and weighs in"
            " Batch Normalization's running statistics as much as every other: leave it out"
            " (`drop_last`), or take a batch size that divides the {samples} training samples."
        )
    else:
        text = _(
            "The last batch of an epoch holds only {short} of {batch} samples and weighs in Batch"
            " Normalization's running statistics as much as every other: leave it out"
            " (`drop_last`), or take a batch size that divides the {samples} training samples."
        )
    yield text.format(
        short=integer(short), batch=integer(config.batch_size), samples=integer(samples)
    )


def _of_length(config: RunConfig, plan: Architecture) -> Iterator[str]:
    patience, rate = config.early_stopping.patience, config.learning_rate
    if patience is not None and patience >= config.epochs:
        text = _("With a patience of {patience} epochs, {epochs} epochs never end early.")
        yield text.format(patience=integer(patience), epochs=integer(config.epochs))
    if isinstance(rate, WarmUp) and rate.warm_steps >= plan.steps:
        text = _(
            "The warm-up takes {warm} steps and the whole training {steps}: the learning rate never"
            " reaches η."
        )
        yield text.format(warm=integer(rate.warm_steps), steps=integer(plan.steps))
    if config.record.dense == 0 and config.record.every > plan.steps:
        text = _("Recording every {every} steps leaves almost nothing of {steps} steps.")
        yield text.format(every=integer(config.record.every), steps=integer(plan.steps))


def _normalizes_over_samples_alone(plan: Architecture) -> bool:
    """Whether a Batch Normalization has no positions of an image to take statistics over."""
    return any(isinstance(i.spec, BatchNorm) and len(i.input_shape) == 1 for i in plan.layers)
