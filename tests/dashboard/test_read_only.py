"""A database that is read-only: every page can be looked at, and nothing that writes is offered."""

from __future__ import annotations

import pytest

from dashboard.state.pages import PAGES
from tests.dashboard.conftest import Demo, OpenPage

WRITES = {
    *("Launch", "Launch the sweep", "Launch the first experiment", "Cancel", "Pause", "Resume"),
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
