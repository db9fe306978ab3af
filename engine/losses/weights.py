"""What training samples count in the loss: by their class, and each by a weight of its own.

As in Keras (`class_weight`, `sample_weight`): L = 1/N sum w_i L_i over the N samples of a batch,
whatever their weights sum to. `balanced` is scikit-learn's: w_k = N / (K N_k), N_k of the N
training samples being of class k; they sum to N (King and Zeng, Logistic Regression in Rare Events
Data, 2001).
"""

from __future__ import annotations

from math import isfinite
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import ConfigError
from engine.messages import Message

ClassWeights = Literal["none", "balanced"] | tuple[float, ...]


def read_weights(text: str) -> ClassWeights | None:
    """What a text asks for: a word, or a positive number for each class; None for anything else."""
    word = text.strip()
    if word == "none":
        return "none"
    if word == "balanced":
        return "balanced"
    try:
        numbers = tuple(float(part) for part in word.split(","))
    except ValueError:
        return None
    return numbers if all(isfinite(n) and n > 0 for n in numbers) else None


def sample_weights(
    asked: ClassWeights | None,
    t: NDArray[Any],
    classes: int | None,
    own: NDArray[np.float64] | None = None,
) -> NDArray[np.float64] | None:
    """What each training sample with targets t counts (N,): by its class as asked, times its own
    weight; None where all count once. Raises ConfigError where classes have none."""
    if asked is None or asked == "none":
        return own
    if classes is None:
        rule = Message("must be none where the data set has numbers to predict, not classes")
        raise ConfigError.at(("loss", "class_weights"), rule)
    by_class: NDArray[np.float64] = _by_class(asked, t, classes)[t]
    return by_class if own is None else by_class * own


def _by_class(asked: ClassWeights, t: NDArray[Any], classes: int) -> NDArray[np.float64]:
    if asked == "balanced":
        counts = np.bincount(t, minlength=classes)
        return len(t) / (classes * np.maximum(counts, 1))
    if len(asked) != classes:
        rule = Message("must have a number for each of the {classes} classes", classes=classes)
        raise ConfigError.at(("loss", "class_weights"), rule.got(len(asked)))
    return np.asarray(asked, np.float64)
