"""Which untrained network the address describes: `?depth=5&width=100&activation=tanh&init=xavier`.

What is left out is the default; what cannot be read is told, and the default takes its place.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dashboard.words.i18n import _
from dashboard.words.text import plain
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


@dataclass(frozen=True, slots=True)
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


def read_choices(params: Mapping[str, str]) -> tuple[Choices, list[str]]:
    """The choices of an address, and a sentence about each value that it cannot have meant."""
    chosen, problems = Choices(), []
    for name, allowed in _ALLOWED.items():
        if name not in params:
            continue
        value = _parsed(params[name], allowed)
        if value is None:
            problems.append(_problem(name, params[name], allowed, getattr(chosen, name)))
        else:
            chosen = replace(chosen, **{name: value})
    number = amount_name(chosen.init)
    if number is None:
        return chosen, problems
    chosen = replace(chosen, amount=INITS[chosen.init].model_fields[number].get_default())
    if "amount" in params:
        value = _parsed(params["amount"], AMOUNTS)
        if value is None:
            problems.append(_problem("amount", params["amount"], AMOUNTS, chosen.amount))
        else:
            chosen = replace(chosen, amount=value)
    return chosen, problems


Allowed = tuple[int, int] | tuple[float, float] | Collection[str]
_ALLOWED: dict[str, Allowed] = {
    "depth": DEPTHS,
    "width": WIDTHS,
    "activation": ACTIVATIONS,
    "init": INITS,
    "data": DATA,
    "show": SHOWN,
}


def _parsed(text: str, allowed: Any) -> Any:
    """A value of the address, or None where it is not among those allowed."""
    if not isinstance(next(iter(allowed)), int | float):
        return text if text in allowed else None
    low, high = allowed
    try:
        value = type(low)(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and low <= value <= high else None


def _problem(name: str, value: str, allowed: Any, default: object) -> str:
    if isinstance(next(iter(allowed)), int | float):
        low, high = allowed
        kind = _("a whole number") if isinstance(low, int) else _("a number")
        rule = _("{kind} from {low} to {high}").format(kind=kind, low=f"{low:g}", high=f"{high:g}")
    else:
        rule = _("one of {names}").format(names=", ".join(f"`{known}`" for known in allowed))
    text = _("`{name}` in the link must be {rule}; got {value}. `{default}` is shown instead.")
    return text.format(name=name, rule=rule, value=plain(value[:40]), default=default)
