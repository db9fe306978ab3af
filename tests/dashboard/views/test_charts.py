"""Charts as pure functions of real records: what they encode, and what they never lose."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pytest

from dashboard.reads.columns import Columns, length, rows
from dashboard.views.charts import batch_norm as bn
from dashboard.views.charts import curves, histograms, layer_maps, layers, lines
from dashboard.views.charts.bins import columns_of, common_range
from dashboard.views.charts.channels import chase
from dashboard.views.charts.colors import depth_colors
from dashboard.views.charts.written import Chart, specification
from dashboard.views.compare.arms import ALONE, SEED, arms_of
from dashboard.views.compare.curves import Layout, arm_rows, curve_chart
from dashboard.views.report.files import image
from db.records import Status
from engine.analyses.inspection import BatchNormInspection, inspect_batch_norm
from engine.architecture import layer_names
from engine.config import RunConfig
from engine.initializers import Zeros
from engine.layer_statistics import STATISTICS
from engine.layers import ReLU
from engine.optimizers import SGD
from engine.records import Histogram, MemoryRecorder
from engine.stack import multilayer
from engine.training import train
from tests.dashboard.conftest import small
from tests.dashboard.records import metric_columns, run, statistic_columns

VALUE = lines.Value("Loss")


def trained(config: RunConfig) -> tuple[RunConfig, MemoryRecorder]:
    recorder = MemoryRecorder()
    train(config, recorder)
    return config, recorder


@pytest.fixture(scope="module")
def sound() -> tuple[RunConfig, MemoryRecorder]:
    return trained(small())


@pytest.fixture(scope="module")
def diverged() -> tuple[RunConfig, MemoryRecorder]:
    return trained(small(optimizer=SGD(lr=1000.0)))


@pytest.fixture(scope="module")
def inspected(sound: tuple[RunConfig, MemoryRecorder]) -> BatchNormInspection:
    config, recorder = sound
    return inspect_batch_norm(config, recorder.checkpoints[-1])


def metrics(recorder: MemoryRecorder) -> Columns:
    return metric_columns([m for record in recorder.records for m in record.metrics])


def statistics(recorder: MemoryRecorder) -> Columns:
    return statistic_columns([s for record in recorder.records for s in record.layers])


def points(values: list[float], line: str) -> Columns:
    """One point per step, each on the line of its letter."""
    step = np.arange(len(values))
    return {"step": step, "line": np.array(list(line)), "value": np.array(values)}


def recorded(recorder: MemoryRecorder) -> list[Histogram]:
    return [h for record in recorder.records for h in record.histograms]


def encodings(spec: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every encoded channel of a chart and its layers."""
    for layer in [spec, *spec.get("layer", [])]:
        for channel, encoding in layer.get("encoding", {}).items():
            for one in encoding if isinstance(encoding, list) else [encoding]:
                yield channel, one


def assert_sound(chart: Chart) -> dict[str, Any]:
    """A valid specification whose fields all have a type, with titled axes and tooltips."""
    spec = specification(chart)
    alt.Chart.from_dict(spec)  # raises where it is no Vega-Lite
    found = list(encodings(spec))
    fields = [one for channel, one in found if channel not in ("x2", "y2") and "field" in one]
    assert all("type" in one for one in fields)
    assert any(channel == "tooltip" for channel, _one in found)
    titles = [one.get("title") for channel, one in found if channel in ("x", "y")]
    assert any(isinstance(title, str) and title for title in titles)
    return dict(spec)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("score", ["loss", "accuracy"])
def test_a_learning_curve_tells_batch_training_and_validation_apart(
    score: curves.Score, dark: bool, sound: tuple[RunConfig, MemoryRecorder]
) -> None:
    chart = curves.learning_curve(metrics(sound[1]), score, last_step=16, dark=dark)
    spec = assert_sound(chart)
    color = next(one for channel, one in encodings(spec) if channel == "color")
    assert color["scale"]["domain"] == list(curves.split_names().values())
    assert len(set(color["scale"]["range"])) == 3


def test_the_specification_stays_while_the_data_grow(
    sound: tuple[RunConfig, MemoryRecorder],
) -> None:
    def spec(found: Columns) -> dict[str, Any]:
        drawn = specification(curves.learning_curve(found, "loss", last_step=100))
        drawn.pop("datasets", None)
        return _without_names(drawn)

    found = metrics(sound[1])
    assert spec(found) == spec(rows(found, np.arange(4))), "a live chart would flicker"


