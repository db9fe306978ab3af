"""Where a database is: every usual way to write it, and never a password on a screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from db import address
from db.errors import DatabaseError


@pytest.mark.parametrize(
    "scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"]
)
def test_every_way_to_name_postgresql(scheme: str) -> None:
    place = address.parse(f"{scheme}://mika:s3%40cret@db.example:5433/runs?sslpassword=s3cret")
    assert place.url.drivername == "postgresql+psycopg"
    assert place.url.password == "s3@cret"
    assert address.parse(str(place)) == place, "a child process must open the same one"
    for shown in (place.shown, repr(place)):
        assert "cret" not in shown
        assert "postgresql://mika:***@db.example:5433/runs" in shown


def test_a_file_is_the_same_from_every_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    place = address.parse("sqlite:///runs.db")
    assert place.file == tmp_path / "runs.db"
    assert place.shown == str(place.file)
    monkeypatch.chdir("/")
    assert address.parse(str(place)) == place


def test_home_is_understood() -> None:
    assert address.parse("sqlite:///~/runs.db").file == Path.home() / "runs.db"


def test_the_variable_decides_and_the_users_folder_is_the_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(address.VARIABLE, f"sqlite:///{tmp_path}/mine.db")
    assert address.parse().file == tmp_path / "mine.db"
    monkeypatch.setenv(address.VARIABLE, "")
    file = address.parse().file
    assert file is not None
    assert (file.parent.name, file.name) == ("layerlab", "layerlab.db")


@pytest.mark.parametrize(
    "text",
    [
        "runs.db",
        "postgresql//mika:s3cret@host/runs",
        "mysql://mika:s3cret@host/runs",
        "postgresql://mika:s3cret@host:port/runs",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:runs.db?uri=true",
        "://",
    ],
)
def test_what_is_no_address_is_named_with_an_example(text: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        address.parse(text)
    assert "write sqlite:////folder/runs.db" in str(caught.value)
    assert "s3cret" not in str(caught.value)
