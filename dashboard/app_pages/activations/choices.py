"""Which untrained network the address describes:
`?depth=5&width=100&activation=tanh&init=xavier`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.state.address import get
from dashboard.state.choices import Choice, OneOf, Real, Whole
from engine.config import RunConfig
from engine.datasets import Circles, Digits, Moons, Noise, Spirals
from engine.initializers import InitializerSpec
from engine.layers import AnyActivation
from engine.scaling import ZScore
from engine.spec import Spec, family
from engine.stack import multilayer

DEPTHS = (1, 20)
WIDTHS = (2, 500)
AMOUNTS = (0.0001, 100.0)
OUTPUTS = 10
"""At least one for each label of every data set below."""

ACTIVATIONS = {spec.kind_name(): spec for spec in family(AnyActivation)}
INITS = {spec.kind_name(): spec for spec in family(InitializerSpec)}
DATA: dict[str, type[Spec]] = {
    spec.kind_name(): spec for spec in (Noise, Digits, Moons, Circles, Spirals)
}
SHOWN = ("activations", "sums", "gradients")


@dataclass(frozen=True)
class Choices:
    """What the page's widgets hold. `amount` is the initialization's own number, where it has one:
    its standard deviation, limit, gain or value."""

    depth: int = 5
    width: int = 100
    activation: str = "relu"
    init: str = "he"
    amount: float | None = None
    data: str = "noise"
    show: str = "activations"

    @property
    def config(self) -> RunConfig:
        """The network of these choices, its inputs of mean 0 and standard deviation 1."""
        number = amount_name(self.init)
        init: Any = INITS[self.init].model_validate({number: self.amount} if number else {})
        activation: Any = ACTIVATIONS[self.activation]()
        data: Any = DATA[self.data]()
        layers: Any = multilayer(
            [self.width] * self.depth, OUTPUTS, activation=activation, init=init
        )
        return RunConfig(dataset=data, scaling=ZScore(), layers=layers)


def amount_name(init: str) -> str | None:
    """The field that holds an initialization's own number, where it has one."""
    fields = INITS[init].model_fields
    return next((n for n in ("std", "limit", "gain", "value") if n in fields), None)


CHOICES: dict[str, Choice[Any]] = {
    "depth": Whole("depth", Choices.depth, low=DEPTHS[0], high=DEPTHS[1]),
    "width": Whole("width", Choices.width, low=WIDTHS[0], high=WIDTHS[1]),
    "activation": OneOf("activation", Choices.activation, allowed=tuple(ACTIVATIONS)),
    "init": OneOf("init", Choices.init, ("amount",), tuple(INITS)),
    "data": OneOf("data", Choices.data, allowed=tuple(DATA)),
    "show": OneOf("show", Choices.show, allowed=SHOWN),
}
AMOUNT = Real("amount", 0.0, low=AMOUNTS[0], high=AMOUNTS[1])


def amount_of(init: str) -> Real | None:
    """The choice of an initialization's own number, where it has one."""
    number = amount_name(init)
    return AMOUNT.usually(INITS[init].model_fields[number].get_default()) if number else None


def chosen() -> Choices:
    """The network that the address describes."""
    found: dict[str, Any] = {name: get(choice) for name, choice in CHOICES.items()}
    amount = amount_of(found["init"])
    return Choices(**found, amount=get(amount) if amount else None)