def _without_names(spec: Any) -> Any:
    """A specification without the names that Altair makes from the data."""
    if isinstance(spec, dict):
        dropped = ("name", "views") if "data" not in spec else ("views",)
        return {k: _without_names(v) for k, v in spec.items() if k not in (*dropped, "data")}
    return [_without_names(one) for one in spec] if isinstance(spec, list) else spec


def test_values_that_are_not_finite_are_marked_and_named() -> None:
    y = [1.0, 0.5, np.nan, np.inf, -np.inf]
    drawn = lines.prepared(points(y, "aaaaa"), VALUE)
    assert drawn["flaw"].tolist() == ["", "", "NaN", "∞", "−∞"]
    assert drawn["edge"].tolist() == ["", "", "top", "top", "bottom"]
    assert drawn["shown"].tolist()[:2] == [1.0, 0.5]
    assert np.isnan(drawn["shown"]).tolist() == [False, False, True, True, True]


def test_the_only_point_of_a_line_is_visible() -> None:
    y = [1.0, 2.0, 3.0, np.nan]
    assert lines.prepared(points(y, "aabb"), VALUE)["lone"].tolist() == [False, False, True, False]


def test_a_zero_on_a_logarithmic_axis_is_marked_at_its_foot() -> None:
    found = points([0.0, 2.0], "aa")
    drawn = lines.prepared(found, lines.Value("Norm", scale="log"))
    assert drawn["flaw"].tolist() == ["0", ""]
    assert drawn["edge"].tolist() == ["bottom", ""]
    assert lines.prepared(found, VALUE)["flaw"].tolist() == ["", ""]


def test_a_diverged_run_says_where_in_every_chart(
    diverged: tuple[RunConfig, MemoryRecorder],
) -> None:
    config, recorder = diverged
    step = recorder.records[-1].step
    names, marks = layer_names(config.layers), lines.own_divergence(step, dark=False)
    info = STATISTICS[1]
    rows = layers.of_statistic(statistics(recorder), info, names=names, steps_per_epoch=4)
    charts = [
        curves.learning_curve(
            metrics(recorder),
            "loss",
            log=True,
            divergences=lines.own_divergence(step, dark=False),
        ),
        layers.layer_lines(rows, info, names=names, log=True, divergences=marks),
        layer_maps.layer_map(rows, info, names=names, log=True, divergences=marks),
        histograms.density_map(columns_of(recorded(recorder)[:1]), "activation", divergences=marks),
    ]
    for chart in charts:
        texts = [layer["mark"].get("text") for layer in assert_sound(chart)["layer"]]
        assert f"diverged at step {step}" in texts


def test_smoothing_keeps_what_was_measured_in_sight(
    sound: tuple[RunConfig, MemoryRecorder],
) -> None:
    found = metrics(sound[1])
    spec = specification(curves.learning_curve(found, "loss", half_life=5))
    drawn = spec["data"]["values"]
    names = {row["line"] for row in drawn}
    batch = "Each batch (training mode)"
    assert {batch, f"{batch}, smoothed", "Training, smoothed", "Validation, smoothed"} <= names
    assert len(drawn) == length(found) + sum(found["split"] != "train")


def test_a_run_of_before_shows_its_epochs_means_where_new_ones_show_training_samples(
    sound: tuple[RunConfig, MemoryRecorder],
) -> None:
    """What the batches scored in training mode has its own name in both."""
    found = metrics(sound[1])
    before = {name: column[found["split"] != "train_sample"] for name, column in found.items()}
    means = "Mean of the epoch's batches (training mode)"
    for columns, usual in ((found, {"Training", means}), (before, {means})):
        spec = specification(curves.learning_curve(columns, "loss"))
        drawn = {row["line"] for row in spec["data"]["values"]}
        assert drawn == usual | {"Each batch (training mode)", "Validation"}


def test_ridges_over_steps_are_in_the_order_of_the_steps(
    sound: tuple[RunConfig, MemoryRecorder],
) -> None:
    found = [h for r in sound[1].records for h in r.histograms]
    own = [h for h in found if h.layer == 0 and h.quantity == "weight"]
    spec = histograms.step_ridges(columns_of(own[::-1]), "weight").to_dict()
    domain = spec["layer"][0]["encoding"]["color"]["scale"]["domain"]
    assert domain == [str(h.step) for h in own]


