"""`python -m benchmarks.dashboard`: fifty users on one server with ten thousand runs.

The server is Streamlit's own, the users are WebSockets that go from page to page and let fragments
refresh themselves (`client.py`); between two pages they think for five seconds or so.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.dashboard.client import Seen, User, each_page, tour
from benchmarks.dashboard.database import fill, newest
from benchmarks.dashboard.server import Server, serving
from benchmarks.dashboard.watching import times
from benchmarks.rows import Row, show, write
from db.store import Store

RERUN = 300.0  # milliseconds, at the 95th percentile
BUSY = 100.0  # milliseconds: with ten reruns a second, one processor's all
FIRST = 2_000.0  # milliseconds until the first page is usable
MEMORY = 2.0  # megabytes a user
WATCHED = 1.05  # times the training alone
EDIT = 150.0  # milliseconds until an edit of the launch form is answered
RATE = "launch1.adam.optimizer.lr"


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="layerlab-dashboard-") as folder:
        url = options.database or f"sqlite:///{folder}/runs.db"
        if options.database is None:
            fill(url, options.runs)
        with Store.open(url) as store:
            ids = list(newest(store, 200))
        with serving(url, Path(folder) / "server.log") as server:
            rows = asyncio.run(_crowd(server, ids, options))
            if options.rounds:
                watched, alone = times(url, server.address, rounds=options.rounds)
                rows.append(Row("a training, watched (s)", "not watched", watched, alone, WATCHED))
    show(rows, unit="as said")
    if options.json:
        write(rows, options.json, users=options.users, think=options.think, runs=options.runs)


async def _crowd(server: Server, ids: Sequence[int], options: argparse.Namespace) -> list[Row]:
    """First one user, then all of them at once."""
    seen = Seen()
    rng = random.Random(0)
    for page, query in each_page(ids, rng):
        await User(server.address, seen).once(page, query)  # what every server does once
    first = [await User(server.address, seen).once("") for _ in range(5)]
    typed = [(RATE, f"0.0{i}") for i in range(1, 10)]
    edits = await User(server.address, seen).edits("launch", typed)
    memory, busy = server.memory, server.seconds
    begin = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for _user in range(options.users):
            user = User(server.address, seen)
            addresses = tour(ids, random.Random(rng.random()))
            visit = user.visit(addresses, until=begin + options.seconds, think=options.think)
            group.create_task(visit)
            await asyncio.sleep(options.think / options.users)
    grown = (server.memory - memory) / options.users
    used = server.seconds - busy
    _tell(seen, used / (time.monotonic() - begin))
    pages = [seconds for _page, seconds in seen.pages]
    everything = 1e3 * np.array([*pages, *seen.fragments])
    return [
        Row("p95 of a rerun (ms)", "bar", float(np.percentile(everything, 95)), RERUN, 1.0),
        Row("processor time per rerun (ms)", "bar", 1e3 * used / len(everything), BUSY, None),
        Row("first page (ms)", "bar", 1e3 * max(first), FIRST, 1.0),
        Row("an edit on Launch (ms)", "bar", 1e3 * median(s for s, _n in edits), EDIT, 1.0),
        Row("messages of an edit", "all of the form", max(n for _s, n in edits), 220, None),
        Row("memory per user (MB)", "bar", grown, MEMORY, 1.0),
        Row("errors", "bar", len(seen.errors), 0.5, 1.0),
    ]


def _tell(seen: Seen, share: float) -> None:
    """Where the time went, page by page."""
    for page in sorted({page for page, _seconds in seen.pages}):
        ms = 1e3 * np.array([s for other, s in seen.pages if other == page])
        p50, p95 = np.percentile(ms, [50, 95])
        print(f"{page:10} {len(ms):5} reruns, p50 {p50:6.0f} ms, p95 {p95:6.0f} ms")
    if seen.fragments:
        p50, p95 = np.percentile(1e3 * np.array(seen.fragments), [50, 95])
        print(f"fragments  {len(seen.fragments):5} reruns, p50 {p50:6.0f} ms, p95 {p95:6.0f} ms")
    print(f"the server used {share:.2f} processors")
    for error in seen.errors[:10]:
        print(error)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Fifty users, ten thousand runs.")
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--think", type=float, default=5.0, help="seconds between two pages")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the users stay")
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3, help="trainings, watched and not")
    parser.add_argument("--database", help="one that was filled before, to be used again")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
