"""The query language: what it finds, and how it says what is wrong and where."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import nan
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lark import Token
from sqlalchemy import update

from db.models import NAME_LENGTH, RunRow
from db.query.conditions import EXAMPLES
from db.query.errors import QueryError
from db.query.names import Kind, _kind, _paths, names
from db.query.values import period
from db.records import Shelf, Status
from db.store import Store
from db.words import spaced
from engine.config import RunConfig
from engine.initializers import He
from engine.layers import BatchNorm, Dense, Dropout, ReLU
from engine.optimizers import SGD, Adam
from engine.records import Metric, StepRecord
from tests.db.build import CONFIG, LEASE, running


@pytest.fixture
def runs(store: Store) -> dict[str, int]:
    """Four runs that differ in everything a query may ask for."""
    adam = CONFIG.model_copy(update={"optimizer": Adam(lr=0.01), "seed": 1})
    layers = (Dense(units=30, init=He()), BatchNorm(), ReLU(), Dropout(rate=0.2), Dense(units=10))
    sgd = CONFIG.model_copy(update={"optimizer": SGD(lr=0.1), "seed": 2, "layers": layers})
    found = {}
    for name, owner, config in (
        ("Baseline", "anna", adam),
        ("50 % noise", "Ben", sgd),
        ("", "anna", adam.model_copy(update={"seed": 3})),
        ("日本 ÄÖ", "mika", adam.model_copy(update={"epochs": 7})),
    ):
        found[name] = store.queue.enqueue(config, owner=owner, name=name).id
    one, two, *_ = found.values()
    _end(store, one, loss=0.1, accuracy=0.98, status=Status.DONE)
    _end(store, two, loss=nan, accuracy=nan, status=Status.DIVERGED)
    store.tags.add([one], ["week3", "good"])
    store.tags.add([two], ["week3"])
    store.notes.set(one, "as in **chapter 6**")
    return found


def _end(store: Store, run_id: int, *, loss: float, accuracy: float, status: Status) -> None:
    claim = None
    while claim is None or claim.run_id != run_id:
        claim = store.queue.claim(lease=LEASE)
        assert claim is not None
    metric = Metric(5, 1, "validation", loss, accuracy)
    store.history.append(run_id, 1, [StepRecord(5, (metric,))], lease=LEASE)
    store.queue.finish(run_id, 1, status, step=5)


ONE, TWO, THREE, FOUR = "Baseline", "50 % noise", "", "日本 ÄÖ"

FOUND: dict[str, list[str]] = {
    'optimizer.kind = "adam" and optimizer.lr >= 0.01': [ONE, THREE, FOUR],
    "optimizer.kind=sgd": [TWO],
    "optimizer.kind != sgd": [ONE, THREE, FOUR],
    "optimizer.lr > 0.01": [TWO],
    "optimizer.lr > 9e-3 and optimizer.lr < .05": [ONE, THREE, FOUR],
    "optimizer.lr in (0.1, 7)": [TWO],
    "optimizer.lr not in (0.1, 7)": [ONE, THREE, FOUR],
    "seed >= 2 and seed < 10": [TWO, THREE],
    "epochs = 7": [FOUR],
    "best.val_accuracy > 0.97": [ONE],
    "best.val_accuracy >= -inf": [ONE],
    "last.val_accuracy = nan": [TWO],
    "last.val_loss < 100": [ONE],
    "not last.val_loss < 100": [TWO, THREE, FOUR],
    "last.val_loss = none": [THREE, FOUR],
    "last.val_loss != none": [ONE, TWO],
    "diverged": [TWO],
    "not diverged": [ONE, THREE, FOUR],
    "diverged = yes or diverged_step = 5": [TWO],
    "diverged != true": [ONE, THREE, FOUR],
    "status = done": [ONE],
    "status in (done, diverged)": [ONE, TWO],
    'tag = "week3"': [ONE, TWO],
    "tag = week3 and tag != good": [TWO],
    "tag = none": [THREE, FOUR],
    'tag like "WEEK%"': [ONE, TWO],
    'note like "%chapter 6%"': [ONE],
    "not note = none": [ONE],
    "owner = anna": [ONE, THREE],
    "owner = ANNA": [],
    'owner like "b%"': [TWO],
    'owner not like "%n%"': [FOUR],
    'name like "%äö"': [FOUR],
    'name like "50 % noise"': [TWO],
    "name = ''": [THREE],
    '"adam"': [ONE, THREE, FOUR],
    '"äö" or "noise 50"': [TWO, FOUR],
    "layers.kind = dropout": [TWO],
    "layers.kind != dropout": [ONE, THREE, FOUR],
    "layers.0.units = 30": [TWO],
    "layers.units = 30": [TWO],
    "layers.init.kind = he and layers.rate > 0.1": [TWO],
    "layers.7.units = none": [ONE, TWO, THREE, FOUR],
    "created > 2020-01": [ONE, TWO, THREE, FOUR],
    "created <= yesterday or created > 2 hours ago": [ONE, TWO, THREE, FOUR],
    "ended >= 1 day ago": [ONE, TWO],
    "ended = none": [THREE, FOUR],
    "id > 0 and (owner = mika or owner = Ben) and not (owner = Ben)": [FOUR],
    "owner = mika or owner = anna and status = done": [ONE, FOUR],
    "id = 99999999999999999999 or step > 1e300": [],
    "id > 0.5 and id < 1e9": [ONE, TWO, THREE, FOUR],
    "note = none and not tag = none": [TWO],
    "status in (paused, stopped)": [],
    "status = paused or priority > 0 or time_limit > 1": [],
    "seconds = 0 and not gpu and request = none": [ONE, TWO, THREE, FOUR],
    "sweep = none and trial = none and replicate = none": [ONE, TWO, THREE, FOUR],
    "parent != none or parent_step > 0 or request = pause": [],
    "": [ONE, TWO, THREE, FOUR],
    # as people type it
    "adam lr<0.02 seed=1": [ONE, FOUR],
    "he dropout": [TWO],
    "adam anna": [ONE, THREE],
    "% noise": [TWO],
    "adam or noise lr>0.05": [ONE, TWO, THREE, FOUR],
    "not adam noise": [TWO],
    "(adam or sgd) not diverged done": [ONE],
    "optimizer = adam": [ONE, THREE, FOUR],
    "Optimizer = SGD": [TWO],
    "LR >= 1e-2": [ONE, TWO, THREE, FOUR],
    "learning_rate < 0.1": [ONE, THREE, FOUR],
    "learning_rate = constant lr=0.1": [TWO],
    "init = he": [ONE, TWO, THREE, FOUR],
    "init = xavier": [],
    "layers.0.init = he and init != he": [],
    "layers = dropout": [TWO],
    "layers.kind = Batch-Norm": [ONE, TWO, THREE, FOUR],
    "He, and Adam, seed=3": [THREE],
    "dropout = 0.2": [TWO],
    "kind = sgd": [TWO],
    "val_accuracy > 0.97": [ONE],
    "accuracy = none": [ONE, TWO, THREE, FOUR],
    "loss = softmax_cross_entropy": [ONE, TWO, THREE, FOUR],
    "val_loss < 100": [ONE],
    "ａｄａｍ　ｌｒ＜０．０５": [ONE, THREE, FOUR],
    "（ｓｅｅｄ＝２　ｏｒ　ｓｅｅｄ＝３）": [TWO, THREE],
    "lr ≥ 0.1": [TWO],
    "name = “Baseline”": [ONE],
    "日本": [FOUR],
    "adam && lr<1 || sgd": [ONE, TWO, THREE, FOUR],
}


def test_a_query_finds_what_it_says(store: Store, runs: dict[str, int]) -> None:
    by_id = {run_id: name for name, run_id in runs.items()}
    for query, expected in FOUND.items():
        page = store.runs.find(query=query, sort="created", descending=False)
        assert [by_id[run.id] for run in page.runs] == expected, query
        assert page.total == len(expected), query


@pytest.mark.parametrize(
    ("query", "marked", "problem"),
    [
        ("optimizr.lr > 3", "optimizr.lr", "did you mean `optimizer.lr`"),
        ("request = nap", "nap", "`request` is one of cancel, pause, prune"),
        (
            f"'a' or '{' '.join(map(str, range(50)))}'",
            f"'{' '.join(map(str, range(50)))}'",
            "got 51",
        ),
        ("lrr > 3", "lrr", "did you mean `optimizer.lr`"),
        ("learningrate.lr > 3", "learningrate.lr", "did you mean `optimizer.lr`"),
        ("regularisation > 3", "regularisation", "nothing known of a run"),
        ("val_acuracy > 3", "val_acuracy", "did you mean `last.val_accuracy`"),
        ("momentum = 0.9", "momentum", "may be `layers.momentum` or `optimizer.momentum`"),
        ("lr = fast", "fast", "`optimizer.lr` is a number; got fast"),
        ("seed = 1 and bogus_thing = 2", "bogus_thing", "nothing known of a run"),
        ("optimizer.lr > fast", "fast", "`optimizer.lr` is a number; got fast"),
        ("optimizer.lr like '1%'", "'1%'", "is a number: compare it with"),
        ("optimizer.kind = adamm", "adamm", "one of adam, sgd"),
        ("owner > anna", "anna", "is a text: compare it with =, !=, in or like"),
        ("status = finished", "finished", "one of queued, running"),
        ("diverged = 5", "5", "true or false"),
        ("created > soon", "soon", "a date, such as 2026-11-21 or 7 days ago; got soon"),
        ("created = 2026-02-30", "2026-02-30", "a date"),
        ("created > 999999 weeks ago", "999999 weeks ago", "a date"),
        ("seed = 1 = 2", "=", "got `=`"),
        ("optimizer.lr in 0.1", "0.1", "expected `(`; got `0.1`"),
        ("(seed = 1", "", "the query ends too soon: expected `)`"),
        ("seed =", "", "expected a name, a text in quotes, a number or a date"),
        ("and seed = 1", "and", "expected a name"),
        ('name = "open', '"open', 'needs a closing "'),
        ("seed ! 1", "!", "`!` means nothing here"),
        ("seed > none", "none", "goes with = and != only"),
        ("not " * 41 + "diverged", None, "at most 40 levels"),
        ("x" * 2001, None, "at most 2,000 characters"),
        ("optimizer.0.lr = 1", "optimizer.0.lr", "nothing known"),
    ],
)
def test_a_wrong_query_says_where_and_what_was_expected(
    sqlite_url: str, query: str, marked: str | None, problem: str
) -> None:
    with Store.open(sqlite_url) as store, pytest.raises(QueryError) as raised:
        store.runs.find(query=query)
    error = raised.value
    assert problem in str(error.problem)
    if marked is not None:
        assert query[error.start : error.end] == marked
        line, marks = error.pointer.split("\n")
        assert line == query
        assert marks.count("^") == max(1, len(marked))
        assert marks.index("^") == error.start


WORDS = [
    *list(names())[:30],
    *("layers.kind", "layers.0.units", "dataset.shape.1", "layers.x", "optimizer"),
    *("=", "!=", "<", "<=", ">", ">=", "==", "<>", "like", "in", "and", "or", "not", "(", ")", ","),
    *("0", "-1.5", "1e400", "9" * 30, "inf", "-inf", "nan", "none", "true", "adam", "done"),
    *('"week%"', "'a_\\'b'", '"\\\\"', '"\x00"', '"日本"', "''", "2026-11-21", "0000-00", "today"),
    *("\x00", "a\ud800", "\x1f1"),
    *("lr", "init", "momentum", "loss", "optimizer", "50%", "anna's", "ａｄａｍ", "＜", "“x”", "≤"),
    *("2026-11-21T10:30+09:00", "9999-12-31Z", "0001-01-01+14:00", "2026-11 -99:99", "2026/11/21"),
    *("2026-11-21 10:30", "9999-12-31", "0001-01-01", "3 days ago", "999999 weeks ago"),
]


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    query=st.one_of(
        st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join),
        st.tuples(*(st.sampled_from(WORDS) for _ in range(3))).map(" ".join),
        st.text(max_size=30),
    )
)
def test_any_text_gives_an_answer_or_the_one_error(store: Store, query: str) -> None:
    if store.runs.find().total == 0:
        running(store)
        store.queue.enqueue(CONFIG, owner="mika", name="week_3")
    try:
        found = store.runs.find(query=query).total
    except QueryError:
        return
    if spaced(query).strip() and len(query) < 1000:  # not is true wherever its part is not
        assert found + store.runs.find(query=f"not ({query})").total == 2


def test_the_examples_are_right(sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store:
        for example in EXAMPLES:
            assert store.runs.find(query=example).total == 0


def test_every_hyperparameter_has_a_name(store: Store) -> None:
    """What a configuration holds can be asked for, by the very name that it has there."""
    run_id = store.queue.enqueue(CONFIG, owner="mika").id
    for name, value in CONFIG.flat().items():
        word = {None: "none", True: "true", False: "false"}.get(value, f'"{value}"')  # type: ignore[arg-type]
        if isinstance(value, int | float) and not isinstance(value, bool):
            word = repr(value)
        assert [r.id for r in store.runs.find(query=f"{name} = {word}").runs] == [run_id], name


def test_names_mean_one_thing_and_are_described() -> None:
    for held in _paths(RunConfig, "").values():
        assert len({_kind(field) for field in held}) == 1
    for name in names().values():
        assert name.description.endswith((".", "?")), name.name
        assert len(name.name) < NAME_LENGTH
        if name.kind is Kind.FLAG:
            assert not name.choices


@pytest.mark.parametrize("name", [n for n in names() if not names()[n].listed])
def test_a_list_can_be_sorted_by_any_name(sqlite_url: str, name: str) -> None:
    with Store.open(sqlite_url) as store:
        ids = {store.queue.enqueue(CONFIG, owner="mika").id for _ in range(2)}
        assert {run.id for run in store.runs.find(sort=name).runs} == ids


def test_hyperparameters_sort_as_numbers(store: Store, runs: dict[str, int]) -> None:
    by_lr = store.runs.find(sort="optimizer.lr", query="diverged or owner = anna")
    assert by_lr.runs[0].id == runs[TWO]
    units = store.runs.find(sort="layers.0.units", descending=False).runs
    assert units[0].id == runs[TWO]


def test_times_are_those_of_this_machine(store: Store) -> None:
    run_id = store.queue.enqueue(CONFIG, owner="mika").id
    at = datetime(2026, 11, 21, 10, 30, 15).astimezone()

    def found(query: str) -> bool:
        return store.runs.find(query=query).total == 1

    with store.engine.begin() as connection:
        text = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.000000")
        zone = "" if store.engine.dialect.name == "sqlite" else "+00"
        connection.exec_driver_sql(f"UPDATE run SET created_at = '{text}{zone}' WHERE id={run_id}")
    for same in ("2026-11", "2026-11-21", "2026-11-21 10:30", '"2026-11-21T10:30:15"'):
        assert found(f"created = {same}")
        assert found(f"created >= {same} and created <= {same}")
        assert not found(f"created > {same} or created < {same} or created != {same}")
    before, after = at - timedelta(days=1), at + timedelta(days=1)
    assert found(f"created > {before:%Y-%m-%d} and created < {after:%Y-%m-%d}")


def test_times_are_those_of_the_reader_or_of_the_zone_that_is_written(store: Store) -> None:
    """A group's server stands in another zone than its readers: today is the reader's day."""
    run_id = store.queue.enqueue(CONFIG, owner="mika").id
    at = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # 8:30 of the next day in Tokyo
    with store.engine.begin() as connection:
        change = update(RunRow).where(RunRow.id == run_id).values(created_at=at)
        connection.execute(change)

    def found(query: str, zone: str) -> bool:
        return store.runs.find(query=query, zone=ZoneInfo(zone)).total == 1

    assert found("created = 2026-11-21", "Asia/Tokyo")
    assert not found("created = 2026-11-21", "UTC")
    assert found("created = '2026-11-20 23:30'", "UTC")
    for zone in ("Asia/Tokyo", "UTC", "America/New_York"):
        for written in ("2026-11-20 23:30Z", "2026/11/21 08:30+09:00", "2026-11-20T18:30-0500"):
            assert found(f"created = {written}", zone), (written, zone)
        assert found("created = 2026-11-20Z and created = 2026-11-21+09:00", zone)
    ids = store.runs.ids(query="created = 2026-11-21", zone=ZoneInfo("Asia/Tokyo"))
    groups = store.runs.groups("owner", query="created = 2026-11-21", zone=ZoneInfo("Asia/Tokyo"))
    assert ids == [run_id]
    assert groups.total == 1


def test_the_day_of_a_reader_has_the_hours_that_it_has() -> None:
    """Where clocks change, a day has 23 or 25 hours."""
    day = Token("TIME", "2026-03-29")
    start, end = period(day, ZoneInfo("Europe/Berlin"))
    assert end - start == timedelta(hours=23)


def test_a_query_looks_on_the_shelf_that_is_asked(store: Store, runs: dict[str, int]) -> None:
    store.runs.archive([runs[ONE]])
    assert store.runs.find(query="tag = week3").total == 1
    assert store.runs.find(query="tag = week3", shelf=Shelf.ARCHIVED).total == 1
    assert store.runs.find(query="tag = week3", shelf=None).total == 2
