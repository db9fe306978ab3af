"""What training wrote comes back as written, once, and its summary is right after any replay."""

from __future__ import annotations

from dataclasses import fields, replace
from math import inf, isfinite, nan
from statistics import fmean
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.records import Heartbeat, Scores
from db.store import Store
from engine.analyses.replay import joined
from engine.messages import Message
from engine.records import BatchNormState, BatchStatistics, Histogram, Metric, StepRecord
from tests.db.build import LEASE, QUANTITIES, record, running


def everything(store: Store, run_id: int) -> list[Any]:
    """All that is kept of a run, in a form that compares NaN and arrays by what they hold."""
    records: list[Any] = [*store.history.metrics([run_id])[run_id], *store.history.layers(run_id)]
    for quantity in QUANTITIES:
        records += store.history.histograms(run_id, quantity=quantity)
    records += store.history.batch_norms(run_id)
    records += store.history.batch_statistics(run_id)
    return [tuple(_plain(getattr(r, f.name)) for f in fields(r)) for r in records]


def _plain(value: Any) -> Any:
    return value.tobytes() if isinstance(value, np.ndarray) else repr(value)


def test_a_step_comes_back_as_it_was_written(store: Store) -> None:
    run_id = running(store).id
    written = record(5)
    beat = store.history.append(run_id, 1, [written], lease=LEASE)
    assert beat == Heartbeat(alive=True)
    assert store.history.metrics([run_id]) == {run_id: list(written.metrics)}
    assert repr(store.history.layers(run_id)) == repr(list(written.layers))
    for quantity in QUANTITIES:
        kept = store.history.histograms(run_id, quantity=quantity)
        meant = [h for h in written.histograms if h.quantity == quantity]
        for found, expected in zip(kept, meant, strict=True):
            assert (found.step, found.layer, found.low, found.high) == (5, expected.layer, -1, 1)
            np.testing.assert_array_equal(found.counts, expected.counts)
            assert found.counts.dtype == np.uint32
    for field in fields(written.batch_norms[0])[2:]:
        found = getattr(store.history.batch_norms(run_id)[0], field.name)
        np.testing.assert_allclose(found, getattr(written.batch_norms[0], field.name), rtol=2**-16)
    run = store.runs.get(run_id)
    assert run is not None
    assert run.step == 5


def test_columns_hold_what_the_records_do(store: Store) -> None:
    """Charts are drawn from columns: NaN was measured, None does not apply, no accuracy is NaN."""
    run_id = running(store).id
    unlabelled = replace(record(4), metrics=(Metric(4, 1, "batch", nan, None),))
    store.history.append(run_id, 1, [unlabelled, record(8)], lease=LEASE)
    metrics, layers = store.history.metrics([run_id])[run_id], store.history.layers(run_id)
    found = store.history.metric_columns(run_id)
    assert np.isnan([found["loss"][0], found["accuracy"][0]]).all()
    for name, values in found.items():
        meant = np.array([getattr(metric, name) for metric in metrics], values.dtype)
        np.testing.assert_array_equal(values, meant)
    for name, values in store.history.layer_columns(run_id).items():
        assert repr(values.tolist()) == repr([getattr(own, name) for own in layers])
    later = store.history.layer_columns(run_id, after_step=4)
    assert set(later["step"]) == {8}
    nothing = store.history.metric_columns(run_id, after_step=8)
    assert list(nothing) == list(found)
    assert not len(nothing["step"])


def test_reads_can_be_narrowed_and_continued(store: Store) -> None:
    run_id, other = running(store).id, running(store).id
    store.history.append(run_id, 1, [record(step) for step in range(12)], lease=LEASE)
    store.history.append(other, 1, [record(3)], lease=LEASE)
    history = store.history
    found = history.metrics([other, run_id, 999], splits=["validation"], after_step=4)
    assert {key: [m.step for m in metrics] for key, metrics in found.items()} == {
        other: [],
        run_id: [5, 10],
        999: [],
    }
    steps = [m.step for m in history.metrics([run_id])[run_id]]
    assert steps == sorted(steps)
    assert len(steps) == 12 + 2 * 3
    assert [(s.step, s.layer) for s in history.layers(run_id, after_step=9)] == [
        (10, 0),
        (10, 1),
        (11, 0),
        (11, 1),
    ]
    assert history.recorded_steps(run_id) == history.histogram_steps(run_id) == list(range(12))
    some = history.histograms(run_id, quantity="weight", steps=[2, 7], layers=[1])
    assert [(h.step, h.layer, h.quantity) for h in some] == [(2, 1, "weight"), (7, 1, "weight")]
    assert [b.step for b in history.batch_norms(run_id, layer=1, after_step=8)] == [9, 10, 11]
    assert [b.step for b in history.batch_norms(run_id, layer=1, steps=[3, 7, 99])] == [3, 7]
    assert history.batch_norms(run_id, layer=0) == []
    assert [b.first_step for b in history.batch_statistics(run_id, layer=1)] == list(range(1, 12))
    assert history.batch_statistics(run_id, layer=0) == []


