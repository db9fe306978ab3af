"""The configuration of a run: everything that decides its outcome, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from engine.backend import BackendName
from engine.batches import Batches
from engine.clipping import Clipping
from engine.datasets import AnyDataset, Digits
from engine.decay import Decay
from engine.document import Document
from engine.early_stopping import EarlyStopping
from engine.layers import AnyLayer
from engine.learning_rates import ConstantRate, LearningRateSpec
from engine.losses import LossSpec, SoftmaxCrossEntropy
from engine.optimizers import Adam, OptimizerSpec
from engine.scaling import MinMax, ScalingSpec
from engine.spec import Spec, hyper


class RecordSpec(Spec):
    """Recording: how often the inside of the network is written down."""

    every: int = hyper(
        10,
        label="Record every",
        description="Record every so many steps.",
        unit="steps",
        ge=1,
        le=1_000_000,
    )
    dense: int = hyper(
        10,
        label="Record the first",
        description="Record each of the first so many steps.",
        unit="steps",
        ge=0,
        le=10_000,
    )
    histograms: bool = hyper(
        True, description="Whether to record distributions beside the statistics."
    )
    batch_statistics: bool = hyper(
        False,
        description="Whether to keep each step's batch mean and variance of every Batch"
        " Normalization layer, from which the running statistics of any other momentum follow.",
    )
    checkpoint_every: int = hyper(
        1,
        label="Checkpoint every",
        description="Keep a checkpoint every so many epochs.",
        unit="epochs",
        ge=1,
        le=10_000,
    )
    checkpoint_best: bool = hyper(
        True,
        label="Checkpoint the best",
        description="Whether to keep a checkpoint at each new best validation, too.",
    )
    checkpoints_kept: int = hyper(
        20,
        description="Checkpoints that stay of a run, evenly spread, the first among them; beside"
        " them the best and the newest two.",
        unit="checkpoints",
        ge=2,
        le=1000,
    )


class RunConfig(Document):
    """Run: a data set, a stack of layers, an optimizer and a seed."""

    dataset: AnyDataset = hyper(
        Digits(), label="Data set", description="What the network learns from."
    )
    scaling: ScalingSpec = hyper(
        MinMax(),
        label="Input scaling",
        description="Scaling of the inputs, fitted on the training samples only.",
    )
    target_scaling: Literal["z_score", "none"] = hyper(
        "z_score",
        before="none",
        label="Target scaling",
        description="Scaling of targets that are numbers to predict, by the mean and deviation of"
        " the training samples. Predictions, and the loss of a single target, are told in its own"
        " unit; classes are not scaled.",
    )
    layers: tuple[AnyLayer, ...] = hyper(
        description="The stack, from the input to the outputs.", min_length=1, max_length=400
    )
    loss: LossSpec = hyper(SoftmaxCrossEntropy(), description="What training makes small.")
    optimizer: OptimizerSpec = hyper(Adam(), description="How the parameters move.")
    learning_rate: LearningRateSpec = hyper(
        ConstantRate(),
        label="Learning-rate schedule",
        description="How the learning rate changes over the steps.",
    )
    decay: Decay = hyper(
        Decay(), label="Weight decay", description="Pull of the parameters towards zero."
    )
    clipping: Clipping = hyper(
        Clipping(), label="Gradient clipping", description="Bounds on the gradient."
    )
    early_stopping: EarlyStopping = hyper(
        EarlyStopping(), label="Early stopping", description="When training ends before its epochs."
    )
    batch_size: int = hyper(
        100, description="Samples per step.", symbol="m", unit="samples", ge=1, le=100_000
    )
    drop_last: bool = hyper(
        False,
        before=False,
        label="Drop the last batch",
        description="Whether an epoch leaves out the samples that do not fill its last batch. Batch"
        " Normalization gives a short batch's statistics the weight of a whole one's.",
    )
    epochs: int = hyper(
        20, description="Passes over the training samples.", unit="epochs", ge=1, le=100_000
    )
    seed: int = hyper(
        0,
        description="Decides weights and batches; runs with one seed share both.",
        ge=0,
        le=2**31 - 1,
    )
    dtype: Literal["float32", "float64"] = hyper(
        "float32", label="Precision", description="Precision of all arithmetic."
    )
    backend: BackendName = hyper(
        "auto",
        description="What computes: CuPy on a GPU, NumPy with loops compiled by Numba, or NumPy"
        " alone. auto: the first that there is, and NumPy alone for a short training.",
    )
    record: RecordSpec = hyper(RecordSpec(), label="Recording", description="How often to record.")

    def batches(self, samples: int) -> Batches:
        """How an epoch of so many training samples is cut into batches."""
        return Batches(samples, self.batch_size, self.drop_last)

    def flat(self) -> dict[str, Any]:
        """Every hyperparameter by its dotted name: `layers.0.units`, `optimizer.lr`."""
        return dict(_flatten("", self.model_dump(mode="json")))


def _flatten(prefix: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        items = list(value.items())
    elif isinstance(value, list | tuple):
        items = list(enumerate(value))
    else:
        return [(prefix, value)]
    return [
        leaf
        for key, inner in items
        for leaf in _flatten(f"{prefix}.{key}" if prefix else str(key), inner)
    ]
