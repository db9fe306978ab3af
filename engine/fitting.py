"""A configuration to begin with for any data: the default network with the outputs and the loss
that fit its targets, and batches that fit its size."""

from __future__ import annotations

from engine.config import RunConfig
from engine.datasets import AnyDataset, DatasetInfo
from engine.default import default_config
from engine.initializers import He
from engine.layers import BatchNorm, ReLU
from engine.losses import MeanSquaredError, SoftmaxCrossEntropy
from engine.stack import multilayer

_BATCHES = (100, 50, 40, 32, 25, 20, 16, 10)
_STEPS = 4  # in an epoch, at least


def config_for(dataset: AnyDataset, info: DatasetInfo | None = None) -> RunConfig:
    """The default run on this data, of which `info` may be known; raises DataError where it cannot
    be read, or something must be chosen first."""
    if getattr(dataset, "layout", "flat") == "image":  # Dense layers take flat samples
        dataset, info = dataset.model_copy(update={"layout": "flat"}), None
    info = info or dataset.info()
    numbers = info.classes is None
    layers = multilayer(
        [100] * 4, info.outputs, activation=ReLU(), init=He(), batch_norm=BatchNorm()
    )
    fitting = {
        "dataset": dataset,
        "layers": layers,
        "loss": MeanSquaredError() if numbers else SoftmaxCrossEntropy(),
        "batch_size": _batch_size(info.train_samples),
    }
    return RunConfig.parse(default_config().model_copy(update=fitting).model_dump(mode="json"))


def _batch_size(samples: int) -> int:
    """The largest usual size that gives an epoch several steps, and no last batch that Batch
    Normalization would weigh like the others although it is far shorter."""
    for size in _BATCHES:
        last = samples % size
        if _STEPS * size <= samples and (last == 0 or 2 * last >= size):
            return size
    return max(1, min(_BATCHES[-1], samples))
