"""What the running statistics would be with any other momentum."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashboard.words.i18n import _, number, percent
from engine.analyses.inspection import InspectedBatchNorm
from engine.analyses.momenta import MomentumOutcome
from engine.analyses.replay import Lag


def verdict_text(outcomes: Sequence[MomentumOutcome], layer: InspectedBatchNorm) -> str:
    """Which momentum would have come closest, beside the run's own."""
    best = min(outcomes, key=lambda outcome: outcome.mean_gap[layer.layer])
    own = min(outcomes, key=lambda outcome: abs(outcome.momentum - layer.momentum))
    if best is own:
        text = _(
            "No other momentum tried would have come closer to the population's means of"
            " **{layer}** than this run's **{own}**: {gap} σ typically."
        )
        return text.format(
            layer=layer.name.replace("_", "\\_"),
            own=f"{layer.momentum:g}",
            gap=number(own.mean_gap[layer.layer], 2),
        )
    text = _(
        "For the means of **{layer}**, momentum **{best}** would have come closest to the"
        " population: **{best_gap} σ** typically, against {own_gap} σ with this run's {own}."
    )
    said = text.format(
        layer=layer.name.replace("_", "\\_"),
        best=f"{best.momentum:g}",
        best_gap=number(best.mean_gap[layer.layer], 2),
        own=f"{layer.momentum:g}",
        own_gap=number(own.mean_gap[layer.layer], 2),
    )
    if own.accuracy is None or best.accuracy is None:
        return said
    scores = _("On the validation samples that is {best} against {own}.")
    return f"{said} {scores.format(best=percent(best.accuracy), own=percent(own.accuracy))}"


def momenta_frame(outcomes: Sequence[MomentumOutcome], layer: int) -> pd.DataFrame:
    """A row a momentum; `new` is the share of each batch that is taken in."""
    return pd.DataFrame(
        {
            "momentum": [outcome.momentum for outcome in outcomes],
            "new": [1 - outcome.momentum for outcome in outcomes],
            "mean": [outcome.mean_gap[layer] for outcome in outcomes],
            "var": [outcome.var_gap[layer] for outcome in outcomes],
            "loss": [outcome.loss for outcome in outcomes],
            "accuracy": [outcome.accuracy for outcome in outcomes],
        }
    )


def window_text(layer: InspectedBatchNorm) -> str:
    """Over how many steps the running statistics average."""
    lag = Lag(layer.momentum)
    return _(
        "With momentum **{momentum}** the running statistics average about **{window}** steps;"
        " half of their weight lies on the last {half}."
    ).format(
        momentum=f"{layer.momentum:g}",
        window=number(lag.window, 3),
        half=number(lag.half_life, 2),
    )
