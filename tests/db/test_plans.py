"""Questions stay quick when there are thousands of runs: no plan reads a history table whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, event

from db.models import HISTORY, CheckpointRow, EventRow
from db.query.conditions import EXAMPLES
from db.records import Status
from db.search import SORTS
from db.store import Store
from tests.db.build import CONFIG, LEASE, checkpoint, record, running, without_accuracy

LARGE = {table.__tablename__ for table in (*HISTORY, CheckpointRow, EventRow)}

QUESTIONS: dict[str, Callable[[Store, int], object]] = {
    "metrics": lambda s, run: s.history.metrics([run, 2, 3], after_step=5),
    "metrics of a split": lambda s, run: s.history.metrics([run], splits=["train"], after_step=5),
    "layers": lambda s, run: s.history.layers(run, after_step=5),
    "histograms": lambda s, run: s.history.histograms(run, quantity="weight", steps=[1, 2]),
    "batch_norms": lambda s, run: s.history.batch_norms(run, layer=1),
    "batch_norms of steps": lambda s, run: s.history.batch_norms(run, layer=1, steps=[3]),
    "batch_statistics": lambda s, run: s.history.batch_statistics(run, layer=1),
    "recorded_steps": lambda s, run: s.history.recorded_steps(run),
    "histogram_steps": lambda s, run: s.history.histogram_steps(run),
    "sparklines": lambda s, run: s.runs.sparklines([run, 2, 3]),
    "events": lambda s, run: s.runs.events(run, after_id=1),
    "checkpoints": lambda s, run: (s.checkpoints.list(run), s.checkpoints.latest(run)),
    "append": lambda s, run: s.history.append(run, 1, [record(10)], lease=LEASE),
    "save": lambda s, run: s.checkpoints.save(run, 1, checkpoint(10)),
    "start": lambda s, run: s.queue.start(run, 1, worker="", data={}, resume_step=5),
    "claim": lambda s, _: s.queue.claim(lease=LEASE),
    "explain": lambda s, _: s.queue.explain("no worker has a GPU", gpu=True),
    "forecast": lambda s, _: s.queue.forecast(),
    "reap": lambda s, _: s.queue.reap(),
    "depth": lambda s, _: s.queue.depth(),
    "find by a query": lambda s, _: [s.runs.find(query=query) for query in EXAMPLES],
    "find sorted by a hyperparameter": lambda s, _: s.runs.find(sort="optimizer.lr"),
    "groups": lambda s, _: [s.runs.groups(by) for by in ("seed", "optimizer.lr", "owner")],
    "find": lambda s, _: [s.runs.find(text="a 1", owner="o", sort=sort) for sort in SORTS],
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_scans_history(store: Store, question: str) -> None:
    run_id = running(store).id
    store.history.append(run_id, 1, [record(step) for step in range(6)], lease=LEASE)
    store.queue.enqueue(CONFIG, owner="mika")
    asked = _listen(store.engine)
    QUESTIONS[question](store, run_id)
    statements = [(sql, parameters) for sql, parameters in asked if "INSERT" not in sql]
    assert statements
    for sql, parameters in statements:
        scanned = _scanned(store.engine, sql, parameters)
        assert not scanned & LARGE, sql


def test_lists_and_claims_never_mention_history(store: Store) -> None:
    asked = _listen(store.engine)
    store.runs.find(text="adam 1", statuses=[Status.DONE], owner="mika", sort="best_val_accuracy")
    store.queue.claim(lease=LEASE)
    for sql, _ in asked:
        assert not {word.strip("(),.").split(".")[0] for word in sql.split()} & LARGE


@pytest.mark.parametrize("question", ["claim", "reap"])
def test_the_queue_does_not_read_ended_runs(store: Store, question: str) -> None:
    asked = _listen(store.engine)
    QUESTIONS[question](store, 1)
    for sql, parameters in asked:
        assert "run" not in _scanned(store.engine, sql, parameters), sql


@pytest.mark.parametrize(
    "query",
    [
        "optimizer.lr > 0.1",
        "optimizer.kind = adam",
        "layers.0.bias",
        "layers.kind = dropout",
        "tag = week3",
        "'adam'",
    ],
)
def test_hyperparameters_and_tags_are_found_by_their_values(store: Store, query: str) -> None:
    asked = _listen(store.engine)
    store.runs.find(query=query)
    for sql, parameters in asked:
        assert not _scanned(store.engine, sql, parameters) & {"run_param", "tag"}, sql


@pytest.mark.parametrize(
    "sort", ["created", "loss", "val_loss", "best_val_loss", "best_val_accuracy", "optimizer.lr"]
)
@pytest.mark.parametrize("descending", [True, False])
def test_a_page_is_taken_from_an_index_and_nothing_is_sorted(
    store: Store, sort: str, descending: bool
) -> None:
    run_id = running(store).id
    store.history.append(run_id, 1, [record(5)], lease=LEASE)
    asked = _listen(store.engine)
    store.runs.find(sort=sort, descending=descending, limit=1)
    ordered = [(sql, parameters) for sql, parameters in asked if "ORDER BY" in sql]
    assert ordered
    for sql, parameters in ordered:
        plan = " ".join(_plan(store.engine, sql, parameters))
        assert "TEMP B-TREE" not in plan, plan
        assert "Sort" not in plan, plan


@pytest.mark.parametrize("score", ["accuracy", "loss"])
def test_the_best_validation_is_found_by_its_index(sqlite_url: str, score: str) -> None:
    with Store.open(sqlite_url) as store:
        run_id = running(store).id
        asked = _listen(store.engine)
        shown = record(5) if score == "accuracy" else without_accuracy(record(5))
        store.history.append(run_id, 1, [shown], lease=LEASE)
        plans = [_plan(store.engine, sql, parameters) for sql, parameters in asked]
    assert any(f"ix_metric_best_{score}" in " ".join(plan) for plan in plans)


def _listen(engine: Engine) -> list[tuple[str, Any]]:
    """The statements that reach the driver from now on."""
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, sql: str, parameters: Any, *_rest: Any) -> None:
        if sql.split()[0] in ("SELECT", "UPDATE", "DELETE", "INSERT", "WITH"):
            asked.append((sql, parameters))

    event.listen(engine, "before_cursor_execute", note)
    return asked


def _plan(engine: Engine, sql: str, parameters: Any) -> list[str]:
    explain = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":  # small tables need no index
            connection.exec_driver_sql("SET enable_seqscan = off")
            connection.exec_driver_sql("SET enable_sort = off")
        return [str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {sql}", parameters)]


def _scanned(engine: Engine, sql: str, parameters: Any) -> set[str]:
    """The tables that a plan reads from end to end."""
    tables = set()
    for line in _plan(engine, sql, parameters):
        words = line.replace("->", "").split()
        if words[0] == "SCAN":
            tables.add(words[1])
        if words[:3] == ["Seq", "Scan", "on"]:
            tables.add(words[3])
    return tables