@pytest.mark.parametrize("info", STATISTICS, ids=lambda info: info.name)
@pytest.mark.parametrize("view", ["lines", "map"])
def test_every_statistic_is_drawn_for_the_layers_that_have_it(
    info: Any, view: str, sound: tuple[RunConfig, MemoryRecorder]
) -> None:
    config, recorder = sound
    names = layer_names(config.layers)
    rows = layers.of_statistic(statistics(recorder), info, names=names, steps_per_epoch=4)
    draw = layers.layer_lines if view == "lines" else layer_maps.layer_map
    spec = assert_sound(draw(rows, info, names=names, log=info.log))
    having = {
        names[s.layer]
        for record in recorder.records
        for s in record.layers
        if getattr(s, info.name) is not None
    }
    channel = "color" if view == "lines" else "y"
    shown = next(one for key, one in encodings(spec) if key == channel and "scale" in one)
    assert set(shown["scale"]["domain"]) == having


def strength(values: list[list[float]]) -> pd.DataFrame:
    """A statistic of layers (rows) at steps 1, 2, ..."""
    return pd.DataFrame(
        [(s + 1, i, 1, "ab"[i], v) for i, row in enumerate(values) for s, v in enumerate(row)],
        columns=["step", "layer", "epoch", "line", "value"],
    )


def test_a_map_of_values_that_span_much_is_logarithmic_and_leaves_nothing_out() -> None:
    """Signals that vanish: on a linear scale every map but one is the colour of nothing."""
    assert layer_maps.spans_widely([1e-6, 1.0])
    assert not layer_maps.spans_widely([0.1, 1.0])
    assert not layer_maps.spans_widely([-1.0, 1e-6, 1.0]), "what has a sign has no logarithm"
    info = layers.INFO["gradient_std"]
    rows = strength([[1e-6, 0.0, np.nan], [1.0, 0.5, np.inf]])
    spec = assert_sound(layer_maps.layer_map(rows, info, names=["a", "b"], log=True))
    fill = next(one for channel, one in encodings(spec) if channel == "fill")
    assert fill["scale"]["type"] == "log"
    assert fill["scale"]["domain"] == [1e-6, 1.0]
    drawn, flawed = (spec["datasets"][layer["data"]["name"]] for layer in spec["layer"][:2])
    assert [row["value"] for row in drawn if row["said"] == "0"] == [1e-6], "the lowest colour"
    assert {row["said"] for row in flawed} == {"NaN", "∞"}


def test_maps_side_by_side_share_their_colours_and_one_strip_says_what_they_mean() -> None:
    info = layers.INFO["gradient_std"]
    domain = layer_maps.map_domain([1e-6, 2.0, np.inf], info, log=True)
    maps = [
        layer_maps.layer_map(strength(v), info, names=["a", "b"], log=True, domain=domain)
        for v in ([[1e-6], [1e-5]], [[1.0], [2.0]])
    ]
    scales = [dict(encodings(assert_sound(m)))["fill"]["scale"] for m in maps]
    assert scales[0] == scales[1]
    strip = assert_sound(layer_maps.scale_strip(info, domain, log=True, dark=False))
    assert dict(encodings(strip))["fill"]["scale"] == scales[0]
    ticks = dict(encodings(strip))["x"]["axis"]["values"]
    assert all(np.log10(tick) == round(np.log10(tick)) for tick in ticks), "clean decades"


def test_nan_is_a_value_and_none_is_not() -> None:
    found = {
        "step": np.array([1, 1]),
        "layer": np.array([0, 1]),
        "dead": np.array([float("nan"), None], object),
    }
    info = next(i for i in STATISTICS if i.name == "dead")
    rows = layers.of_statistic(found, info, names=["a", "b"], steps_per_epoch=1)
    assert rows["line"].tolist() == ["a"]


def test_a_network_that_cannot_learn_is_drawn_all_the_same() -> None:
    stack = multilayer([8, 8], 10, activation=ReLU(), init=Zeros())
    config, recorder = trained(small(layers=stack, epochs=1))
    names = layer_names(config.layers)
    for info in STATISTICS:
        rows = layers.of_statistic(statistics(recorder), info, names=names, steps_per_epoch=4)
        assert_sound(layers.layer_lines(rows, info, names=names, log=info.log))
        assert_sound(layer_maps.layer_map(rows, info, names=names, log=info.log))
    assert_sound(histograms.ridges(columns_of(recorded(recorder)[:5]), "activation", names=names))


