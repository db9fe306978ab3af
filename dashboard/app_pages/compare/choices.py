"""What the page's address says beside the runs, how they are grouped, and the tab."""

from __future__ import annotations

from dashboard.state.choices import Flag, Limit, OneOf
from dashboard.views.compare.curves import Axis
from dashboard.views.compare.spread import Band
from engine.records import Split

AXIS: OneOf[Axis] = OneOf("x", "step", ("xmin", "xmax"))
X = Limit("xmin", None), Limit("xmax", None)
LOSS = Limit("lossmin", None), Limit("lossmax", None)
ACCURACY = Limit("accmin", None), Limit("accmax", None)
BAND: OneOf[Band] = OneOf("band", "std")
TRAINING: OneOf[Split] = OneOf("training", "train_sample")
LOG = Flag("log", usual=False)
PANELS = OneOf("panels", "maps")
SHAPES = OneOf("shapes", "beside")
LAYER = OneOf("layer", "")
CHANNELS = OneOf("bn", "mean_gap")
EPOCH: OneOf[int] = OneOf("epoch", 0)
SCORE = OneOf("score", "")
ALONG, UP, BY = OneOf("along", ""), OneOf("up", ""), OneOf("by", "")
