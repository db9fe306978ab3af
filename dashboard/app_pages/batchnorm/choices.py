"""What the page's address says beside the run, its checkpoint and the tab."""

from __future__ import annotations

from dashboard.state.choices import OneOf, Real, Several
from dashboard.views.charts.batch_norm import Moment

LAYER: OneOf[int] = OneOf("layer", 0, ("channels",))
MOMENT: OneOf[Moment] = OneOf("moment", "mean", allowed=("mean", "var"))
BATCH_SIZE: OneOf[int] = OneOf("m", 1)
SHIFT = Real("shift", 0.0, low=-2.0, high=2.0)
SCALE = Real("scale", 1.0, low=0.1, high=3.0)
CHANNELS: Several[int] = Several("channels", ())
