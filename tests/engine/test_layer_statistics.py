"""A declared statistic says what it is, and of what it is computed."""

from __future__ import annotations

from dataclasses import fields
from math import inf, nan

import pytest

from engine.layer_statistics import ARRAYS, NUMBERS, STATISTICS, Statistic, statistic
from engine.records import LayerStatistics


def test_every_statistic_is_recorded_and_says_what_it_is() -> None:
    recorded = [field.name for field in fields(LayerStatistics)]
    assert recorded == ["step", "layer", *(info.name for info in STATISTICS)]
    assert all(info.label and info.description.endswith(".") for info in STATISTICS)


@pytest.mark.parametrize("info", [s for s in STATISTICS if not s.on_device], ids=lambda s: s.name)
@pytest.mark.parametrize("value", [0.0, 1e308, inf, -inf, nan])
def test_a_diverging_run_is_recorded_whatever_its_numbers_are(
    info: Statistic, value: float
) -> None:
    found = info.measure(*(value for _ in info.of))
    assert found is None or isinstance(found, float)
    assert found is not None or not info.always


def test_what_is_summed_is_of_arrays_that_a_layer_may_have() -> None:
    assert set(NUMBERS.values()) <= set(ARRAYS)


@pytest.mark.parametrize("of", ["", "x", "out, out_mean"])
def test_a_function_of_something_else_is_refused_by_name(of: str) -> None:
    scope: dict[str, object] = {}
    exec(f"def strange({of}): pass", scope)
    with pytest.raises(TypeError, match="`strange` must be a function of arrays"):
        statistic("Strange", "It is strange.")(scope["strange"])  # type: ignore[arg-type]
