"""Weight initialization: where a network starts."""

from typing import Annotated

from pydantic import Field

from engine.initializers.base import Initializer, VarianceScaling
from engine.initializers.constant import Constant
from engine.initializers.he import He
from engine.initializers.normal import Normal
from engine.initializers.xavier import Xavier
from engine.initializers.zeros import Zeros

InitializerSpec = Annotated[He | Xavier | Normal | Constant | Zeros, Field(discriminator="kind")]

__all__ = [
    "Constant",
    "He",
    "Initializer",
    "InitializerSpec",
    "Normal",
    "VarianceScaling",
    "Xavier",
    "Zeros",
]
