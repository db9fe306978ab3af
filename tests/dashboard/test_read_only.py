"""A database that is read-only: every page can be looked at, and nothing that writes is offered."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st

from dashboard.state.pages import PAGES
from tests.dashboard.conftest import Demo, OpenPage

WRITES = {
    *("Launch", "Launch the sweep", "Predict", "Make the class", "Cancel", "Pause", "Resume"),
    *("Retry", "Priority", "Rename", "Tags", "Archive", "Delete", "Restore", "Purge", "Import"),
    *("Save", "Continue the run", "Branch the run", "Extend", "Undo"),
}


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("page", [page.key for page in PAGES])
def test_nothing_that_writes_is_offered_and_a_line_says_why(
    page: str, lang: str, demo_database: Demo, open_page: OpenPage
) -> None:
    about = {"run": {"id": demo_database.paused}, "report": {"ids": demo_database.done}}
    asked = {"tab": "checkpoints"} if page == "run" else {}
    at = open_page(f"{demo_database.url}?mode=ro", page, lang=lang, **about.get(page, {}), **asked)
    assert not at.exception
    offered = {button.label for button in at.button}
    assert not offered & WRITES
    assert not [label for label in offered if label.startswith("Launch ")]
    said = {"en": "The database is read-only", "ja": "読み取り専用"}[lang]
    assert [caption for caption in at.caption if said in caption.value]


@pytest.mark.parametrize("tab", ["checkpoints", "note"])
def test_a_run_is_only_looked_at(tab: str, demo_database: Demo, open_page: OpenPage) -> None:
    at = open_page(f"{demo_database.url}?mode=ro", "run", id=demo_database.done, tab=tab)
    assert not at.exception
    assert not {button.label for button in at.button} & WRITES
    assert not at.text_area


def test_where_anything_can_be_kept_no_line_says_otherwise(
    demo_database: Demo, open_page: OpenPage
) -> None:
    at = open_page(demo_database.url, "home")
    assert not [caption for caption in at.caption if "read-only" in caption.value]


def test_a_database_that_was_moved_away_is_told_in_one_sentence(
    demo_copy: Demo, open_page: OpenPage
) -> None:
    at = open_page(demo_copy.url, "home", lang="en")
    assert not at.error
    file = Path(demo_copy.url.removeprefix("sqlite:///"))
    file.rename(file.with_name("elsewhere.db"))
    st.cache_data.clear()  # what was read a moment ago is still shown
    at.run()
    assert not at.exception
    assert "was moved, deleted or replaced" in at.error[0].value
