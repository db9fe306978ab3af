"""Which untrained networks the address describes:
`?depth=5&width=100&activation=tanh,relu&init=xavier,he&bn=before`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any, cast

from dashboard.state.address import get
from dashboard.state.choices import Choice, OneOf, Real, Several, Whole
from dashboard.words.i18n import _, number
from engine.config import RunConfig
from engine.datasets import Circles, Digits, Moons, Noise, Spirals
from engine.datasets.generated import Generated
from engine.initializers import Initializer, InitializerSpec, Normal
from engine.layers import Activation, AnyActivation, BatchNorm
from engine.layers.activation import Saturating
from engine.scaling import ZScore
from engine.spec import Spec, family
from engine.stack import Multilayer, Position

DEPTHS = (1, 20)
WIDTHS = (2, 500)
AMOUNTS = (0.0001, 100.0)
SCALES = (0.01, 100.0)
SAMPLES = 1_000
"""Training samples that pass through each network."""
DRAWN = 1_250
"""Samples of which so many are left for training, where data are drawn at random."""
MOST = 12
"""Networks side by side."""

ACTIVATIONS = {spec.kind_name(): spec for spec in family(AnyActivation)}
WIDE = "normal_1"
"""The textbook's other normal initialization, beside that of a small standard deviation."""
INITS = {spec.kind_name(): spec for spec in family(InitializerSpec)} | {WIDE: Normal}
DATA: dict[str, type[Spec]] = {
    spec.kind_name(): spec for spec in (Noise, Digits, Moons, Circles, Spirals)
}
SHOWN = ("activations", "sums", "gradients")
TEXTBOOK = (("sigmoid", "tanh", "relu"), (WIDE, "normal", "xavier", "he"))
"""The activations and initializations of the textbook's histograms."""


@dataclass(frozen=True)
class Network:
    """One untrained network. `amount` is the initialization's own number, where it has one: its
    standard deviation, limit, gain or value; `scale` that of an activation that levels off."""

    depth: int = 5
    width: int = 100
    activation: str = "relu"
    init: str = "he"
    amount: float | None = None
    scale: float = 1.0
    position: Position = "none"
    data: str = "noise"

    @property
    def function(self) -> Activation:
        """The activation of the hidden layers."""
        spec: Any = ACTIVATIONS[self.activation]
        return cast(Activation, spec(scale=self.scale) if issubclass(spec, Saturating) else spec())

    @property
    def initializer(self) -> Initializer:
        """The initialization of all weights."""
        amount = amount_name(self.init)
        chosen = {"std": 1.0} if self.init == WIDE else {amount: self.amount} if amount else {}
        return cast(Initializer, INITS[self.init].model_validate(chosen))

    @property
    def config(self) -> RunConfig:
        """A run of the network, its inputs of mean 0 and standard deviation 1."""
        data: Any = DATA[self.data]
        dataset = data(samples=DRAWN) if issubclass(data, Generated) else data()
        stack = Multilayer(
            hidden=(self.width,) * self.depth,
            activation=cast(Any, self.function),
            init=cast(Any, self.initializer),
            position=self.position,
            batch_norm=BatchNorm(),
        )
        layers: Any = stack.layers(dataset.info().outputs)
        return RunConfig(dataset=dataset, scaling=ZScore(), layers=layers)

    @property
    def label(self) -> str:
        """What tells it from those beside it."""
        return f"{_(ACTIVATIONS[self.activation].title())} · {init_title(self.init, self.amount)}"


@dataclass(frozen=True)
class Choices:
    """What the page's widgets hold: the networks side by side, and which values are shown."""

    networks: tuple[Network, ...]
    more: int
    show: str


def init_title(init: str, amount: float | None = None) -> str:
    """What an initialization is called, with its own number where it has one."""
    title = _(INITS[init].title())
    amount = 1.0 if init == WIDE else amount
    return title if amount is None else f"{title} {number(amount, 3)}"


def amount_name(init: str) -> str | None:
    """The field that holds an initialization's own number, where it is to be chosen."""
    fields = () if init == WIDE else INITS[init].model_fields
    return next((n for n in ("std", "limit", "gain", "value") if n in fields), None)


ACTIVATION: Several[str] = Several("activation", ("relu",), allowed=tuple(ACTIVATIONS))
INIT: Several[str] = Several("init", ("he",), ("amount",), tuple(INITS))
SCALE = Real("scale", 1.0, low=SCALES[0], high=SCALES[1])
CHOICES: dict[str, Choice[Any]] = {
    "depth": Whole("depth", Network.depth, low=DEPTHS[0], high=DEPTHS[1]),
    "width": Whole("width", Network.width, low=WIDTHS[0], high=WIDTHS[1]),
    "position": OneOf("bn", Network.position, allowed=("none", "before", "after")),
    "data": OneOf("data", Network.data, allowed=tuple(DATA)),
    "show": OneOf("show", "activations", allowed=SHOWN),
}
AMOUNT = Real("amount", 0.0, low=AMOUNTS[0], high=AMOUNTS[1])


def amount_of(init: str) -> Real | None:
    """The choice of an initialization's own number, where it has one."""
    number = amount_name(init)
    return AMOUNT.usually(INITS[init].model_fields[number].get_default()) if number else None


def single_amount(inits: tuple[str, ...]) -> Real | None:
    """The choice of the number of the only initialization that has one; of several, each takes its
    own usual one."""
    numbered = [init for init in inits if amount_name(init)]
    return amount_of(numbered[0]) if len(numbered) == 1 else None


def chosen() -> Choices:
    """The networks that the address describes: every activation with every initialization."""
    found: dict[str, Any] = {name: get(choice) for name, choice in CHOICES.items()}
    show = found.pop("show")
    activations = get(ACTIVATION) or ACTIVATION.usual
    inits = get(INIT) or INIT.usual
    amount = single_amount(inits)
    own = {init: get(amount or usual) for init in inits if (usual := amount_of(init))}
    scaled = any(issubclass(ACTIVATIONS[name], Saturating) for name in activations)
    scale = get(SCALE) if scaled else SCALE.usual
    every = [
        Network(**found, activation=activation, init=init, amount=own.get(init), scale=scale)
        for activation, init in product(activations, inits)
    ]
    return Choices(tuple(every[:MOST]), len(every[MOST:]), show)
