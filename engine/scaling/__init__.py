"""Input scaling: what the first layer sees."""

from typing import Annotated

from pydantic import Field

from engine.scaling.base import Affine, Scaling
from engine.scaling.mean_normalization import MeanNormalization
from engine.scaling.min_max import MinMax
from engine.scaling.unscaled import Unscaled
from engine.scaling.z_score import ZScore

ScalingSpec = Annotated[MinMax | MeanNormalization | ZScore | Unscaled, Field(discriminator="kind")]

__all__ = ["Affine", "MeanNormalization", "MinMax", "Scaling", "ScalingSpec", "Unscaled", "ZScore"]
