"""Training runs whose samples do not count alike, and the scores of numbers.

Weights are scikit-learn's, losses and gradients PyTorch's: a batch's loss is the mean of w_i L_i
over its samples, whatever their weights sum to, as Keras has it. Keras computes that in single
precision, so the script only holds every loss against it. R² and the mean's error are
scikit-learn's.

As in `trajectories`, whose weights and batches these runs draw. A case's spec is a run's
configuration on an archive of `x_train`, `y_train`, `x_test`, `y_test` and, where samples have
weights of their own, `weights_train`. Expected are the `loss` of every step's batch, at the end the
parameters `w`, and of numbers to predict the `r2` and `validation_loss` of every epoch and the
`baseline`, what predicting the mean of the training targets scores.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import torch
from sklearn.dummy import DummyRegressor
from sklearn.metrics import mean_squared_error, r2_score
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_sample_weight

from tests.golden.case import Case
from tests.golden.trajectories import (
    BATCH,
    FEATURES,
    SEED,
    TRAIN,
    VALIDATION,
    build,
    flat_parameters,
    stream,
)

EPOCHS = 3


def cases() -> dict[str, Case]:
    balanced, numbered = "balanced", "1, 5, 0.25"
    return {
        "balanced classes": classified("softmax_cross_entropy", balanced),
        "a number for each class": classified("softmax_cross_entropy", numbered),
        "samples of their own weight": classified("softmax_cross_entropy", "none", own=True),
        "classes and samples": classified("softmax_cross_entropy", balanced, own=True),
        "classes and samples, squared error": classified("mean_squared_error", numbered, own=True),
        "numbers": predicted(outputs=1),
        "numbers and samples": predicted(outputs=1, own=True),
        "several numbers": predicted(outputs=3),
        "scaled numbers": predicted(outputs=1, scaled=True),
    }


def classified(loss: str, class_weights: str, *, own: bool = False) -> Case:
    """Three classes, the second and third rarer, of as many samples as for `trajectories`."""
    generator = np.random.default_rng(15)
    t = np.array([0, 0, 0, 1, 0, 0, 2, 1])[np.arange(TRAIN + VALIDATION) % 8]
    x = generator.standard_normal((len(t), FEATURES)) + t[:, None]
    weights = own_weights() if own else np.ones(TRAIN)
    if class_weights == "balanced":
        weights = weights * compute_sample_weight("balanced", t[:TRAIN])
    elif class_weights != "none":
        by_class = dict(enumerate(map(float, class_weights.split(","))))
        weights = weights * compute_sample_weight(by_class, t[:TRAIN])
    network = build(layers(3))
    targets = t if loss == "softmax_cross_entropy" else np.eye(3)[t]
    losses = train(network, x, targets, weights)
    arrays = {**split(x, t), "loss": losses, "w": flat_parameters(network)}
    config = configuration(3, {"kind": loss, "class_weights": class_weights})
    return Case(config, arrays | ({"weights_train": own_weights()} if own else {}))


def predicted(*, outputs: int, own: bool = False, scaled: bool = False) -> Case:
    """Numbers to predict, in units of their own where they are to be scaled."""
    generator = np.random.default_rng(16)
    x = generator.standard_normal((TRAIN + VALIDATION, FEATURES))
    slopes = generator.standard_normal((FEATURES, outputs))
    t = x @ slopes + 0.3 * generator.standard_normal((len(x), outputs))
    t = 250 + 40 * t if scaled else t
    scaler = StandardScaler(with_mean=scaled, with_std=scaled).fit(t[:TRAIN])
    network, truth = build(layers(outputs)), t[TRAIN:]
    scores: dict[str, list[float]] = {"r2": [], "validation_loss": []}

    def validate() -> None:
        with torch.no_grad():
            y = scaler.inverse_transform(network(torch.tensor(x[TRAIN:])).numpy())
        scores["r2"].append(r2_score(truth, y, multioutput="variance_weighted"))
        scores["validation_loss"].append(mean_squared_error(truth, y))

    weights = own_weights() if own else np.ones(TRAIN)
    losses = train(network, x, scaler.transform(t), weights, after_epoch=validate)
    losses = losses * (float(scaler.var_[0]) if scaled else 1.0)
    guess = DummyRegressor().fit(x[:TRAIN], t[:TRAIN]).predict(x[TRAIN:])
    arrays = {
        **split(x, t),
        "loss": losses,
        "w": flat_parameters(network),
        **{name: np.array(values) for name, values in scores.items()},
        "baseline": np.array(mean_squared_error(truth, guess.reshape(truth.shape))),
    }
    config = configuration(outputs, {"kind": "mean_squared_error"})
    config["target_scaling"] = "z_score" if scaled else "none"
    config["dataset"]["task"] = "regression"
    return Case(config, arrays | ({"weights_train": own_weights()} if own else {}))


def own_weights() -> np.ndarray:
    return np.random.default_rng(17).choice([0.0, 0.5, 1.0, 3.0], TRAIN)


def split(x: np.ndarray, t: np.ndarray) -> dict[str, np.ndarray]:
    return {"x_train": x[:TRAIN], "y_train": t[:TRAIN], "x_test": x[TRAIN:], "y_test": t[TRAIN:]}


def layers(outputs: int) -> list[dict[str, Any]]:
    xavier = {"kind": "xavier", "fan": "average"}
    hidden = [{"kind": "dense", "units": 6, "init": xavier}, {"kind": "tanh"}]
    return [*hidden, {"kind": "dense", "units": outputs, "init": xavier}]


def configuration(outputs: int, loss: dict[str, Any]) -> dict[str, Any]:
    return {
        "dataset": {"kind": "npz", "file": "golden.npz"},
        "scaling": {"kind": "none"},
        "layers": layers(outputs),
        "loss": loss,
        "optimizer": {"kind": "sgd", "lr": 0.1},
        "batch_size": BATCH,
        "epochs": EPOCHS,
        "seed": SEED,
        "dtype": "float64",
        "record": {"every": 1},
    }


def train(
    network: torch.nn.Module,
    x: np.ndarray,
    t: np.ndarray,
    weights: np.ndarray,
    *,
    after_epoch: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """The loss of every step, by plain gradient descent."""
    rule = torch.optim.SGD(network.parameters(), lr=0.1)
    losses = []
    for epoch in range(EPOCHS):
        order = stream(1, epoch).permutation(TRAIN)
        for start in range(0, TRAIN, BATCH):
            rows = order[start : start + BATCH]
            z, targets = network(torch.tensor(x[rows])), torch.tensor(t[rows])
            loss = weighted_loss(z, targets, torch.tensor(weights[rows]))
            rule.zero_grad()
            loss.backward()
            rule.step()
            losses.append(loss.item())
        after_epoch()
    return np.array(losses)


def weighted_loss(z: torch.Tensor, t: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of labels (N,), squared error of numbers (N, K), each sample counted w times;
    what Keras computes is the same."""
    if t.ndim == 1:
        each = torch.nn.functional.cross_entropy(z, t, reduction="none")
        keras_loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    else:
        each = torch.nn.functional.mse_loss(z, t, reduction="none").mean(dim=1)
        keras_loss = keras.losses.MeanSquaredError()
    loss = (w * each).mean()
    np.testing.assert_allclose(loss.item(), keras_loss(t, z, sample_weight=w).item(), rtol=1e-6)
    return loss
