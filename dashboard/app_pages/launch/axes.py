"""What a sweep varies, as the form has it, and the axes that it means.

Every field of the configuration can vary under its dotted name. So can the description of a stack
(`Multilayer`): whoever varies the initialization means that of all layers. Such rows become one
axis of whole stacks, every combination of what they hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from db.query.names import names
from engine.config import RunConfig
from engine.errors import ConfigError
from engine.messages import Message
from engine.spec import family, union_of
from engine.stack import Multilayer
from engine.sweeps.axes import AnyAxis, Choices
from engine.sweeps.text import axis_of

STACK = "stack."
DESCRIBED = ("stack.init", "stack.activation", "stack.position", "stack.hidden")


@dataclass(frozen=True)
class Row:
    """A field that varies: the words chosen where it holds one of a few, else what was typed."""

    name: str
    values: str | tuple[str, ...]

    @property
    def empty(self) -> bool:
        return not self.values or (isinstance(self.values, str) and not self.values.strip())

    @property
    def text(self) -> str:
        """The row as the command line has it."""
        held = self.values if isinstance(self.values, str) else ", ".join(self.values)
        return f"{self.name}={held}"


def fields_to_vary(config: RunConfig, *, described: bool) -> list[str]:
    """The names that a row may have, those that tell most first; the seed has its own field."""
    flat = [name for name in config.flat() if name != "seed"]
    first = ["optimizer.lr", "optimizer.kind", "batch_size", "epochs"]
    if not described:
        return [*first, *(name for name in flat if name not in first)]
    rest = [name for name in flat if name not in first and not name.startswith("layers.")]
    return [*DESCRIBED, *first, *rest]


def choices_of(name: str) -> tuple[str, ...]:
    """The words that a field holds one of; none where it holds anything else."""
    if name.startswith(STACK):
        field = Multilayer.model_fields[name.removeprefix(STACK)]
        union = union_of(field)
        if union is not None:
            return tuple(spec.kind_name() for spec in family(union))
    if name == "stack.position":
        return ("none", "before", "after")
    found = names().get(name)
    return found.choices if found is not None else ()


def axes_of(rows: Sequence[Row], stack: Mapping[str, Any] | None, outputs: int) -> list[AnyAxis]:
    """The axes that the rows mean; rows without values are not there yet. Raises ConfigError."""
    filled = [row for row in rows if not row.empty]
    described = [row for row in filled if row.name.startswith(STACK)]
    axes = [axis_of(row.text) for row in filled if row not in described]
    if described and stack is not None:
        axes.insert(0, _stacks(described, stack, outputs))
    return axes


def _stacks(rows: Sequence[Row], stack: Mapping[str, Any], outputs: int) -> Choices:
    """One axis of whole stacks: every combination of the rows' values."""
    fields = [row.name.removeprefix(STACK) for row in rows]
    if len(set(fields)) < len(fields):
        names = [row.name for row in rows]
        rule = Message("must vary each field once; got {names}", names=names)
        raise ConfigError.at(("axes",), rule)
    values = [[_part(row.name, value) for value in axis_of(row.text).grid()] for row in rows]
    stacks = [
        Multilayer.parse({**stack, **dict(zip(fields, point, strict=True))})
        for point in product(*values)
    ]
    written = [
        [layer.model_dump(mode="json") for layer in described.layers(outputs)]
        for described in stacks
    ]
    return Choices(name="layers", values=tuple(written))


def _part(name: str, value: Any) -> Any:
    """A kind by its name alone stands for all its defaults; one width for one hidden layer."""
    if name in ("stack.init", "stack.activation") and isinstance(value, str):
        return {"kind": value}
    return [value] if name == "stack.hidden" and isinstance(value, int) else value
