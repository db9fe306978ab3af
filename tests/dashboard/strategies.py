"""Any spec, drawn from its own declaration."""

from __future__ import annotations

from types import NoneType
from typing import Any, Literal, get_args, get_origin

from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from engine.config import RecordSpec, RunConfig
from engine.datasets import Digits
from engine.layers import AnyLayer, Dense
from engine.optimizers import OptimizerSpec
from engine.scaling import ScalingSpec
from engine.spec import Spec, family, union_of
from engine.stack import Multilayer

WIDEST = 64  # keeps what is drawn small


def specs(spec: type[Spec]) -> st.SearchStrategy[Any]:
    """Any valid spec of a class."""
    drawn = {name: values(info) for name, info in spec.model_fields.items() if name != "kind"}
    return st.builds(spec, **drawn)


def members(union: Any) -> st.SearchStrategy[Any]:
    """Any valid member of a union of specs."""
    return st.one_of([specs(spec) for spec in family(union)])


def values(info: FieldInfo) -> st.SearchStrategy[Any]:
    """Any valid value of a field."""
    union = union_of(info)
    if union is not None:
        return members(union)
    if get_origin(info.annotation) is Literal:
        return st.sampled_from(get_args(info.annotation))
    if get_origin(info.annotation) is tuple:
        return st.lists(st.integers(1, WIDEST), max_size=4).map(tuple)
    kinds = set(get_args(info.annotation)) or {info.annotation}
    optional = [st.none()] if NoneType in kinds else []
    if bool in kinds:
        return st.booleans()
    if int in kinds:
        return st.one_of(*optional, st.integers(*_bounds(info, 1, WIDEST)))
    if float in kinds:
        return st.floats(
            *_bounds(info, 1e-30, 1e3),
            exclude_min=_declared(info, "gt") is not None,
            exclude_max=_declared(info, "lt") is not None,
        )
    return st.sampled_from(["mnist", "fashion/mnist", "数字"])


def _bounds(info: FieldInfo, low: float, high: float) -> tuple[Any, Any]:
    lower, upper = _declared(info, "ge", "gt"), _declared(info, "le", "lt")
    return (low if lower is None else lower), (high if upper is None else upper)


def _declared(info: FieldInfo, *names: str) -> Any:
    found = [getattr(m, n) for m in info.metadata for n in names if getattr(m, n, None) is not None]
    return found[0] if found else None


stacks = specs(Multilayer).map(lambda described: described.layers(10))
free_stacks = st.lists(members(AnyLayer), max_size=6).map(lambda ls: (*ls, Dense(units=10)))

configs = st.builds(
    RunConfig,
    dataset=specs(Digits),
    scaling=members(ScalingSpec),
    layers=st.one_of(stacks, free_stacks),
    optimizer=members(OptimizerSpec),
    batch_size=st.integers(1, 500),
    epochs=st.integers(1, 100),
    seed=st.integers(0, 2**31 - 1),
    dtype=st.sampled_from(["float32", "float64"]),
    backend=st.sampled_from(["auto", "numpy", "cupy"]),
    record=specs(RecordSpec),
)
