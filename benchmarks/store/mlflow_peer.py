"""MLflow's side: its own SQLite store, without server or client in between."""

from __future__ import annotations

import logging
from pathlib import Path

logging.getLogger("mlflow").setLevel(logging.ERROR)
logging.getLogger("alembic").setLevel(logging.ERROR)

from mlflow.entities import Metric, Param, RunStatus, ViewType  # noqa: E402
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore  # noqa: E402
from mlflow.utils.search_utils import SearchUtils  # noqa: E402

from benchmarks.store.workload import (  # noqa: E402
    BATCH,
    PAGE,
    VALUES,
    Question,
    config,
    names,
    parameters,
    values,
)

EXPERIMENT = "0"
FIRST = 500


class Mlflow:
    """A database of MLflow's."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.store = SqlAlchemyStore(f"sqlite:///{file}", f"{file}.artifacts")

    def new_run(self, number: int) -> str:
        run = self.store.create_run(EXPERIMENT, "benchmark", number, [], f"run {number}")
        return str(run.info.run_id)

    def fill(self, runs: int) -> None:
        """Runs that are done, with parameters and a last evaluation: the first by MLflow's own
        calls, of which it takes some ten a second, the others as copies of their rows."""
        if runs:
            self._make(min(runs, FIRST))
            originals = self.run_ids()
            for copy in range(1, runs // len(originals)):
                self._copy(originals, copy)

    def _copy(self, originals: list[str], number: int) -> None:
        names = ", ".join(f"'{run_id}'" for run_id in originals)
        with self.store.engine.begin() as connection:
            for table in ("runs", "params", "tags", "metrics", "latest_metrics"):
                about = connection.exec_driver_sql(f"PRAGMA table_info({table})")
                columns = [row[1] for row in about]
                another = (
                    f"'x{number:02}' || substr(run_uuid, 4)"  # no hexadecimal number begins so
                )
                values = [another if column == "run_uuid" else column for column in columns]
                connection.exec_driver_sql(
                    f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)}"
                    f" FROM {table} WHERE run_uuid IN ({names})"
                )

    def _make(self, runs: int) -> None:
        for number in range(runs):
            run_id = self.new_run(number)
            params = [Param(name, str(v)) for name, v in parameters(config(number)).items()]
            loss, accuracy = values(number)[:2]
            scores = {"loss": loss, "accuracy": accuracy}
            scores |= {"val_loss": loss, "val_accuracy": accuracy}
            metrics = [Metric(name, value, number, 0) for name, value in scores.items()]
            self.store.log_batch(run_id, metrics, params, [])
            self.store.update_run_info(run_id, RunStatus.FINISHED, number + 1, None)

    def fill_histories(self, runs: int, steps: int) -> None:
        """Runs with so many recorded steps each."""
        for number in range(runs):
            run_id = self.new_run(number)
            for start in range(0, steps, BATCH):
                self.write(run_id, start)

    def count(self) -> int:
        with self.store.engine.connect() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM runs").scalar_one())

    def run_ids(self) -> list[str]:
        found = self.store.search_runs([EXPERIMENT], "", ViewType.ACTIVE_ONLY, 50_000)
        return [str(run.info.run_id) for run in found]

    def write(self, run_id: str, start: int) -> None:
        """`BATCH` recorded steps in one `log_batch`."""
        keys = names()
        metrics = [
            Metric(key, value, step, step)
            for step in range(start, start + BATCH)
            for key, value in zip(keys, values(step), strict=True)
        ]
        self.store.log_batch(run_id, metrics, [], [])


class Writes:
    """Each step is a `log_batch` of `BATCH` recorded steps."""

    def __init__(self, file: Path) -> None:
        self.database, self.written = Mlflow(file), 0
        self.run_id = self.database.new_run(0)
        self._empty = file.stat().st_size

    def steps(self, count: int) -> None:
        for _ in range(count):
            self.database.write(self.run_id, self.written * BATCH)
            self.written += 1

    def bytes_a_value(self) -> float:
        grown = self.database.file.stat().st_size - self._empty
        return grown / (self.written * BATCH * VALUES)


class Pages:
    """Each step asks for one page of a list of runs."""

    def __init__(self, database: Mlflow, question: Question, runs: int) -> None:
        self.database, self.question = database, question
        offset = question.offset(runs)
        self.token = SearchUtils.create_page_token(offset) if offset else None

    def steps(self, count: int) -> None:
        for _ in range(count):
            found = self.database.store.search_runs(
                [EXPERIMENT],
                self.question.mlflow_filter,
                ViewType.ACTIVE_ONLY,
                PAGE,
                [self.question.mlflow_order],
                self.token,
            )
            assert found


class Curves:
    """Each step reads the loss of some runs, thinned by MLflow's own sampling."""

    def __init__(self, database: Mlflow, run_ids: list[str], points: int) -> None:
        self.database, self.run_ids, self.points = database, run_ids, points

    def steps(self, count: int) -> None:
        for _ in range(count):
            assert self.database.store.get_metric_history_bulk_interval(
                self.run_ids, "loss", self.points, None, None
            )


class WholeHistory:
    """Each step reads a run's whole history: there is no asking for what is newer."""

    def __init__(self, database: Mlflow, run_id: str) -> None:
        self.database, self.run_id, self.keys = database, run_id, names()

    def steps(self, count: int) -> None:
        for _ in range(count):
            for key in self.keys:
                self.database.store.get_metric_history(self.run_id, key)
