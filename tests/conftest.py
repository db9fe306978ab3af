"""What tests of every room share."""

import os

import pytest

# Several processes test at once. BLAS reads this when a plugin first imports NumPy.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

pytest_plugins = ["tests.databases"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one group stand together, for they share what is slow to start, and the checks of
    the whole house come first: at the end they would keep one process busy and the others idle."""
    items.sort(key=lambda item: (item.path.name != "test_code_rules.py", _group(item)))


def _group(item: pytest.Item) -> str:
    mark = item.get_closest_marker("xdist_group")
    return str(mark.args[0]) if mark else ""
