"""The environment's variables: sensible when absent, named when wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import LayerlabError
from runner.settings import Settings


def test_nothing_needs_to_be_set() -> None:
    settings = Settings.read({"LAYERLAB_WORKERS": "", "DASK_SCHEDULER_ADDRESS": ""})
    assert settings.scheduler_address is None
    assert 1 <= settings.workers <= 4
    assert settings.database_url.startswith("sqlite:////")


def test_a_database_is_found_from_every_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.read({"LAYERLAB_DATABASE_URL": "sqlite:///runs.db"})
    assert settings.database_url == f"sqlite:///{tmp_path / 'runs.db'}"


@pytest.mark.parametrize(
    ("variable", "value", "rule"),
    [
        ("LAYERLAB_WORKERS", "0", "at least 1"),
        ("LAYERLAB_WORKERS", "two", "whole number"),
        ("LAYERLAB_LEASE", "0.1", "at least 1"),
        ("LAYERLAB_DATABASE_URL", "mysql://root:secret@host/db", "not the address of a database"),
    ],
)
def test_a_wrong_value_names_its_variable(variable: str, value: str, rule: str) -> None:
    with pytest.raises(LayerlabError) as caught:
        Settings.read({variable: value})
    assert variable in str(caught.value)
    assert rule in str(caught.value)
    assert "secret" not in str(caught.value)


def test_every_setting_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())
