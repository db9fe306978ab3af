"""Hyperparameters as lists and comparisons name them, from the one declaration of each."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor, log10
from typing import Any

from dashboard.words.i18n import _, msg
from engine.config import RunConfig
from engine.layers import AnyLayer
from engine.spec import Spec, extra, family, label_of, member, union_of
from engine.stack import Multilayer

LAYERS = msg("Layers")
YES, NO = msg("yes"), msg("no")
TYPED = 6
"""Significant digits that people type."""


def title(path: str) -> str:
    """What a dotted path is called: Optimizer · Learning rate η."""
    first, *rest = path.split(".")
    if first == "layers":
        return _(LAYERS)
    if first == "stack":
        return " · ".join(_names(Multilayer, rest))
    if first in _LAYER_KINDS:
        kind = member(AnyLayer, first)
        return " · ".join([_("{kind} layers").format(kind=_(kind.title())), *_names(kind, rest)])
    return " · ".join(_names(RunConfig, [first, *rest]))


def value_text(path: str, value: Any) -> str:
    """A value of that path in the reader's words; a dash where a configuration has none."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _(YES if value else NO)
    if isinstance(value, float):
        return _number_text(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if path.endswith(".kind"):
        return _(_KIND_TITLES.get(value, str(value)))
    return _(str(value))


def _number_text(value: float) -> str:
    """A number as people typed it; to three significant digits where it has more than anybody
    types, as those that are drawn at random have. Just below 1 those of 1 - value count: a
    momentum of 0.9987654 is 0.99877."""
    text = f"{value:.10g}"
    if len(text.partition("e")[0].strip("-0.").replace(".", "")) <= TYPED:
        return text
    if 0.9 < value < 1:
        return f"{value:.{3 - 1 - floor(log10(1 - value))}f}"
    return f"{value:.3g}"


def short_fact(path: str, value: Any) -> str:
    """A value that tells what it is of: Adam, η 0.01, Batch size 100."""
    text = value_text(path, value)
    if path.endswith(".kind"):
        return text
    words = title(path).split(" · ")[-1].split(" ")
    is_symbol = len(words) > 1 and len(words[-1]) <= 2 and not words[-1].isascii()
    return f"{words[-1] if is_symbol else ' '.join(words)} {text}"


def _names(spec: type[Spec], parts: list[str]) -> list[str]:
    """The labels along a path; a kind goes by the name of what it is a kind of."""
    if not parts or parts == ["kind"]:
        return []
    name, *rest = parts
    field = spec.model_fields[name]
    symbol = extra(field, "symbol")
    label = _(label_of(name, field))
    union = union_of(field)
    inner = (
        next((m for m in family(union) if not rest or rest[0] in m.model_fields), spec)
        if union is not None
        else field.annotation
    )
    deeper = _names(inner, rest) if isinstance(inner, type) and issubclass(inner, Spec) else []
    return [f"{label} {symbol}" if symbol else label, *deeper]


def kinds(spec: type[Spec]) -> Iterator[type[Spec]]:
    """Every kind that a spec's fields choose from, theirs too."""
    for field in spec.model_fields.values():
        union = union_of(field)
        for kind in family(union) if union is not None else ():
            yield kind
            yield from kinds(kind)


_LAYER_KINDS = frozenset(spec.kind_name() for spec in family(AnyLayer))
_KIND_TITLES = {kind.kind_name(): kind.title() for kind in kinds(RunConfig)}
