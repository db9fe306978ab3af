"""Optimizers: how a network moves."""

from typing import Annotated

from pydantic import Field

from engine.optimizers.adadelta import AdaDelta
from engine.optimizers.adagrad import AdaGrad
from engine.optimizers.adam import Adam
from engine.optimizers.adamax import AdaMax
from engine.optimizers.adamw import AdamW
from engine.optimizers.amsgrad import AMSGrad
from engine.optimizers.base import Optimizer
from engine.optimizers.momentum import Momentum
from engine.optimizers.nadam import Nadam
from engine.optimizers.nesterov import Nesterov
from engine.optimizers.rmsprop import RMSProp
from engine.optimizers.sgd import SGD

OptimizerSpec = Annotated[
    Adam
    | SGD
    | Momentum
    | Nesterov
    | AdaGrad
    | RMSProp
    | AdaDelta
    | AdamW
    | AMSGrad
    | AdaMax
    | Nadam,
    Field(discriminator="kind"),
]

__all__ = [
    "SGD",
    "AMSGrad",
    "AdaDelta",
    "AdaGrad",
    "AdaMax",
    "Adam",
    "AdamW",
    "Momentum",
    "Nadam",
    "Nesterov",
    "Optimizer",
    "OptimizerSpec",
    "RMSProp",
]
