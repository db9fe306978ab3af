"""Runs that come as a file through the browser: all that are new, or nothing and one sentence."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dashboard
from db.store import Store
from runner.settings import Settings
from tests.dashboard.conftest import Demo, OpenPage


@pytest.fixture
def file(demo_database: Demo, tmp_path: Path) -> bytes:
    """Two runs of the demo database."""
    path = tmp_path / "runs.layerlab"
    with Store.open(demo_database.url) as store:
        store.portable.export([demo_database.done, demo_database.plain], path)
    return path.read_bytes()


def sent(at: AppTest, name: str, content: bytes) -> AppTest:
    """Choose a file and press the button."""
    at.file_uploader(key="runs_import_file").upload(name, content, "application/zip").run()
    at.button(key="runs_import_yes").click().run()
    assert not at.exception
    return at


def test_runs_that_are_new_are_named_and_known_ones_left_alone(
    file: bytes, empty_database: str, open_page: OpenPage
) -> None:
    at = sent(open_page(empty_database, "runs"), "week3.zip", file)
    assert "2 runs are new" in at.success[0].value
    with Store.open(empty_database) as store:
        assert store.runs.find().total == 2
    again = sent(open_page(empty_database, "runs"), "week3.zip", file)
    assert not again.success
    assert "2 runs were here already" in again.info[0].value
    with Store.open(empty_database) as store:
        assert store.runs.find().total == 2


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("harm", ["cut", "garbage", "empty"])
def test_a_broken_file_is_refused_in_one_sentence_and_changes_nothing(
    harm: str, lang: str, file: bytes, empty_database: str, open_page: OpenPage
) -> None:
    content = {"cut": file[: len(file) // 2], "garbage": b"<script>", "empty": b""}[harm]
    at = sent(open_page(empty_database, "runs", lang=lang), "../<b>x</b>.zip", content)
    assert len(at.error) == 1
    said = at.error[0].value
    assert "/tmp" not in said, "where it lies on the server is nobody's business"
    assert ("nothing was imported" if lang == "en" else "取り込まれませんでした") in said
    with Store.open(empty_database) as store:
        assert store.runs.find(shelf=None).total == 0


def test_the_server_takes_as_large_a_file_however_it_is_started() -> None:
    beside = Path(dashboard.__file__).parent / ".streamlit" / "config.toml"
    with beside.open("rb") as file:
        alone = tomllib.load(file)["server"]["maxUploadSize"]
    assert Settings.model_fields["upload_mb"].default == alone
