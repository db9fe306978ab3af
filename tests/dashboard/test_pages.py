"""Every page opens, in both languages, for a run in any state and for a link to nothing."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.state.pages import PAGES
from dashboard.words.i18n import translations
from dashboard.words.reader import LANGUAGES
from db.records import Status
from db.store import Store
from tests.dashboard.conftest import HOSTILE_NAME, Demo, OpenPage, told

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


@pytest.mark.parametrize("key", KEYS)
def test_the_language_of_a_link_is_kept(key: str, demo_database: Demo, open_page: OpenPage) -> None:
    at = fine(open_page(demo_database.url, key, lang="ja"))
    page = next(page for page in PAGES if page.key == key)
    if key in ("launch", "runs"):
        assert at.title[0].value == translations("ja").gettext(page.title)
    assert at.query_params["lang"] in ("ja", ["ja"])
    menu = next(data["pages"] for data in told(at) if "pages" in data)
    everybodys = [known.key for known in PAGES if known.needs is None]
    assert [page["current"] for page in menu] == [known == key for known in everybodys]
    links = [link.proto.query_string for link in at.get("page_link")]
    assert all("lang=ja" in address for address in [*links, *(page["href"] for page in menu)])


def test_an_unknown_language_is_the_readers_own(demo_database: Demo, open_page: OpenPage) -> None:
    at = fine(open_page(demo_database.url, "runs", lang="xx"))
    assert at.title[0].value == "Runs"


def address_of(at: AppTest) -> dict[str, str]:
    """What the address says, as a link carries it."""
    return {k: v if isinstance(v, str) else v[0] for k, v in at.query_params.items()}


def test_a_link_to_a_run_shows_the_statistic_the_view_and_the_kinds(
    demo_database: Demo, open_page: OpenPage
) -> None:
    at = open_page(demo_database.url, "run", id=demo_database.done, tab="layers")
    at.button_group(key="at_stat").set_value("dead").run()
    at.button_group(key="at_drawn").set_value("lines").run()
    kinds = "at_kinds"
    at.button_group(key=kinds).set_value(["relu"]).run()
    other = open_page(demo_database.url, "run", **address_of(at))
    assert other.button_group(key="at_stat").value == "dead"
    assert other.button_group(key="at_drawn").value == "lines"
    assert other.button_group(key=kinds).value == ["relu"]


def test_a_link_to_batch_norm_shows_the_moment_the_batch_size_and_the_shift(
    demo_database: Demo, open_page: OpenPage
) -> None:
    at = open_page(demo_database.url, "batchnorm", id=demo_database.done, tab="modes")
    at.button_group(key="at_moment").set_value("var").run()
    at.slider(key="at_shift").set_value(0.5).run()
    other = open_page(demo_database.url, "batchnorm", **address_of(at))
    assert other.button_group(key="at_moment").value == "var"
    assert other.slider(key="at_shift").value == 0.5
    wrong = open_page(
        demo_database.url, "batchnorm", id=demo_database.done, tab="modes", shift="nan", m="x"
    )
    assert not wrong.exception
    assert wrong.slider(key="at_shift").value == 0


@pytest.mark.parametrize("page", ["compare", "report"])
def test_a_saved_view_of_a_comparison_or_report_brings_back_all_it_held(
    page: str, demo_copy: Demo, open_page: OpenPage
) -> None:
    ids = f"{demo_copy.done},{demo_copy.plain}"
    address = {"ids": ids, "x": "epoch", "log": "1", "title": "第3週", "parts": "layers"}
    with Store.open(demo_copy.url) as store:
        view = store.views.save("week 3", {"page": page, "address": address}, owner="aiko")
    at = open_page(demo_copy.url, page, view=view.id)
    assert not at.exception
    if page == "compare":
        assert at.button_group(key="at_x").value == "epoch"
        assert at.toggle(key="at_log").value is True
    else:
        assert at.text_input(key="at_title").value == "第3週"
        assert at.button_group(key="at_parts").value == ["layers"]
    other = "report" if page == "compare" else "compare"
    assert "no such view" in open_page(demo_copy.url, other, view=view.id).warning[0].value


def test_a_view_without_a_word_on_it_shows_the_usual_again(
    demo_copy: Demo, open_page: OpenPage
) -> None:
    ids = f"{demo_copy.done},{demo_copy.plain}"
    with Store.open(demo_copy.url) as store:
        view = store.views.save("plain", {"page": "compare", "address": {"ids": ids}}, owner="a")
    at = open_page(demo_copy.url, "compare", ids=ids, log="1", x="epoch")
    at.query_params["view"] = str(view.id)
    at.run()
    assert at.toggle(key="at_log").value is False
    assert at.button_group(key="at_x").value == "step"
