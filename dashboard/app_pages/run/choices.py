"""What the page's address says beside the run and the tab."""

from __future__ import annotations

from dashboard.state.choices import Flag, OneOf, Several
from dashboard.views.run.curves import Axis

AXIS: OneOf[Axis] = OneOf("x", "step")
HALF_LIFE: OneOf[int] = OneOf("smooth", 0)
LOG = Flag("log", usual=False)
DRAWN = OneOf("drawn", "map")
KINDS: Several[str] = Several("kinds", ())
SHAPES = OneOf("shapes", "layers")
LAYER: OneOf[int] = OneOf("layer", 0)
