"""What tests of every room share."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

# Several processes test at once. BLAS reads this when a plugin first imports NumPy.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# A shell that starts the tests in the background has Ctrl-C ignored by all that they start, too.
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)

from tests.browser import chromium

pytest_plugins = ["tests.databases"]


@pytest.fixture(scope="session", autouse=True)
def _cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is fetched and found out of data is kept in a folder of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERLAB_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data directory in a folder of its own."""
    data = tmp_path / "data"
    data.mkdir()
    monkeypatch.setenv("LAYERLAB_DATA_DIR", str(data))
    return data


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a process: Playwright cannot be started beside itself."""
    with chromium() as found:
        yield found


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one group stand together, for they share what is slow to start, and the checks of
    the whole house come first: at the end they would keep one process busy and the others idle."""
    items.sort(key=lambda item: (item.path.name != "test_code_rules.py", _group(item)))


def _group(item: pytest.Item) -> str:
    mark = item.get_closest_marker("xdist_group")
    return str(mark.args[0]) if mark else ""
