"""What the engine's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "engine", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("engine")


@pytest.fixture
def data_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data directory, in use for the length of the test."""
    monkeypatch.setenv("LAYERLAB_DATA_DIR", str(tmp_path))
    return tmp_path