@pytest.mark.parametrize("quantity", ["activation", "gradient", "weight"])
def test_ridges_hold_nearly_every_value(
    quantity: Any, sound: tuple[RunConfig, MemoryRecorder]
) -> None:
    config, recorder = sound
    names = layer_names(config.layers)
    last = [h for h in recorded(recorder) if h.quantity == quantity and h.step == 16]
    assert last
    assert_sound(histograms.ridges(columns_of(last), quantity, names=names))
    low, high = common_range(columns_of(last)) or (0, 0)
    for histogram in last:
        centres = np.linspace(histogram.low, histogram.high, len(histogram.counts))
        inside = histogram.counts[(centres >= low) & (centres <= high)].sum()
        assert inside >= 0.99 * histogram.counts.sum()


def test_histograms_of_nothing_finite_or_of_one_value_are_drawn() -> None:
    counts = np.zeros(40, dtype=np.uint32)
    full = counts.copy()
    full[-1] = 100
    found = [
        Histogram(1, 0, "activation", float("nan"), float("nan"), counts),
        Histogram(1, 1, "activation", 0.0, 0.0, full),
        Histogram(1, 2, "activation", -np.inf, np.inf, counts),
    ]
    assert_sound(histograms.ridges(columns_of(found), "activation", names=["a", "b", "c"]))
    nothing = columns_of(found[:1])
    assert_sound(histograms.density_map(nothing, "activation"))
    assert common_range(nothing) is None


def test_depth_has_an_order_and_no_colour_twice() -> None:
    for dark in (False, True):
        assert len(set(depth_colors(60, dark=dark))) == 60
    assert depth_colors(1, dark=False) == [depth_colors(5, dark=False)[0]]


def test_compared_curves_share_an_axis_and_name_each_run(
    sound: tuple[RunConfig, MemoryRecorder], diverged: tuple[RunConfig, MemoryRecorder]
) -> None:
    found = {1: metrics(sound[1]), 2: metrics(diverged[1])}
    arms = arms_of([run(1, "a"), run(2, "b", Status.DIVERGED)], ALONE)
    rows = arm_rows(arms, found, "loss", "batch", Layout())
    chart = curve_chart(arms, rows, "loss", Layout(), legend=True, dark=True)
    spec = assert_sound(chart)
    color = next(one for channel, one in encodings(spec) if channel == "color")
    assert color["scale"]["domain"] == ["#1 a", "#2 b"]
    y = next(one for channel, one in encodings(spec) if channel == "y")
    low, high = y["scale"]["domain"]
    assert high < found[1]["loss"].max() * 2, "the one that diverged flattens nothing"
    assert low < found[1]["loss"].min()


def test_curves_can_be_smoothed_timed_and_zoomed_and_keep_what_was_measured(
    sound: tuple[RunConfig, MemoryRecorder],
) -> None:
    found = {1: metrics(sound[1]), 2: metrics(sound[1])}
    arms = arms_of([run(1, "a"), run(2, "b")], ALONE)
    layout = Layout("time", half_life=4, x=(None, 5.0), loss=(0.0, 9.0))
    clocks = {i: ([0, 16], [0.0, 8.0 * i]) for i in found}
    rows = arm_rows(arms, found, "loss", "batch", layout, clocks)
    assert rows[0]["at"].max() == pytest.approx(8.0)
    assert rows[1]["at"].max() == pytest.approx(16.0)
    assert rows[0]["raw"].tolist() == found[1]["loss"][found[1]["split"] == "batch"].tolist()
    assert rows[0]["value"].std() < rows[0]["raw"].std()
    spec = assert_sound(curve_chart(arms, rows, "loss", layout, legend=True, dark=False))
    scales = [(channel, one["scale"]) for channel, one in encodings(spec) if one.get("scale")]
    assert ("x", [0, 5.0]) in [(c, s.get("domain")) for c, s in scales]
    assert ("y", [0.0, 9.0]) in [(c, s.get("domain")) for c, s in scales]
    assert [param["name"] for param in spec["params"]] == ["zoom"]
    drawn = curve_chart(arms, rows, "loss", layout, legend=True, dark=False)
    assert b"<svg" in image(drawn, "svg")[:200], "Vega draws it: no selection loses another"
    log = Layout(log=True, loss=(-1.0, 9.0))
    spec = assert_sound(curve_chart(arms, rows, "loss", log, legend=True, dark=False))
    y = next(one for channel, one in encodings(spec) if channel == "y")
    assert y["scale"]["domain"][0] > 0, "a logarithmic axis has no place for -1"


