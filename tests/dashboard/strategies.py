"""Any spec, drawn from its own declaration."""

from __future__ import annotations

from types import NoneType
from typing import Any, Literal, get_args, get_origin

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from engine.config import RunConfig
from engine.datasets import DatasetInfo, Diabetes, Digits, OpenML
from engine.layers import AnyLayer, Dense, Flatten, LayerSpec, Shape
from engine.losses import LossSpec, MeanSquaredError
from engine.spec import Spec, family, union_of
from engine.stack import Multilayer

WIDEST = 64  # keeps what is drawn small

relaxed = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


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
    if isinstance(info.annotation, type) and issubclass(info.annotation, Spec):
        return specs(info.annotation)
    if get_origin(info.annotation) is Literal:
        return st.sampled_from(get_args(info.annotation))
    if get_origin(info.annotation) is tuple:
        return st.lists(st.integers(1, WIDEST), max_size=4).map(tuple)
    kinds = set(get_args(info.annotation)) or {info.annotation}
    optional = [st.none()] if NoneType in kinds else []
    if bool in kinds:
        return st.one_of(*optional, st.booleans())
    if int in kinds:
        return st.one_of(*optional, st.integers(*_bounds(info, 1, WIDEST)))
    if float in kinds:
        number = st.floats(
            *_bounds(info, 1e-30, 1e3),
            exclude_min=_declared(info, "gt") is not None,
            exclude_max=_declared(info, "lt") is not None,
        )
        return st.one_of(*optional, number)
    if info.default == "none":  # class weights
        return st.sampled_from(["none", "balanced", "1, 5, 0.5"])
    return st.sampled_from(["mnist", "fashion/mnist", "数字"])


def _bounds(info: FieldInfo, low: float, high: float) -> tuple[Any, Any]:
    lower, upper = _declared(info, "ge", "gt"), _declared(info, "le", "lt")
    return (low if lower is None else lower), (high if upper is None else upper)


def _declared(info: FieldInfo, *names: str) -> Any:
    found = [getattr(m, n) for m in info.metadata for n in names if getattr(m, n, None) is not None]
    return found[0] if found else None


stacks = specs(Multilayer).map(lambda described: described.layers(10))

KNOWN = (Digits, Diabetes, OpenML)
"""Data sets whose shape is known at once: images, a table, and those that are fetched."""


def _keeps(layer: LayerSpec, shape: Shape) -> Shape | None:
    """What a layer makes of a shape, where it takes it."""
    try:
        return layer.output_shape(shape)
    except ValueError:
        return None


@st.composite
def free_stacks(draw: st.DrawFn, info: DatasetInfo) -> tuple[LayerSpec, ...]:
    """Layers of any kind, each of which takes what the one before gives."""
    shape, layers = info.sample_shape, []
    for layer in draw(st.lists(members(AnyLayer), max_size=6)):
        if (output := _keeps(layer, shape)) is not None:
            layers.append(layer)
            shape = output
    flatten = [Flatten()] if len(shape) > 1 else []
    return (*layers, *flatten, Dense(units=info.outputs))


@st.composite
def configs(draw: st.DrawFn) -> RunConfig:
    """Any configuration that could train."""
    dataset = draw(st.one_of([specs(kind) for kind in KNOWN]))
    info = dataset.info()
    described = specs(Multilayer).map(lambda stack: stack.layers(info.outputs))
    flat = len(info.sample_shape) == 1
    layers = st.one_of(described, free_stacks(info)) if flat else free_stacks(info)
    losses = [specs(MeanSquaredError), *([] if info.classes is None else [members(LossSpec)])]
    given = {"dataset": st.just(dataset), "layers": layers, "loss": st.one_of(losses)}
    fields = {name: values(field) for name, field in RunConfig.model_fields.items()}
    config = draw(st.builds(RunConfig, **(fields | given)))
    fits = config.batch_size <= info.train_samples  # else nothing would be left to train on
    return config if fits else config.model_copy(update={"drop_last": False})
