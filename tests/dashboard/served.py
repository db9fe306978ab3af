"""The dashboard in a real browser: one server, one Chromium and one reader's store of what pages
are made of for all tests of a worker."""

from __future__ import annotations

import shutil
import socket
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from db.store import Store
from engine.datasets import Moons
from engine.initializers import He
from engine.layers import ReLU
from engine.optimizers import Adam
from engine.stack import multilayer
from engine.sweeps.config import SweepConfig
from tests.dashboard.conftest import APP, Demo, execute, small
from tests.runner.processes import environment, running, until

VIEWPORT = {"width": 1280, "height": 1400}
MOONS = small(dataset=Moons(samples=200), layers=multilayer([8], 2, activation=ReLU(), init=He()))
"""A run of two inputs, of which there are pictures."""

MORE = 30
"""Runs beside those of the demo: a list of two pages."""


@dataclass(frozen=True)
class Served:
    """The database that is served, and runs of it: those of the demo, and two of the moons that
    differ in their seeds."""

    url: str
    done: int
    plain: int
    moons: int
    again: int


@pytest.fixture(scope="session")
def served_database(demo_database: Demo, tmp_path_factory: pytest.TempPathFactory) -> Served:
    """The demo with more runs, and with a sweep of three hyperparameters."""
    source = Path(demo_database.url.removeprefix("sqlite:///"))
    folder = tmp_path_factory.mktemp("served")
    for file in source.parent.glob(f"{source.name}*"):
        shutil.copy(file, folder / file.name)
    url = f"sqlite:///{folder / source.name}"
    with Store.open(url) as store:
        for n in range(MORE):
            config = small(optimizer=Adam(lr=0.001 * (n + 1)), seed=n)
            store.queue.cancel(store.queue.enqueue(config, owner="mika").id, by="mika")
        axes = [
            {"kind": "choices", "name": "optimizer.lr", "values": [0.01, 0.1]},
            {"kind": "choices", "name": "batch_size", "values": [50, 100]},
            {"kind": "choices", "name": "epochs", "values": [1, 2]},
        ]
        store.sweeps.enqueue(SweepConfig.parse({"base": small(), "axes": axes}), owner="mika")
        pair = [_trained(store, seed=seed) for seed in (0, 1)]
    return Served(url, demo_database.done, demo_database.plain, *pair)


def _trained(store: Store, *, seed: int) -> int:
    config = MOONS.model_copy(update={"seed": seed})
    run = store.queue.enqueue(config, owner="noriko", priority=1)
    execute(store, run.id)
    return run.id


@pytest.fixture(scope="session")
def address(
    browser: Browser, served_database: Served, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Where the dashboard answers, alone, on this database."""
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(APP), "--server.headless=true"]
    command += ["--server.address=127.0.0.1", f"--server.port={port}"]
    with running(command, environment(served_database.url, folder), folder / "out") as process:

        def answers() -> bool:
            assert process.poll() is None, "the dashboard has ended"
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
                    return True
            except OSError:
                return False

        until(answers)
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def reader(browser: Browser) -> Iterator[BrowserContext]:
    """A reader's browser, which keeps the scripts of pages that it has shown."""
    context = browser.new_context(viewport=VIEWPORT)  # type: ignore[arg-type]
    yield context
    context.close()


@pytest.fixture(scope="session")
def other_reader(browser: Browser) -> Iterator[BrowserContext]:
    """Another reader's browser, which asks for Japanese."""
    context = browser.new_context(viewport=VIEWPORT, locale="ja")  # type: ignore[arg-type]
    yield context
    context.close()


@pytest.fixture
def page(reader: BrowserContext, address: str) -> Iterator[Page]:
    """A tab of a reader who was never here, whose scripts must not fail, and which asks nobody but
    the dashboard for anything."""
    faults: list[str] = []
    page = reader.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: faults.extend(outside(request.url, address)))
    yield page
    page.evaluate("location.protocol.startsWith('http') && localStorage.clear()")
    page.close()
    reader.clear_cookies()
    assert faults == []


def outside(url: str, address: str) -> list[str]:
    """The address of something that does not come from here."""
    return [url] if url.startswith(("http:", "https:")) and not url.startswith(address) else []
