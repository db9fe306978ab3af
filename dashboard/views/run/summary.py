"""What a run is, in one line.

5 × 100 ReLU, He, BN before activation, Adam 0.001, batch 100, Digits
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from dashboard.reads.differences import stack_of
from dashboard.words.i18n import _, integer
from dashboard.words.parameters import value_text
from engine.config import RunConfig
from engine.layers import LayerSpec
from engine.stack import Multilayer

MOST = 8
"""Kinds of layers that the line has room for, where the stack is no list of hidden layers."""


def summary(config: RunConfig) -> str:
    """The network, how it begins and how it learns."""
    stack = stack_of(config)
    optimizer = config.optimizer
    parts = [
        *(_described(stack) if stack else [_listed(config.layers)]),
        f"{_(optimizer.title())} {value_text('lr', optimizer.lr)}",
        _("batch {n}").format(n=integer(config.batch_size)),
        _(config.dataset.title()),
    ]
    return _(", ").join(parts)


def _described(stack: Multilayer) -> list[str]:
    batch_norm = {
        "none": _("no BN"),
        "before": _("BN before activation"),
        "after": _("BN after activation"),
    }
    network = f"{_widths(stack.hidden)} {_(stack.activation.title())}"
    if not stack.hidden:
        return [_("no hidden layer"), _(stack.init.title())]
    return [network, _initialization(stack), batch_norm[stack.position]]


def _initialization(stack: Multilayer) -> str:
    """The initializer, and the spread of one that is told it: Normal 0.01."""
    spread = getattr(stack.init, "std", None)
    title = _(stack.init.title())
    return f"{title} {value_text('std', spread)}" if isinstance(spread, float) else title


def _widths(hidden: Sequence[int]) -> str:
    """`5 × 100`, or `100-50-10` where layers differ in their units."""
    if len(set(hidden)) == 1 and len(hidden) > 1:
        return f"{integer(len(hidden))} × {integer(hidden[0])}"
    return "-".join(str(units) for units in hidden)


def _listed(layers: Sequence[LayerSpec]) -> str:
    """The kinds of the layers in their order: `Conv2D, ReLU, Dense × 2`."""
    runs = [(kind, len(list(group))) for kind, group in groupby(layer.title() for layer in layers)]
    words = [f"{_(kind)} × {n}" if n > 1 else _(kind) for kind, n in runs]
    more = ["…"] if len(words) > MOST else []
    return " → ".join([*words[:MOST], *more])
