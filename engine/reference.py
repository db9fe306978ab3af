"""The reference page, from what is declared: `python -m engine.reference > docs/reference.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, get_args

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from engine.config import RunConfig
from engine.layer_statistics import STATISTICS
from engine.spec import Spec, extra, specs_in
from engine.sweeps.config import SweepConfig

_BOUNDS = {
    "ge": "≥",
    "gt": ">",
    "le": "≤",
    "lt": "<",
    "min_length": "length ≥",
    "max_length": "length ≤",
}


def reference() -> str:
    """Every field of a run and of a sweep: what it means, its values, its default."""
    head = [
        "# Reference: the configuration of runs and sweeps, and what is recorded of layers",
        "",
        "Generated from the specs by `python -m engine.reference`; do not edit. `layerlab config`"
        " prints a whole configuration; `--set NAME=VALUE` changes a field of it, such as"
        " `--set optimizer.lr=0.1`.",
        "",
    ]
    seen: set[type[Spec]] = {RunConfig, SweepConfig}
    chapters = [*_chapters(RunConfig, seen), *_chapters(SweepConfig, seen), *_statistics()]
    return "\n".join([*head, *chapters]).rstrip() + "\n"


def _chapters(whole: type[Spec], seen: set[type[Spec]]) -> Iterator[str]:
    """What a document holds; then a chapter a field that holds specs, a section a spec, once."""
    yield from _section(whole.title(), whole, level=2)
    waiting = [(name, field) for name, field in whole.model_fields.items()]
    while waiting:
        name, field = waiting.pop(0)
        fresh = [spec for spec in specs_in(field) if spec not in seen]
        if not fresh:
            continue
        seen.update(fresh)
        yield f"## `{name}`"
        yield ""
        for spec in fresh:
            yield from _section(_heading(spec), spec, level=3)
            waiting += [(inner, f) for inner, f in spec.model_fields.items() if inner != "kind"]


def _statistics() -> Iterator[str]:
    """What is recorded of every layer."""
    yield "## Statistics of layers"
    yield ""
    yield (
        "What is recorded of every layer (`record`): `layerlab series layers` and"
        " `store.frames.layers` give a row per run, step and layer. A value is missing where a"
        " statistic does not apply to the layer."
    )
    yield ""
    yield "| column | name | meaning |"
    yield "|---|---|---|"
    yield from (f"| `{s.name}` | {s.label} | {s.description} |" for s in STATISTICS)
    yield ""


def _heading(spec: type[Spec]) -> str:
    return f"{spec.title()}: `{spec.kind_name()}`" if "kind" in spec.model_fields else spec.title()


def _section(heading: str, spec: type[Spec], *, level: int) -> Iterator[str]:
    yield f"{'#' * level} {heading}"
    yield ""
    yield spec.summary()
    yield ""
    fields = {name: field for name, field in spec.model_fields.items() if name != "kind"}
    if fields:
        yield "| field | meaning | values | default |"
        yield "|---|---|---|---|"
        yield from (_row(name, field) for name, field in fields.items())
        yield ""


def _row(name: str, field: FieldInfo) -> str:
    symbol, unit = extra(field, "symbol"), extra(field, "unit")
    meaning = f"{symbol}: {field.description}" if symbol else f"{field.description}"
    cells = [f"`{name}`", meaning, _values(field, unit), _default(field)]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _values(field: FieldInfo, unit: str | None) -> str:
    specs = specs_in(field)
    if specs:
        named = [f"`{spec.kind_name()}`" for spec in specs if "kind" in spec.model_fields]
        return ", ".join(named) or specs[0].title()
    choices = [value for value in get_args(field.annotation) if isinstance(value, str)]
    if choices:
        return ", ".join(f"`{value}`" for value in choices)
    words = [_type(field.annotation), *_bounds(field), unit or ""]
    return " ".join(filter(None, words))


def _type(annotation: Any) -> str:
    names = {int: "whole number", float: "number", bool: "true or false", str: "text"}
    arms = [arm for arm in get_args(annotation) if arm in names]
    name = names.get(annotation) or (names[arms[0]] if arms else "list")
    return f"{name} or empty" if type(None) in get_args(annotation) else name


def _bounds(field: FieldInfo) -> Iterator[str]:
    for rule in field.metadata:
        for key, sign in _BOUNDS.items():
            if (bound := getattr(rule, key, None)) is not None:
                yield f"{sign} {bound:,}" if isinstance(bound, int) else f"{sign} {bound:g}"


def _default(field: FieldInfo) -> str:
    default = field.default
    if default is PydanticUndefined:
        return "required"
    if isinstance(default, Spec):
        return f"`{default.kind_name()}`" if "kind" in type(default).model_fields else "its own"
    if default is None or default == "":
        return "empty"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


if __name__ == "__main__":
    sys.stdout.write(reference())
