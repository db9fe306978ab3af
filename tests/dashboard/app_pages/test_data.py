"""The page Data: what there is, what somebody adds, what it holds, and the way to a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.app_pages.data import adding
from dashboard.state.config_link import decode
from db.adding import add_files
from db.records import KeptData
from db.store import Store
from engine.datasets import CSV
from tests.dashboard.conftest import OpenPage, Rows, told

IRIS = "width,length,kind\n" + "".join(
    f"{i / 8},{40 - i},{('setosa', 'virginica')[i % 2]}\n" for i in range(40)
)


def kept(url: str, data_folder: Path, text: str, name: str = "iris.csv") -> KeptData:
    """A table that somebody has added."""
    file = data_folder / f".{name}"
    file.write_text(text)
    with Store.open(url) as store, file.open("rb") as opened:
        return add_files(store, {name: opened}, owner="mika", most=10**6)


def sentences(at: AppTest) -> str:
    assert not at.exception, at.exception[0].message
    shown = (*at.markdown, *at.caption, *at.warning, *at.error, *at.info)
    return "\n".join(str(element.value) for element in shown).replace("\\", "")


def launched(at: AppTest) -> Any:
    """The configuration to which the button leads."""
    clicked = at.button(key="data_launch").click().run()
    url = next(data["url"] for data in told(clicked) if data.get("url", "").startswith("/launch"))
    return decode(dict(parse_qsl(urlsplit(url).query))["config"])


def test_all_data_is_listed_with_what_it_holds(
    empty_database: str, data_folder: Path, open_page: OpenPage
) -> None:
    kept(empty_database, data_folder, IRIS)
    (data_folder / "wine.csv").write_text(IRIS)
    at = open_page(empty_database, "data")
    assert not at.error
    table = Rows.of(at)
    names = [row["cells"][1]["value"] for row in table.data["rows"]]
    assert names[:3] == ["iris", "wine.csv", "Digits"]
    assert [
        table.cell(1, c) for c in ("where", "samples", "shape", "targets", "owner", "runs")
    ] == [*("added", "32 + 8", "2", "2 classes", "mika", "0")]
    assert table.cell(2, "where") == "data directory"
    assert table.cell(3, "shape") == "64"


def test_what_was_added_is_shown_before_it_is_used_and_leads_to_a_run_that_fits(
    empty_database: str, data_folder: Path, open_page: OpenPage
) -> None:
    data = kept(empty_database, data_folder, IRIS)
    at = open_page(empty_database, "data", data=data.id)
    assert "32 samples to train on, 8 to validate with; each 2, 2 classes" in sentences(at)
    assert "Version 1, added by mika" in sentences(at)
    columns = Rows.of(at)
    uses = [columns.cell(i, "use") for i in (1, 2, 3)]
    assert uses == ["a feature", "a feature", "to be predicted"]
    config = launched(at)
    assert config.dataset == data.dataset
    assert config.layers[-1].units == 2
    assert (config.loss.kind, config.dataset.content) == ("softmax_cross_entropy", data.content)


def test_what_is_not_plain_is_asked_for_and_what_is_chosen_is_configured(
    empty_database: str, data_folder: Path, open_page: OpenPage
) -> None:
    text = IRIS.replace("kind", "height").replace("setosa", "1.5").replace("virginica", "2.5")
    data = kept(empty_database, data_folder, text)
    at = open_page(empty_database, "data", data=data.id)
    assert "`dataset.target` must name the column" in sentences(at)
    at = at.multiselect(key="at_target").set_value(["length", "height"]).run()
    assert "each 1, 2 numbers" in sentences(at)
    config = launched(at)
    assert config.dataset.target == "length,height"
    assert (config.loss.kind, config.layers[-1].units) == ("mean_squared_error", 2)
    at = at.multiselect(key="at_leave_out").set_value(["length"]).run()
    at = at.multiselect(key="at_target").set_value(["height"]).run()
    assert launched(at).dataset.leave_out == "length"


def test_how_a_table_is_written_is_found_and_can_be_changed(
    empty_database: str, data_folder: Path, open_page: OpenPage
) -> None:
    rows = IRIS.split("\n", 1)[1].replace("setosa", "0").replace("virginica", "1")
    data = kept(empty_database, data_folder, rows)
    at = open_page(empty_database, "data", data=data.id)
    assert "not used" not in sentences(at)
    assert at.selectbox(key="at_separator").options[0] == "comma (found)"
    assert "line 1 of iris.csv looks like data" in sentences(at)
    at = at.selectbox(key="at_header").set_value("no").run()
    at = at.multiselect(key="at_target").set_value(["3"]).run()
    assert "2 classes" in sentences(at)
    assert launched(at).dataset.header == "no"


def test_an_outlier_shows_what_each_scaling_does_to_the_others(
    empty_database: str, data_folder: Path, open_page: OpenPage
) -> None:
    for name in ("iris.csv", "iris-test.csv"):
        (data_folder / name).write_text(IRIS)
    at = open_page(empty_database, "data", data="folder:iris.csv")
    assert "not used, though beside what is read: iris-test.csv" in sentences(at)
    assert "0 to 1, mean" in sentences(at)
    before = sentences(at)
    assert sentences(at.slider(key="at_outlier").set_value(50).run()) != before


class Sent:
    """A file as the browser sends it."""

    def __init__(self, file: Path) -> None:
        self.name, self._opened = file.name, file.open("rb")

    def read(self, size: int = -1) -> bytes:
        return self._opened.read(size)


def send(at: AppTest, monkeypatch: pytest.MonkeyPatch, *files: Path) -> AppTest:
    """Send files through the page."""
    monkeypatch.setattr(adding.st, "file_uploader", lambda *_a, **_o: [Sent(f) for f in files])
    at.run()
    return at.button(key="data_add_yes").click().run()


def test_a_file_is_added_and_opened(
    empty_database: str, data_folder: Path, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = data_folder.parent / "iris.csv"
    file.write_text(IRIS)
    at = send(open_page(empty_database, "data"), monkeypatch, file)
    assert any(data.get("url", "").startswith("/data?data=1") for data in told(at))
    with Store.open(empty_database) as store:
        (data,) = store.data.list()
        assert isinstance(data.dataset, CSV)
    assert data.dataset.load().class_names == ("setosa", "virginica")


REFUSED = {
    "page.csv": (b"<!DOCTYPE html><html>", "is a web page", "ウェブページです"),
    "cut.csv.gz": (b"\x1f\x8b\x08\x00", "cannot be read", "読めません"),
    "uneven.csv": (
        b"a,b\n1,2\n1,2,3\n",
        "line 3 of uneven.csv has 3 cells",
        "uneven.csv の 3 行目",
    ),
    "empty.csv": (b"", "it is empty", "空です"),
}


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_learned_from_is_refused_in_a_sentence_and_nothing_is_added(
    name: str,
    lang: str,
    empty_database: str,
    data_folder: Path,
    open_page: OpenPage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = data_folder.parent / name
    file.write_bytes(REFUSED[name][0])
    at = send(open_page(empty_database, "data", lang=lang), monkeypatch, file)
    assert not at.exception
    said = at.error[0].value.replace("\\", "")
    assert REFUSED[name][1 if lang == "en" else 2] in said
    assert "/tmp" not in said, "where it lies on the server is nobody's business"
    with Store.open(empty_database) as store:
        assert store.data.list() == []


@pytest.mark.parametrize("ref", ["99", "folder:nothing.csv", "digits", "openml:mnist", "x" * 200])
def test_any_link_shows_data_or_all_of_it(
    ref: str, empty_database: str, data_folder: Path, open_page: OpenPage
) -> None:
    """What is to be fetched is fetched by no page."""
    at = open_page(empty_database, "data", data=ref, lang="ja")
    assert not at.exception
