"""Lists of runs: found by what people remember, sorted with the missing last, never too long."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from math import inf, nan
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.query.errors import QueryError
from db.records import Status
from db.search import SORTS
from db.store import Store
from db.words import clean
from engine.config import RunConfig
from engine.errors import ConfigError
from engine.records import Metric, StepRecord
from tests.db.build import CONFIG, LEASE, record, running


def add(store: Store, name: str = "", owner: str = "mika") -> int:
    return store.queue.enqueue(CONFIG, owner=owner, name=name).id


def evaluated(store: Store, loss: float, accuracy: float) -> int:
    """A running run with one validation."""
    run_id = running(store).id
    metric = Metric(1, 0, "validation", loss, accuracy)
    store.history.append(run_id, 1, [StepRecord(1, (metric,))], lease=LEASE)
    return run_id


def test_runs_are_got_in_the_order_asked_for(store: Store) -> None:
    first, second = add(store), add(store)
    strange = [0, -1, 10**12, 10**30, 999]
    assert list(store.runs.get_many([second, *strange, first, second])) == [second, first]
    for run_id in strange:
        assert store.runs.get(run_id) is None
        assert store.runs.sparklines([run_id]) in ({}, {run_id: []})


def test_no_more_words_are_looked_for_than_a_database_can_take(store: Store) -> None:
    assert store.runs.find(text=" ".join(map(str, range(50)))).total == 0
    with pytest.raises(QueryError, match="at most 50 words are looked for at a time; got 2000"):
        store.runs.find(text=" ".join(map(str, range(2000))))


def test_pages_hold_every_run_once(store: Store) -> None:
    ids = [add(store) for _ in range(7)]
    pages = [store.runs.find(limit=3, offset=offset) for offset in (0, 3, 6, 9)]
    assert [run.id for page in pages for run in page.runs] == ids[::-1]
    assert {page.total for page in pages} == {7}


def test_filters_narrow_the_list(store: Store) -> None:
    one = running(store, owner="anna").id
    two, three = add(store, owner="anna"), add(store, owner="ben")
    find = store.runs.find
    assert [run.id for run in find(statuses=[Status.QUEUED]).runs] == [three, two]
    assert [run.id for run in find(owner="anna").runs] == [two, one]
    both = find(owner="anna", statuses=[Status.RUNNING, Status.FAILED])
    assert [run.id for run in both.runs] == [one]
    assert store.runs.owners() == ["anna", "ben"]


def test_every_order_shows_every_run(store: Store) -> None:
    ids = {evaluated(store, 0.5, 0.5), add(store, name="b"), add(store, name="a")}
    for sort in SORTS:
        for descending in (True, False):
            page = store.runs.find(sort=sort, descending=descending)
            assert {run.id for run in page.runs} == ids


def test_an_unknown_order_is_named(store: Store) -> None:
    with pytest.raises(ConfigError, match=r"`sort` must be .*'los'; did you mean `loss`\?"):
        store.runs.find(sort="los")


def test_a_filter_of_a_wrong_name_is_refused_and_not_passed_over(store: Store) -> None:
    for search in (store.runs.find, store.runs.ids, partial(store.runs.groups, "owner")):
        with pytest.raises(TypeError, match="ownr"):
            search(ownr="aiko")  # type: ignore[call-arg]


def test_numbers_sort_with_what_is_none_last_either_way(store: Store) -> None:
    low, high = evaluated(store, 0.1, 0.1), evaluated(store, 2.0, 0.9)
    huge, broken = evaluated(store, inf, 0.5), evaluated(store, nan, nan)
    missing = add(store)

    def order(**sort: Any) -> list[int]:
        return [run.id for run in store.runs.find(**sort).runs]

    assert order(sort="val_loss", descending=False) == [low, high, huge, broken, missing]
    assert order(sort="val_loss") == [huge, high, low, broken, missing]
    assert order(sort="best_val_accuracy")[:3] == [high, huge, low]


def test_times_and_names_sort(store: Store) -> None:
    quick, slow, waiting = running(store).id, running(store).id, add(store)
    store.queue.finish(quick, 1, Status.DONE)
    store.queue.finish(slow, 1, Status.DONE)
    with store.engine.begin() as connection:
        for run_id, day in ((quick, "02"), (slow, "03")):
            connection.exec_driver_sql(
                f"UPDATE run SET started_at = '2026-01-01 00:00:00.000000',"
                f" ended_at = '2026-01-{day} 00:00:00.000000' WHERE id = {run_id}"
            )
    by_duration = store.runs.find(sort="duration", descending=True)
    assert [run.id for run in by_duration.runs] == [slow, quick, waiting]
    for run_id, name in ((quick, "b"), (slow, "C"), (waiting, "a")):
        assert store.runs.rename(run_id, name)
    by_name = store.runs.find(sort="name", descending=False)
    assert [run.name for run in by_name.runs] == ["a", "b", "C"]


def test_a_run_is_renamed_in_one_line(store: Store) -> None:
    run_id = add(store, name="old")
    assert store.runs.rename(run_id, "  new\n\tname ")
    run = store.runs.get(run_id)
    assert run is not None
    assert run.name == run.label == "new name"
    assert store.runs.rename(run_id, "")
    run = store.runs.get(run_id)
    assert run is not None
    assert run.label == f"#{run_id}"
    assert not store.runs.rename(999, "nobody")
    with pytest.raises(ConfigError, match="at most 200 characters"):
        store.runs.rename(run_id, "x" * 201)


NAMES = st.text(st.sampled_from("aB1 %_'\"\\[]*?#;-é日本🦊\n"), max_size=12)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=NAMES, query=NAMES)
def test_search_takes_every_character_as_itself(store: Store, name: str, query: str) -> None:
    run_id = add(store, name=name)
    texts = [value for value in CONFIG.flat().values() if isinstance(value, str)]
    places = [clean(name), "mika", *texts]
    expected = all(
        any(word.lower() in place.lower() for place in places)
        or word in (str(run_id), f"#{run_id}")
        for word in clean(query).split()
    )
    found = {run.id for run in store.runs.find(text=query, limit=10_000).runs}
    assert (run_id in found) == expected


def test_search_finds_what_people_remember(store: Store) -> None:
    sgd = RunConfig.parse({**CONFIG.model_dump(), "optimizer": {"kind": "sgd"}})
    first = add(store, name="Baseline", owner="Anna")
    second = store.queue.enqueue(sgd, owner="ben", name="50 % noise").id

    def find(text: str) -> list[int]:
        return [run.id for run in store.runs.find(text=text).runs]

    assert find("baseLINE") == find("anna") == find("adam base") == [first]
    assert find("sgd") == find("%") == find(f"#{second}") == [second]
    assert find("50% noise") == find("adam sgd") == find("9" * 30) == []
    assert find("batch_norm") == [second, first]
    assert find("\ud800 \x00") == [second, first], "nothing left to search for"


def test_hyperparameters_come_back_as_given_and_in_order(store: Store) -> None:
    config = CONFIG.model_copy(update={"seed": 2**31 - 1})
    run_id = store.queue.enqueue(config, owner="mika").id
    found = store.runs.params([run_id, 999])
    assert found == {run_id: config.flat(), 999: {}}
    assert list(found[run_id]) == list(config.flat())
    assert isinstance(found[run_id]["batch_size"], int)
    kinds = {type(value) for value in found[run_id].values()}
    assert kinds == {int, float, str, bool, type(None)}


def test_sparklines_show_epochs_and_batches_before_the_first_ends(store: Store) -> None:
    epochs, young, empty = running(store).id, running(store).id, add(store)
    store.history.append(epochs, 1, [record(step) for step in range(11)], lease=LEASE)
    batches = [record(step, evaluated=False, loss=nan if step == 2 else step) for step in range(4)]
    store.history.append(young, 1, batches, lease=LEASE)
    lines = store.runs.sparklines([epochs, young, empty])
    assert list(lines) == [epochs, young, empty]
    assert lines[epochs] == [1.0, 1 / 6, 1 / 11]
    assert repr(lines[young]) == repr([0.0, 1.0, nan, 3.0])
    assert lines[empty] == []


@pytest.mark.parametrize("count", [59, 60, 61, 119, 120, 601])
def test_long_sparklines_are_thinned_and_end_where_the_run_is(store: Store, count: int) -> None:
    run_id = running(store).id
    metrics = [Metric(step, step, "train", float(step), 0.5) for step in range(count)]
    store.history.append(run_id, 1, [StepRecord(0, tuple(metrics))], lease=LEASE)
    line = store.runs.sparklines([run_id])[run_id]
    assert len(line) == min(count, 60)
    assert line[-1] == count - 1
    gaps = {int(b - a) for a, b in pairwise(line)}
    assert max(gaps) - min(gaps) <= 1


def test_events_can_be_continued(store: Store) -> None:
    run_id = running(store).id
    events = store.runs.events(run_id)
    assert [event.id for event in events] == sorted(event.id for event in events)
    assert store.runs.events(run_id, after_id=events[0].id) == events[1:]
    assert {(event.run_id, event.at.tzinfo is None) for event in events} == {(run_id, False)}