def test_a_band_reaches_nowhere_where_no_value_can_be() -> None:
    """A loss of 0.1 with a deviation of 0.2 is not sometimes below 0."""
    step = np.array([1, 2])

    def measured(loss: float, accuracy: float) -> Columns:
        own = {"step": step, "epoch": step, "split": np.array(["validation"] * 2)}
        return {**own, "loss": np.full(2, loss), "accuracy": np.full(2, accuracy)}

    configs = [small(seed=seed) for seed in (0, 1)]
    arms = arms_of([run(i + 1, config=config) for i, config in enumerate(configs)], SEED)
    found = {1: measured(0.01, 1.0), 2: measured(0.9, 0.6)}
    loss = arm_rows(arms, found, "loss", "validation", Layout())[0]
    accuracy = arm_rows(arms, found, "accuracy", "validation", Layout())[0]
    assert loss["low"].min() == 0
    assert accuracy["high"].max() == 1


def test_no_channel_is_a_bare_text_or_value() -> None:
    """Altair takes milliseconds to find out what such a channel is, a hundred times as long as for
    one that says it: `x2=alt.X2("high:Q")`."""
    for file in Path(lines.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "encode":
                bare = [k.arg for k in node.keywords if isinstance(k.value, ast.Constant)]
                assert not bare, f"{file.name}:{node.lineno} encodes {bare}"


def test_a_logarithmic_axis_has_clean_decades() -> None:
    assert lines.round_values(1e-5, 1.0) == pytest.approx([1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0])
    assert lines.round_values(0.2, 3.0) == pytest.approx([0.2, 0.5, 1.0, 2.0])
    axis = lines.Value("Loss", scale="log").axis("shown")["axis"]
    assert all(np.log10(tick) == pytest.approx(round(np.log10(tick))) for tick in axis["values"])


def test_the_first_running_variance_flattens_no_path() -> None:
    """It is 1, wherever those of the batches lie; a running mean may begin where they are."""
    states: Columns = {
        "step": np.arange(4),
        "batch_var": np.full((4, 1), 0.01),
        "running_var": np.array([[1.0], [0.5], [0.2], [0.1]]),
        "batch_mean": np.full((4, 1), -2.0),
        "running_mean": np.array([[0.0], [-1.0], [-1.5], [-1.8]]),
    }
    scales = {}
    for moment, population in (("var", 0.01), ("mean", -2.0)):
        chart = chase(states, moment, channel=0, population=population, last_step=4)  # type: ignore[arg-type]
        y = dict(encodings(assert_sound(chart)))["y"]
        scales[moment] = y["scale"]["type"]
        low, high = y["scale"]["domain"]
        assert low < population < high
    assert scales == {"var": "log", "mean": "linear"}


def test_what_a_cross_means_is_said_where_there_is_one() -> None:
    def title(values: list[float], scale: lines.Scale) -> str:
        value = lines.Value("Loss", scale=scale)
        line = [lines.Line("a", "#123456")]
        chart = lines.line_chart(points(values, "aa"), lines=line, value=value, legend=None)
        return str(assert_sound(chart).get("title", {}).get("text", ""))

    assert title([1.0, 2.0], "linear") == ""
    assert title([1.0, np.nan], "linear") == "✕ on an edge: not a number, or infinite"
    assert title([1.0, 0.0], "log").endswith("or not above 0")


def test_a_common_axis_holds_every_finite_value() -> None:
    values = [1.0, 3.0, np.nan, np.inf, 0.0]
    low, high = lines.common_domain(values, "linear") or (9, -9)
    assert low < 0 < 3 < high
    low, high = lines.common_domain(values, "log") or (9, -9)
    assert 0 < low < 1 < 3 < high
    assert lines.common_domain([np.nan], "linear") is None


def test_batch_norm_charts_put_the_worst_channel_first(inspected: BatchNormInspection) -> None:
    layer = inspected.layers[0]
    frame = bn.channels_frame(layer, None)
    worst = bn.furthest(frame, "mean", 3)
    assert worst["mean_gap"].is_monotonic_decreasing
    assert worst["channel"].iloc[0] == int(layer.mean_gap.argmax())
    for moment in ("mean", "var"):
        assert_sound(bn.dots(frame, moment))
        assert_sound(bn.agreement(frame, moment))
    assert_sound(bn.gaps_by_layer(inspected))
    rows = next(one for c, one in encodings(bn.dots(frame, "mean").to_dict()) if c == "y")
    assert rows["sort"][0] == str(int(layer.mean_gap.argmax()))


def test_a_variance_ratio_is_far_off_in_either_direction() -> None:
    frame = pd.DataFrame({"var_ratio": [1.0, 4.0, 0.1], "channel": [0, 1, 2]})
    assert bn.furthest(frame, "var", 3)["channel"].tolist() == [2, 1, 0]
