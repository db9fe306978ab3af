"""The processes in which runs train: what they find around them does not slow training down."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator

import psutil
import pytest

from runner.supervisor import NOT_INHERITED, ONE_THREAD, Child
from tests.runner.processes import until


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The environment of a child of a worker that Dask's nanny has started."""
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "65536")
    monkeypatch.setenv("LAYERLAB_DATA_DIR", "/somewhere")
    child = Child(compile_ahead=False)
    try:
        (process,) = multiprocessing.active_children()
        yield until(psutil.Process(process.pid).environ)  # nothing while it is being started
    finally:
        child.kill()


def test_a_child_has_the_allocators_own_defaults_and_one_thread(
    environment: dict[str, str],
) -> None:
    """With Dask's threshold two epochs of convolutions took twice as long."""
    assert not set(NOT_INHERITED) & set(environment)
    assert ONE_THREAD.items() <= environment.items()
    assert environment["LAYERLAB_DATA_DIR"] == "/somewhere"
