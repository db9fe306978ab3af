"""How fast a run's history is written: `python benchmarks/history_writes.py [DATABASE_URL]`.

A record holds one metric and the statistics of 13 layers, 106 values. Without a URL a temporary
SQLite file is used; a database that is named gets one more run.
"""

from __future__ import annotations

import sys
import tempfile
import time

from db.schema import upgrade
from db.store import Store
from engine.default import default_config
from engine.records import LayerStatistics, Metric, StepRecord

RECORDS = 4000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder}/benchmark.db"
        upgrade(url)
        with Store.open(url) as store:
            for batch in (1, 10, 100):
                seconds = write(store, batch)
                rate = RECORDS * 106 / seconds
                print(f"{batch:3} records a write: {rate:11,.0f} values/s,", end=" ")
                print(f"{seconds / RECORDS * batch * 1000:6.2f} ms a write")


def write(store: Store, batch: int) -> float:
    """Write all records of a run, and tell how long that took."""
    run_id = store.queue.enqueue(default_config(), owner="benchmark", priority=10**6).id
    claim = store.queue.claim(lease=60)
    assert claim is not None
    assert claim.run_id == run_id, "other runs are waiting in this database"
    records = [record(step) for step in range(RECORDS)]
    start = time.perf_counter()
    for i in range(0, RECORDS, batch):
        store.history.append(run_id, claim.attempt, records[i : i + batch], lease=60)
    return time.perf_counter() - start


def record(step: int) -> StepRecord:
    layers = [LayerStatistics(step, i, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8) for i in range(13)]
    return StepRecord(step, (Metric(step, 0, "batch", 0.5, 0.5),), tuple(layers))


if __name__ == "__main__":
    main()
