"""What the page's address says beside the runs, how they are grouped, and the tab."""

from __future__ import annotations

from dashboard.state.choices import Flag, OneOf
from dashboard.views.compare.curves import Axis
from dashboard.views.compare.spread import Band
from engine.records import Split

AXIS: OneOf[Axis] = OneOf("x", "step")
BAND: OneOf[Band] = OneOf("band", "std")
TRAINING: OneOf[Split] = OneOf("training", "train")
LOG = Flag("log", usual=False)
BASELINE = OneOf("base", "")
PANELS = OneOf("panels", "runs")
SHAPES = OneOf("shapes", "beside")
LAYER = OneOf("layer", "")
CHANNELS = OneOf("bn", "mean_gap")
SCORE = OneOf("score", "")
ALONG, UP, BY = OneOf("along", ""), OneOf("up", ""), OneOf("by", "")
