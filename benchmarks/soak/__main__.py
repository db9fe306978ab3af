"""`python -m benchmarks.soak --minutes 10 --json FILE`: nothing may be lost, whatever happens.

For so many minutes runs and sweeps are launched, continued, branched, paused, cancelled and looked
at, while their processes, workers and dispatcher are killed, frozen and restarted, and the database
goes away for seconds. Then everything is left to end, and of every run it is checked that it ended
for a reason, that each of its attempts was begun and let go once, and that what is done left bit by
bit what training alone leaves.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as a worker's child has it

from benchmarks.soak.account import account
from benchmarks.soak.chaos import Chaos
from benchmarks.soak.struck_dispatcher import Served
from db import schema
from db.store import Store

PATIENCE = 600  # seconds that the rest may take to end


def main() -> None:
    options = _options()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # its processes end with it
    with tempfile.TemporaryDirectory(prefix="layerlab-soak-") as folder:
        url = options.database or f"sqlite:///{folder}/runs.db"
        schema.upgrade(url)
        with Store.open(url) as store:
            report = _soak(store, Served(url, Path(folder)), options)
    print(json.dumps(report, indent=2))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    sys.exit(1 if report["unaccounted"] else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--database", help="an empty database; by default a SQLite file")
    parser.add_argument(
        "--outage", type=float, default=0, help="seconds that the database is away halfway"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def _soak(store: Store, served: Served, options: argparse.Namespace) -> dict[str, object]:
    chaos = Chaos(store, served, options.seed)
    try:
        _strike(chaos, 30 * options.minutes)
        if options.outage:
            chaos.take_the_database_away(options.outage)
        _strike(chaos, 30 * options.minutes)
        deadline = time.monotonic() + PATIENCE
        while not chaos.calm() and time.monotonic() < deadline:
            time.sleep(1)
    finally:
        served.stop()
    runs, faults = account(store)
    return {
        "minutes": options.minutes,
        "outage": options.outage,
        "database": (options.database and store.location) or "sqlite",
        "done": dict(chaos.done),
        "refused": dict(chaos.refused),
        "runs": runs,
        "unaccounted": faults + served.left_behind,
    }


def _strike(chaos: Chaos, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        chaos.strike()


if __name__ == "__main__":
    main()
