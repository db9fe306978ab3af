"""Every spec there is, where it stands in a run's configuration, and random valid configurations.

All of it is read from the specs' own declarations, so a new kind is covered by being registered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, nextafter
from typing import Annotated, Any, Literal, get_args, get_origin

from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from engine.config import RunConfig
from engine.spec import Spec, specs_in

Path = tuple[str | int, ...]
Data = dict[str, Any]
EDGES = ("ge", "gt", "le", "lt")


@dataclass(frozen=True)
class Place:
    """A spec, and where it stands in `Place.config(...)`: the path to it."""

    spec: type[Spec]
    path: Path
    parents: tuple[type[Spec], ...] = ()

    def config(self, **values: Any) -> Data:
        """A configuration that holds the spec here with these values, all else at its default."""
        data = minimal(self.spec) | values
        for parent, part in zip(reversed(self.parents), reversed(self._fields()), strict=True):
            holder = minimal(parent)
            holder[part] = [data] if is_list(parent.model_fields[part]) else data
            data = holder
        return data

    def _fields(self) -> list[str]:
        return [part for part in self.path if isinstance(part, str)]


def minimal(spec: type[Spec]) -> Data:
    """The least data that makes a valid spec."""
    data: Data = {"kind": spec.kind_name()} if "kind" in spec.model_fields else {}
    return data | ({"layers": [{"kind": "dense"}]} if spec is RunConfig else {})


def places(spec: type[Spec] = RunConfig, at: Place | None = None) -> Iterator[Place]:
    """Every spec that a configuration may hold, a place for each, from the outside in."""
    here = at or Place(spec, ())
    yield here
    for name, field in spec.model_fields.items():
        path = (*here.path, name, 0) if is_list(field) else (*here.path, name)
        for inner in specs_in(field):
            yield from places(inner, Place(inner, path, (*here.parents, spec)))


PATHS = ("folder", "file", "test_file")
"""Fields that name something below the data directory."""


def is_list(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is tuple


def bounds(field: FieldInfo) -> dict[str, float]:
    """The bounds of a number: some of `ge`, `gt`, `le`, `lt`."""
    return {e: getattr(m, e) for m in field.metadata for e in EDGES if hasattr(m, e)}


def hyperparameters(spec: type[Spec]) -> dict[str, FieldInfo]:
    """The fields that hold plain values."""
    fields = spec.model_fields.items()
    return {name: f for name, f in fields if name != "kind" and not specs_in(f)}


def specs(spec: type[Spec]) -> st.SearchStrategy[Data]:
    """Random valid data for a spec; fields with a default are sometimes left out."""
    required = {
        name: values(spec, name) for name, f in spec.model_fields.items() if f.is_required()
    }
    optional = {name: values(spec, name) for name in spec.model_fields if name not in required}
    if "kind" in optional:
        required["kind"] = optional.pop("kind")
    return st.fixed_dictionaries(required, optional=optional)


def values(spec: type[Spec], name: str) -> st.SearchStrategy[Any]:
    """Random valid values of one field."""
    field = spec.model_fields[name]
    if name == "kind":
        return st.just(spec.kind_name())
    if name in PATHS:
        return st.sampled_from(["mnist", "a/b", "手書き"])
    if name == "content":
        return st.sampled_from(["", "0123456789abcdef" * 4])
    if name in ("target", "leave_out", "weights", "prefix"):
        return st.text(max_size=20)
    if name == "class_weights":
        return st.sampled_from(["none", "balanced", "1, 5, 0.5"])
    if name == "shape":
        return st.lists(st.integers(1, 4_096), min_size=1, max_size=3)
    if inner := specs_in(field):
        one = st.one_of([st.deferred(lambda s=s: specs(s)) for s in inner])
        return st.lists(one, min_size=1, max_size=4) if is_list(field) else one
    return plain(field.annotation, bounds(field))


def plain(annotation: Any, limits: dict[str, float]) -> st.SearchStrategy[Any]:
    """Random values of a plain type within bounds."""
    if get_origin(annotation) is Annotated:
        return plain(get_args(annotation)[0], limits)
    if get_origin(annotation) is Literal:
        return st.sampled_from(get_args(annotation))
    if annotation is bool:
        return st.booleans()
    if annotation is int:
        return st.integers(limits.get("ge", -1000), limits.get("le", 1000))
    if annotation is float:
        return st.floats(
            limits.get("ge", limits.get("gt", -1e6)),
            limits.get("le", limits.get("lt", 1e6)),
            exclude_min="gt" in limits,
            exclude_max="lt" in limits,
        )
    arms = get_args(annotation)
    if type(None) in arms:
        given = [plain(arm, limits) for arm in arms if arm is not type(None)]
        return st.one_of(st.none(), *given)
    raise NotImplementedError(f"no strategy for {annotation}: add one here")


def just_beyond(edge: str, limit: float, *, whole: bool) -> float:
    """The nearest number that breaks a bound."""
    if edge in ("gt", "lt"):
        return limit
    if whole:
        return limit - 1 if edge == "ge" else limit + 1
    return nextafter(limit, -inf if edge == "ge" else inf)


def just_within(edge: str, limit: float, *, whole: bool) -> float:
    """The furthest number that keeps a bound."""
    if edge in ("ge", "le"):
        return limit
    if whole:
        return limit + 1 if edge == "gt" else limit - 1
    return nextafter(limit, inf if edge == "gt" else -inf)
