"""In what configurations differ, told as people tell it.

Stacks are not compared index by index: one more layer would shift everything behind it. Where every
stack is hidden layers of one kind (`Multilayer`), its description is compared, so that He against
Xavier is one difference however deep the networks are. Otherwise each kind of layer is compared: a
hyperparameter that all layers of a kind share is one value, else it is the list of them.

Where one configuration has SGD and another Adam, that Adam has its usual beta is no news: what only
some have is told where it is not the default.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from engine.config import RunConfig
from engine.spec import Spec
from engine.stack import Multilayer


class Fact(NamedTuple):
    """A hyperparameter's value, and whether it is the default."""

    value: Any
    usual: bool


Facts = dict[str, Fact]


@dataclass(frozen=True, slots=True)
class Difference:
    """A hyperparameter and its value in each configuration; None where one does not have it.

    `path` is dotted: `optimizer.lr`, `stack.init.kind`, or `dense.init.kind` for all dense layers.
    """

    path: str
    values: tuple[Any, ...]


def differences(configs: Sequence[RunConfig]) -> list[Difference]:
    """The hyperparameters in which configurations differ, in the order they are declared."""
    facts = facts_of(configs)
    return [
        Difference(path, tuple(fact and fact.value for fact in row))
        for path in _paths(facts)
        if _is_news(row := [fact.get(path) for fact in facts])
    ]


def telling(found: Sequence[Difference]) -> list[Difference]:
    """The differences but for the seed, for what was recorded, which changes nothing of a training,
    and for what follows from a kind that is told already: that only He has a fan is no news beside
    that it is He."""
    values = {difference.path: difference.values for difference in found}
    return [d for d in found if not d.path.startswith(_UNTOLD) and not _follows(d, values)]


_UNTOLD = ("seed", "record.")


def _follows(difference: Difference, values: Mapping[str, tuple[Any, ...]]) -> bool:
    """Whether a kind beside it decides the value."""
    prefix, _dot, name = difference.path.rpartition(".")
    kinds = values.get(f"{prefix}.kind")
    if name == "kind" or kinds is None:
        return False
    return len(set(zip(kinds, difference.values, strict=True))) == len(set(kinds))


def facts_of(configs: Sequence[RunConfig]) -> list[Facts]:
    """Every hyperparameter of each configuration, all of them told in the same way."""
    if all(stack_of(config) is not None for config in configs):
        return [_by_description(config) for config in configs]
    return [_by_layers(config) for config in configs]


KNOWN = 4_000
"""Configurations of which it is remembered what they say: lists show the same ones again."""


@lru_cache(maxsize=KNOWN)
def stack_of(config: RunConfig) -> Multilayer | None:
    """The stack as hidden layers of one kind; None where it is none."""
    return Multilayer.read(config.layers)


@lru_cache(maxsize=KNOWN)
def _by_description(config: RunConfig) -> Facts:
    stack = stack_of(config)
    assert stack is not None
    return _facts(config, _described(stack))


@lru_cache(maxsize=KNOWN)
def _by_layers(config: RunConfig) -> Facts:
    return _facts(config, _by_kind(config))


def _is_news(row: Sequence[Fact | None]) -> bool:
    present = [fact for fact in row if fact is not None]
    if len({fact.value for fact in present}) > 1:
        return True
    return len(present) < len(row) and not all(fact.usual for fact in present)


def _paths(facts: Sequence[Facts]) -> list[str]:
    """Every path, each after those that stand before it in some configuration."""
    paths: list[str] = []
    for fact in dict.fromkeys(map(tuple, facts)):
        place = 0
        for path in fact:
            if path in paths:
                place = paths.index(path) + 1
            else:
                paths.insert(place, path)
                place += 1
    return paths


def _facts(config: RunConfig, stack: Facts) -> Facts:
    """A configuration's hyperparameters, its layers replaced by the description of the stack."""
    facts: Facts = {}
    for name, value in config:
        facts |= stack if name == "layers" else dict(_leaves(name, value))
    return facts


def _described(stack: Multilayer) -> Facts:
    facts: Facts = {"stack.hidden": Fact(widths(stack.hidden), False)}
    for name in ("activation", "init"):
        facts |= dict(_leaves(f"stack.{name}", getattr(stack, name)))
    facts["stack.position"] = Fact(stack.position, False)
    if stack.position != "none":
        inner = dict(_leaves("stack.batch_norm", stack.batch_norm))
        facts |= {path: value for path, value in inner.items() if not path.endswith(".kind")}
    return facts


def _by_kind(config: RunConfig) -> Facts:
    """The order of the layers, and each kind's hyperparameters over all its layers."""
    kinds = [layer.kind_name() for layer in config.layers]
    facts: Facts = {"layers": Fact(" → ".join(_counted(kinds)), False)}
    for kind in dict.fromkeys(kinds):
        leaves = [dict(_leaves(kind, x)) for x in config.layers if x.kind_name() == kind]
        for path in _paths(leaves):
            if path != f"{kind}.kind":
                facts[path] = _together([leaf.get(path) for leaf in leaves])
    return facts


def _together(facts: Sequence[Fact | None]) -> Fact:
    """The value that all layers share, or the list of them."""
    first = facts[0]
    if first is not None and len(set(facts)) == 1:
        return first
    return Fact(
        ", ".join(_counted(["–" if fact is None else str(fact.value) for fact in facts])), False
    )


def _counted(words: Sequence[str]) -> Iterator[str]:
    for word, group in groupby(words):
        n = len(list(group))
        yield f"{word} × {n}" if n > 1 else word


def widths(hidden: Sequence[int]) -> str:
    """Widths of hidden layers in short: `100 × 4`, or `100, 50 × 2`."""
    return ", ".join(_counted([str(units) for units in hidden])) or "–"


def _leaves(path: str, value: Any, usual: Any = None) -> Iterator[tuple[str, Fact]]:
    """The hyperparameters of a spec by their paths, its kind first."""
    if not isinstance(value, Spec):
        yield path, Fact(value, value == usual)
        return
    fields: Mapping[str, Any] = dict(value)
    for name in sorted(fields, key=lambda name: name != "kind"):
        default = type(value).model_fields[name].default
        yield from _leaves(f"{path}.{name}", fields[name], default)
