"""Weight initialization: where a network starts."""

from typing import Annotated

from pydantic import Field

from engine.initializers.base import Initializer, VarianceScaling
from engine.initializers.constant import Constant
from engine.initializers.he import He
from engine.initializers.lecun import LeCun
from engine.initializers.lsuv import LSUV
from engine.initializers.normal import Normal
from engine.initializers.orthogonal import Orthogonal
from engine.initializers.truncated_normal import TruncatedNormal
from engine.initializers.uniform import Uniform
from engine.initializers.xavier import Xavier
from engine.initializers.zeros import Zeros

InitializerSpec = Annotated[
    He | Xavier | LeCun | Normal | TruncatedNormal | Uniform | Orthogonal | LSUV | Constant | Zeros,
    Field(discriminator="kind"),
]

__all__ = [
    "LSUV",
    "Constant",
    "He",
    "Initializer",
    "InitializerSpec",
    "LeCun",
    "Normal",
    "Orthogonal",
    "TruncatedNormal",
    "Uniform",
    "VarianceScaling",
    "Xavier",
    "Zeros",
]