def test_a_layer_comes_as_columns_with_what_its_records_have(store: Store) -> None:
    run_id = running(store).id
    for steps in ((1, 2, 3), (4,), (5, 6)):  # as many blocks
        store.history.append(run_id, 1, [record(step) for step in steps], lease=LEASE)
    columns, states = store.history.batch_norm_columns(run_id, 1), store.history.batch_norms(run_id)
    assert columns["layer"].tolist() == [1] * 6
    for name in (field.name for field in fields(BatchNormState)):
        np.testing.assert_array_equal(columns[name], [getattr(state, name) for state in states])
    nothing = store.history.batch_norm_columns(run_id, 0)
    assert {name: len(values) for name, values in nothing.items()} == dict.fromkeys(columns, 0)


def test_distributions_come_as_columns_with_bins_where_their_records_have_them(
    store: Store,
) -> None:
    """Also where a program of another number of bins went on with a run."""
    run_id = running(store).id
    fine = Histogram(2, 0, "weight", 0.0, 4.0, np.ones(16, np.uint32))
    coarse = [h for h in record(2).histograms if (h.layer, h.quantity) != (0, "weight")]
    second = replace(record(2), histograms=(fine, *coarse))
    for each in (record(1), second):
        store.history.append(run_id, 1, [each], lease=LEASE)
    found = store.history.histogram_columns(run_id, quantity="weight")
    places = list(zip(found["step"].tolist(), found["layer"].tolist(), strict=True))
    assert places == [(1, 0), (1, 1), (2, 0), (2, 1)]
    coarsely = [[*range(step, step + 8), *[0] * 8] for step in (1, 1, 2)]
    assert found["counts"].tolist() == [*coarsely[:2], [1] * 16, coarsely[2]]
    assert (found["low"].tolist(), found["high"].tolist()) == ([-1, -1, 0, -1], [3, 3, 4, 3])
    some = store.history.histogram_columns(run_id, quantity="weight", steps=[1], layers=[1])
    assert (some["step"].tolist(), some["high"].tolist()) == ([1], [1])
    store.history.append(run_id, 1, [record(step) for step in range(3, 300)], lease=LEASE)
    store.history.append(run_id, 1, [], lease=LEASE, ends=True)
    settled = store.history.histogram_columns(run_id, quantity="weight", steps=[1, 2])
    assert all(np.array_equal(settled[name], found[name]) for name in ("low", "high", "counts"))
    nothing = store.history.histogram_columns(run_id, quantity="weight", steps=[999])
    assert {name: len(values) for name, values in nothing.items()} == dict.fromkeys(found, 0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_any_momentum_can_be_replayed_from_what_is_kept(store: Store, dtype: Any) -> None:
    run_id = running(store).id
    rng = np.random.default_rng(0)
    parts = [
        BatchStatistics(
            first,
            layer,
            np.array([7, 9, 11], np.uint32),
            rng.normal(size=(3, channels)).astype(dtype),
            rng.uniform(size=(3, channels)).astype(dtype),
        )
        for first in (1, 4, 7)
        for layer, channels in ((1, 5), (12, 2))
    ]
    records = [StepRecord(part.step, batch_statistics=(part,)) for part in parts]
    store.history.append(run_id, 1, records, lease=LEASE)
    kept, meant = joined(store.history.batch_statistics(run_id)), joined(records)
    assert list(kept) == [1, 12]
    for layer, statistics in meant.items():
        assert kept[layer].mean.dtype == dtype
        for name in ("counts", "mean", "var"):
            found = getattr(kept[layer], name)
            np.testing.assert_array_equal(found, getattr(statistics, name))


@pytest.mark.parametrize("resume_step", [None, 0, 4, 7])
def test_a_resumed_run_is_the_same_as_one_never_interrupted(
    store: Store, resume_step: int | None
) -> None:
    whole, broken = running(store).id, running(store).id
    records = [record(step, loss=nan if step == 6 else None) for step in range(12)]
    store.history.append(whole, 1, records, lease=LEASE)

    store.history.append(broken, 1, records[:9], lease=LEASE)
    store.queue.release(broken, 1, reason=Message("killed"))
    claim = store.queue.claim(lease=LEASE)
    assert claim is not None
    store.queue.start(broken, 2, worker="host:2", data={}, resume_step=resume_step)
    begin = 0 if resume_step is None else resume_step + 1
    run = store.runs.get(broken)
    assert run is not None
    assert run.step == (resume_step or 0)
    assert max((m.step for m in store.history.metrics([broken])[broken]), default=-1) < begin
    assert (run.diverged_step is None) == (begin <= 6)
    assert run.last is None if begin == 0 else run.last and run.last.step < begin

    store.history.append(broken, 2, records[begin:], lease=LEASE)
    assert everything(store, broken) == everything(store, whole)
    one, other = store.runs.get(broken), store.runs.get(whole)
    assert one is not None
    assert other is not None
    assert repr((one.step, one.last, one.best, one.diverged_step)) == repr(
        (other.step, other.last, other.best, other.diverged_step)
    )


def test_a_write_that_is_repeated_replaces_itself(store: Store) -> None:
    """The answer to a commit may be lost on the way: the writer then sends the same again."""
    run_id = running(store).id
    records = [record(step) for step in range(6)]
    store.history.append(run_id, 1, records, lease=LEASE)
    before = everything(store, run_id)
    store.history.append(run_id, 1, [*records, *records], lease=LEASE)
    assert everything(store, run_id) == before


def test_a_write_that_fails_keeps_nothing_of_itself(store: Store) -> None:
    run_id = running(store).id
    bad = Metric(2, 0, "batch", None, 0.5)  # type: ignore[arg-type]
    with pytest.raises(Exception, match=r"(?i)not.null"):
        store.history.append(run_id, 1, [record(1), StepRecord(2, (bad,))], lease=LEASE)
    assert everything(store, run_id) == []
    run = store.runs.get(run_id)
    assert run is not None
    assert run.step == 0


STRANGE = st.sampled_from([0.1, 0.5, 0.9, 1.0, nan, inf, -inf])
EVALUATIONS = st.dictionaries(
    st.integers(0, 12),
    st.tuples(STRANGE, STRANGE, st.sampled_from(["train", "validation", "all"])),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    evaluations=EVALUATIONS,
    labels=st.booleans(),
    size=st.integers(1, 4),
    cut=st.none() | st.integers(0, 12),
)
def test_the_summary_is_what_the_history_says(
    store: Store,
    evaluations: dict[int, tuple[float, float, str]],
    labels: bool,
    size: int,
    cut: int | None,
) -> None:
    run_id = running(store).id
    records = [
        StepRecord(
            step,
            tuple(
                Metric(step, step // 3, split, loss, *((accuracy,) if labels else (None, -loss)))
                for split in ("train", "validation", "train_sample")
                if which in (split, "all")
            ),
        )
        for step, (loss, accuracy, which) in evaluations.items()
    ]
    for i in range(0, len(records), size):
        store.history.append(run_id, 1, records[i : i + size], lease=LEASE)
    if cut is not None:
        store.queue.start(run_id, 1, worker="", data={}, resume_step=cut)
        records = [record for record in records if record.step <= cut]
    metrics = [metric for record in records for metric in record.metrics]
    run = store.runs.get(run_id)
    assert run is not None
    last = _scores(metrics, max((m.step for m in metrics), default=None))
    assert _rounded(run.last) == _rounded(last)
    best = _best([m for m in metrics if m.split == "validation"])
    assert _rounded(run.best) == _rounded(_scores(metrics, best and best.step))
    broken = [metric.step for metric in metrics if not isfinite(metric.loss)]
    assert run.diverged_step == min(broken, default=None)


def _rounded(scores: Scores | None) -> str:
    """All of it, NaN too; databases add up in an order of their own."""
    if scores is None or scores.mean_loss is None:
        return repr(scores)
    return repr(replace(scores, mean_loss=round(scores.mean_loss, 9)))


def _best(validations: list[Metric]) -> Metric | None:
    """The highest accuracy, or the lowest loss where there are no labels; the first of equals."""
    if any(m.accuracy is not None for m in validations):
        highest = [m for m in validations if m.accuracy is not None and m.accuracy <= 1]
        return max(highest, key=lambda m: (m.accuracy, -m.step), default=None)
    lowest = [m for m in validations if m.loss < inf]
    return min(lowest, key=lambda m: (m.loss, m.step), default=None)


def test_a_run_that_predicts_numbers_is_best_where_its_validation_loss_is_lowest(
    store: Store,
) -> None:
    run_id = running(store).id
    losses = [0.5, 0.2, nan, 0.2, 0.9]
    evaluated = [
        StepRecord(i, (Metric(i, i, "validation", x, None),)) for i, x in enumerate(losses)
    ]
    store.history.append(run_id, 1, evaluated, lease=LEASE)
    run = store.runs.get(run_id)
    assert run is not None
    assert run.best == Scores(1, 1, None, None, 0.2, None)
    assert run.last is not None
    assert (run.last.step, run.last.val_accuracy) == (4, None)
    assert {m.accuracy for m in store.history.metrics([run_id])[run_id]} == {None}


def _scores(metrics: list[Metric], step: int | None) -> Scores | None:
    of_step = {m.split: m for m in metrics if m.step == step}
    if not of_step or step is None:
        return None
    train, validation, sample = map(of_step.get, ("train", "validation", "train_sample"))
    of_splits = (train, validation, sample)
    losses = [m.loss for m in metrics if m.split == "train" and m.step <= step]
    whole = losses and all(map(isfinite, losses))
    return Scores(
        step,
        next(iter(of_step.values())).epoch,
        *(value for m in of_splits for value in ((m.loss, m.accuracy) if m else (None, None))),
        fmean(losses) if whole else None,
        *(m.r2 if m else None for m in (validation, sample)),
    )
