"""The environment's variables: sensible when absent, named when wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import LayerlabError
from runner.dashboard import check_access
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
        ("LAYERLAB_AUTH", "oidc", "one of"),
        ("LAYERLAB_PROXY", "10.0.0.2, proxy", "addresses or networks"),
        ("LAYERLAB_PROXY", "10.0.0.2/8", "addresses or networks"),
        ("LAYERLAB_PROXY", "0.0.0.0/0", "everybody"),
        ("LAYERLAB_USER_HEADER", "Remote User", "LAYERLAB_USER_HEADER"),
        ("LAYERLAB_NEW_PEOPLE", "admin", "one of"),
        ("LAYERLAB_TOKEN", "secret", "at least 16"),
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


def test_a_link_holds_the_token_where_one_is_asked_for() -> None:
    assert Settings.read({}).link("localhost", 8501) == "http://localhost:8501"
    one, other = (Settings.read({"LAYERLAB_AUTH": "token"}) for _ in range(2))
    assert one.token != other.token
    assert one.link("localhost", 1) == f"http://localhost:1/?token={one.token}"
    assert one.token not in repr(one)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "lab.example"])
def test_a_dashboard_that_asks_nobody_is_for_this_machine_alone(host: str) -> None:
    with pytest.raises(LayerlabError, match="LAYERLAB_AUTH=token"):
        check_access(Settings.read({}), host)
    check_access(Settings.read({"LAYERLAB_AUTH": "token"}), host)
    check_access(Settings.read({}), "127.0.0.1")
    check_access(Settings.read({}), "::1")


def test_a_proxy_that_names_people_has_an_address() -> None:
    """Without one, whoever reaches the port could write the header."""
    for told in ({}, {"LAYERLAB_PROXY": " , "}):
        with pytest.raises(LayerlabError, match="LAYERLAB_PROXY"):
            check_access(Settings.read({"LAYERLAB_AUTH": "header"} | told), "127.0.0.1")
    named = {"LAYERLAB_AUTH": "header", "LAYERLAB_PROXY": "10.0.0.2, 172.18.0.0/16, ::1"}
    check_access(Settings.read(named), "0.0.0.0")
