"""Runs by what they have in common: their number, mean and spread, as the database sums them."""

from __future__ import annotations

import pytest

from db.records import RunGroup, Status
from db.store import Store
from engine.config import RunConfig
from engine.errors import ConfigError
from engine.optimizers import SGD, Adam
from engine.records import Metric, StepRecord
from tests.db.build import CONFIG, LEASE


def ended(store: Store, config: RunConfig, *, val_loss: float, owner: str = "mika") -> int:
    """A run that ended with this validation loss, and an accuracy of a tenth of it."""
    run_id = store.queue.enqueue(config, owner=owner).id
    claim = store.queue.claim(lease=LEASE)
    assert claim is not None
    store.queue.start(run_id, 1, worker="", data={})
    metrics = (
        Metric(5, 1, "train", val_loss, 0.9),
        Metric(5, 1, "validation", val_loss, val_loss / 10),
    )
    store.history.append(run_id, 1, [StepRecord(5, metrics)], lease=LEASE)
    sound = val_loss < float("inf")
    store.queue.finish(run_id, 1, Status.DONE if sound else Status.DIVERGED, step=5)
    return run_id


@pytest.fixture
def filled(store: Store) -> Store:
    """Adam with the seeds 0 to 2, SGD with 0 and 1, of which the last diverged."""
    losses = {Adam(lr=0.01): [1.0, 2.0, 3.0], SGD(lr=0.01): [4.0, float("nan")]}
    for optimizer, each in losses.items():
        for seed, loss in enumerate(each):
            config = CONFIG.model_copy(update={"optimizer": optimizer, "seed": seed})
            ended(store, config, val_loss=loss, owner="mika" if seed else "aiko")
    return store


def by_value(store: Store, by: str, **options: object) -> dict[object, RunGroup]:
    page = store.runs.groups(by, **options)  # type: ignore[arg-type]
    return {group.value: group for group in page.groups}


def test_a_group_has_the_number_mean_and_spread_of_its_finite_scores(filled: Store) -> None:
    found = by_value(filled, "optimizer.kind")
    assert set(found) == {"adam", "sgd"}
    adam, sgd = found["adam"].scores["val_loss"], found["sgd"].scores["val_loss"]
    assert (adam.n, adam.mean) == (3, pytest.approx(2.0))
    assert adam.spread == pytest.approx(1.0)
    assert (sgd.n, sgd.mean, sgd.spread) == (1, pytest.approx(4.0), None)
    assert found["sgd"].counts[Status.DIVERGED] == 1
    assert found["adam"].run_ids == (1, 2, 3)


def test_all_but_the_seed_is_one_group(filled: Store) -> None:
    page = filled.runs.groups("seed")
    assert [group.run_ids for group in page.groups] == [(4, 5), (1, 2, 3)], "the newest first"
    assert page.total == 2
    assert filled.runs.groups("seed", limit=1, offset=1).groups[0].run_ids == (1, 2, 3)


def test_groups_are_of_what_the_filters_find_and_sorted_by_their_means(filled: Store) -> None:
    assert by_value(filled, "optimizer.kind", query="seed = 0")["adam"].run_ids == (1,)
    assert set(by_value(filled, "owner", statuses=[Status.DIVERGED])) == {"mika"}
    lowest = filled.runs.groups("optimizer.kind", sort="val_loss", descending=False)
    assert [group.value for group in lowest.groups] == ["adam", "sgd"]
    assert by_value(filled, "seed", text="nothing like it") == {}


@pytest.mark.parametrize(
    ("by", "values"),
    [
        ("optimizer.lr", {0.01}),
        ("batch_size", {CONFIG.batch_size}),
        ("optimizer.momentum", {None}),
        ("layers.0.units", {100}),
        ("diverged", {True, False}),
    ],
)
def test_values_come_back_as_what_they_are(filled: Store, by: str, values: set[object]) -> None:
    assert set(by_value(filled, by)) == values


@pytest.mark.parametrize("by", ["nonsense", "layers.units", "'; drop table run; --"])
def test_what_cannot_group_is_named(filled: Store, by: str) -> None:
    with pytest.raises(ConfigError):
        filled.runs.groups(by)


@pytest.mark.parametrize("by", ["optimizer.kind", "seed", "owner"])
def test_copies_are_one_observation(filled: Store, by: str) -> None:
    """The same experiment launched twice is no evidence of how little chance does."""
    before = {group.run_ids[0]: group.scores for group in filled.runs.groups(by).groups}
    adam = CONFIG.model_copy(update={"optimizer": Adam(lr=0.01), "seed": 0})
    ended(filled, adam, val_loss=1.0, owner="aiko")
    filled.queue.enqueue(adam, owner="aiko")  # has no scores yet, and must not stand for the others
    found = filled.runs.groups(by).groups
    assert {group.run_ids[0]: group.scores for group in found} == before
    assert sum(group.copies for group in found) == 2
    assert sum(len(group.run_ids) for group in found) == 7


def test_a_copy_of_somebody_else_counts_where_groups_are_by_owner(filled: Store) -> None:
    adam = CONFIG.model_copy(update={"optimizer": Adam(lr=0.01), "seed": 0})
    ended(filled, adam, val_loss=1.0, owner="ben")
    assert by_value(filled, "owner")["ben"].scores["val_loss"].n == 1
