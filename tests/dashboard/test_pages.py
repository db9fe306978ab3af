"""Every page opens, in both languages, for a run in any state and for a link to nothing."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.i18n import LANGUAGES, translations
from dashboard.pages import PAGES
from dashboard.text import plain, prose
from db.records import Status
from tests.dashboard.conftest import HOSTILE_NAME, Demo, OpenPage

KEYS = [page.key for page in PAGES]
ABOUT_ONE = [key for key in KEYS if key in ("run", "batchnorm", "compare", "launch", "report")]
PARAMETER = {"run": "id", "batchnorm": "id", "compare": "ids", "launch": "from", "report": "ids"}


def fine(at: AppTest) -> AppTest:
    assert not at.exception, at.exception[0].message
    assert len(at.main) > 0, "a page is never blank"
    return at


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("key", KEYS)
def test_a_page_opens_on_an_empty_database(
    key: str, lang: str, empty_database: str, open_page: OpenPage
) -> None:
    at = fine(open_page(empty_database, key, lang=lang))
    assert not at.error


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("key", KEYS)
def test_a_page_opens_without_parameters(
    key: str, lang: str, demo_database: Demo, open_page: OpenPage
) -> None:
    fine(open_page(demo_database.url, key, lang=lang))


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("key", ABOUT_ONE)
def test_a_page_opens_for_a_run_in_any_state(
    key: str, status: Status, demo_database: Demo, open_page: OpenPage
) -> None:
    run_id = demo_database.by_status[status]
    fine(open_page(demo_database.url, key, **{PARAMETER[key]: run_id}, lang="ja"))


@pytest.mark.parametrize("value", ["999999", "-1", "abc", "９", "9" * 40])
@pytest.mark.parametrize("key", ABOUT_ONE)
def test_a_link_to_nothing_is_no_error_page(
    key: str, value: str, demo_database: Demo, open_page: OpenPage
) -> None:
    fine(open_page(demo_database.url, key, **{PARAMETER[key]: value}))


@pytest.mark.parametrize("key", ["run", "batchnorm", "compare", "report"])
def test_a_name_that_is_markup_shows_as_typed(
    key: str, demo_database: Demo, open_page: OpenPage
) -> None:
    run_id = demo_database.hostile
    at = fine(open_page(demo_database.url, key, **{PARAMETER[key]: run_id}))
    shown = [
        str(element.value) for element in (*at.title, *at.markdown, *at.caption, *at.subheader)
    ]
    assert not [text for text in shown if HOSTILE_NAME in text]


def test_plain_text_escapes_every_sign_of_markdown() -> None:
    assert plain("**x** $x$ :red[x] <b>") == r"\*\*x\*\* \$x\$ \:red\[x\] \<b\>"
    assert plain("use `auto`") == r"use \`auto\`"
    assert prose("set `a.b` to *1*") == r"set `a.b` to \*1\*"
    assert prose("a ` alone") == r"a \` alone"
    assert plain("two\nlines") == "two lines"


@pytest.mark.parametrize("key", KEYS)
def test_the_language_of_a_link_is_kept(key: str, demo_database: Demo, open_page: OpenPage) -> None:
    at = fine(open_page(demo_database.url, key, lang="ja"))
    page = next(page for page in PAGES if page.key == key)
    if key in ("launch", "runs"):
        assert at.title[0].value == translations("ja").gettext(page.title)
    assert at.query_params["lang"] in ("ja", ["ja"])
    at.query_params.pop("lang")
    at.run()
    assert at.query_params["lang"] in ("ja", ["ja"]), "the address names it again"


def test_an_unknown_language_is_the_readers_own(demo_database: Demo, open_page: OpenPage) -> None:
    at = fine(open_page(demo_database.url, "runs", lang="xx"))
    assert at.title[0].value == "Runs"
