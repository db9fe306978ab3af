"""What a user can mend is one sentence in the user's language, never a traceback."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from dashboard.state.pages import PAGES
from db.schema import VERSION_TABLE
from tests.dashboard.conftest import Demo, OpenPage


def set_revision(url: str, revision: str) -> None:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = ?", (revision,))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.key)
def test_a_database_that_is_not_there_is_named_with_the_remedy(
    page: object, tmp_path: Path, open_page: OpenPage
) -> None:
    at = open_page(f"sqlite:///{tmp_path / 'none.db'}", page.key, lang="ja")  # type: ignore[attr-defined]
    assert not at.exception
    assert "layerlab db upgrade" in at.error[0].value
    assert "まだありません" in at.error[0].value


def test_a_newer_database_asks_for_a_newer_program(
    empty_database: str, open_page: OpenPage
) -> None:
    set_revision(empty_database, "9999")
    at = open_page(empty_database, "runs", lang="ja")
    assert not at.exception
    assert "プログラムを更新してください" in at.error[0].value


def test_a_server_that_does_not_answer_is_named_without_its_password(open_page: OpenPage) -> None:
    url = "postgresql://me:secret@127.0.0.1:1/runs"
    at = open_page(url, "runs", lang="ja")
    assert not at.exception
    assert "接続できません" in at.error[0].value
    assert "secret" not in at.error[0].value


def test_a_database_that_comes_back_is_used_again(
    demo_database: Demo, tmp_path: Path, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_page(f"sqlite:///{tmp_path / 'none.db'}", "runs")
    assert at.error
    monkeypatch.setenv("LAYERLAB_DATABASE_URL", demo_database.url)
    at.button(key="try_again").click().run()
    assert not at.error
    assert at.title[0].value == "Runs"
