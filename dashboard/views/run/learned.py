"""What a run of one or two inputs has learned: whether there is such a picture, and the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from dashboard.views.charts.learned import curve_chart, regions_chart
from dashboard.words.i18n import _, integer
from db.records import CheckpointInfo, Run
from engine.analyses.learned import Curve, Points, Regions, inputs_of
from engine.errors import DataError
from engine.losses import SoftmaxCrossEntropy

Samples = tuple[Points, Points]
"""Those of training and of validation."""


@dataclass(frozen=True)
class Learned:
    """What a run had learned at some of its checkpoints, and the samples."""

    samples: Samples
    pictures: Sequence[tuple[CheckpointInfo, Regions | Curve]]


Pictured = Learned | DataError
"""The same, or why there is no picture: the run's data are gone, or others now."""


def learned_title(run: Run) -> str | None:
    """What the picture is called; None where a run has more inputs than can be drawn."""
    inputs, classes = inputs_of(run.config.layers, run.parameters), has_classes(run)
    if inputs == 2 and classes:
        return _("Decision regions")
    return _("Fitted curve") if inputs == 1 and not classes else None


def has_classes(run: Run) -> bool:
    """Whether a run tells classes apart, as far as it shows."""
    scored = run.last is not None and run.last.accuracy is not None
    return scored or isinstance(run.config.loss, SoftmaxCrossEntropy)


def learned_chart(found: Regions | Curve, samples: Samples, *, dark: bool) -> alt.LayerChart:
    """The regions or the curve, with the samples."""
    if isinstance(found, Regions):
        return regions_chart(found, *samples, dark=dark)
    return curve_chart(found, *samples, dark=dark)


def learned_note(found: Regions | Curve) -> str:
    """How to read it."""
    if isinstance(found, Curve):
        return _("The line is what the network predicts, in inference mode; the dots are samples.")
    if found.probability is None:
        return _(
            "A place has the colour of the class that the network decides for, in inference mode;"
            " dots are training samples, rings validation samples."
        )
    return _(
        "A place has the colour of the class that the network decides for, in inference mode: the"
        " stronger, the surer it is. Dots are training samples, rings validation samples."
    )


def checkpoint_text(info: CheckpointInfo) -> str:
    """Which checkpoint a picture is of."""
    text = _("epoch {epoch}, step {step}")
    return text.format(epoch=integer(info.epoch), step=integer(info.step))
