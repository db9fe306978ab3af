"""What the page's address says beside the run and the tab."""

from __future__ import annotations

from dashboard.state.choices import Flag, OneOf, Several
from dashboard.views.run.curves import Axis
from engine.analyses.answers import Split

AXIS: OneOf[Axis] = OneOf("x", "step")
LOG = Flag("log", usual=False)
DRAWN = OneOf("drawn", "map")
KINDS: Several[str] = Several("kinds", ())
SHAPES = OneOf("shapes", "layers")
SPLIT: OneOf[Split] = OneOf("split", "validation", allowed=("validation", "train"))
LAYER: OneOf[int] = OneOf("layer", 0)
