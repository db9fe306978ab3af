"""What a form holds: a configuration as people type it, and the way from one to the other and back.

The values of a form have the shape of a configuration's JSON, with one exception: the stack may be
described (`stack`, the fields of `Multilayer`) instead of written out (`layers`).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.architecture import Architecture, LayerInfo, describe, describe_stack
from engine.config import RunConfig
from engine.datasets import AnyDataset, DatasetInfo
from engine.errors import ConfigError, DataError, LayerlabError, Path, Problem
from engine.layers import Dense
from engine.stack import Multilayer

Values = Mapping[str, Any]
Inform = Callable[[AnyDataset], DatasetInfo]
"""Shapes and sizes of a data set; raises DataError where it cannot be read."""

PLACEHOLDER = 10
"""Outputs of a stack that is judged although its data set is not known yet."""


@dataclass(frozen=True)
class Draft:
    """What a form's values mean: a configuration and what it builds, or what is wrong with them."""

    data: Mapping[str, Any] = field(
        default_factory=dict
    )  # the configuration as plain data, as typed
    config: RunConfig | None = None
    architecture: Architecture | None = None
    fitting: tuple[LayerInfo, ...] = ()  # the layers up to the first that does not fit
    problems: tuple[Problem, ...] = ()
    error: LayerlabError | None = None  # not of one field: a data set that cannot be read

    @classmethod
    def read(cls, values: Values, inform: Inform) -> Draft:
        """The configuration that a form's values write; every broken rule at once."""
        data = {name: value for name, value in values.items() if name != "stack"}
        problems: list[Problem] = []
        if "stack" in values:
            outputs = outputs_of(info_of(values["dataset"], inform))
            data["layers"], problems = _described(values["stack"], outputs)
        try:
            config = RunConfig.parse(data)
        except ConfigError as error:
            return cls(data, problems=(*problems, *error.problems))
        return cls(data, problems=tuple(problems)) if problems else cls._built(data, config, inform)

    @classmethod
    def _built(cls, data: Mapping[str, Any], config: RunConfig, inform: Inform) -> Draft:
        try:
            info = inform(config.dataset)
        except LayerlabError as error:
            return cls(data, error=error)
        try:
            plan = describe(config, info)
        except ConfigError as error:
            return cls(data, fitting=_fitting(config, info, error), problems=error.problems)
        return cls(data, config, plan, plan.layers)


def values_of(config: RunConfig, inform: Inform) -> dict[str, Any]:
    """The form's values that write exactly this configuration."""
    values = config.model_dump(mode="json")
    layers = values.pop("layers")
    stack = Multilayer.read(config.layers)
    last = config.layers[-1]
    try:
        outputs = inform(config.dataset).outputs
    except DataError:
        outputs = None
    if stack is not None and isinstance(last, Dense) and last.units == outputs:
        return values | {"stack": stack.model_dump(mode="json")}
    return values | {"layers": layers}


def _fitting(config: RunConfig, info: DatasetInfo, error: ConfigError) -> tuple[LayerInfo, ...]:
    """The layers up to the first that an error is about."""
    path = error.problems[0].path
    if path[0] != "layers":
        return ()
    return describe_stack(config.layers[: int(path[1])], info.sample_shape)


def _described(stack: Values, outputs: int) -> tuple[list[Any], list[Problem]]:
    """The stack that a description writes; an acceptable one where the description is not."""
    try:
        described = Multilayer.parse(stack)
    except ConfigError as error:
        problems = [Problem(("stack", *p.path), p.rule) for p in error.problems]
        return [Dense(units=PLACEHOLDER).model_dump(mode="json")], problems
    return [layer.model_dump(mode="json") for layer in described.layers(outputs)], []


def info_of(dataset: Values, inform: Inform) -> DatasetInfo | None:
    """What is known of the data set that a form's values describe; None where it is not yet one."""
    try:
        probe = RunConfig.parse({"dataset": dataset, "layers": [{"kind": "dense"}]})
        return inform(probe.dataset)
    except (ConfigError, DataError):
        return None


def outputs_of(info: DatasetInfo | None) -> int:
    """How many outputs a data set asks for, as far as it can be told yet."""
    return PLACEHOLDER if info is None else info.outputs


def nearest_slot(path: Path, slots: Container[Path]) -> Path | None:
    """The field that a problem belongs to: its own, else the closest that holds it."""
    while path:
        if path in slots:
            return path
        path = path[:-1]
    return None
