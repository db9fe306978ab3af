"""Reports: whole in one file, true to what was typed, and safe whoever typed it."""

from __future__ import annotations

import io
import json
import re
import zipfile
from html.parser import HTMLParser

import pandas as pd
import pytest
import streamlit as st

from dashboard.app_pages.report.gather import compared_records, records_of
from dashboard.views.compare.arms import ALONE, arms_of
from dashboard.views.report.document import Block, Report, Section
from dashboard.views.report.files import as_html, as_images
from dashboard.views.report.of_many import Look, comparison_sections
from dashboard.views.report.of_run import run_sections
from dashboard.views.report.parts import OF_MANY, OF_RUN
from db.store import Store
from tests.dashboard.conftest import HOSTILE_NAME, Demo, OpenPage

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture
def store(demo_database: Demo, monkeypatch: pytest.MonkeyPatch, open_page: OpenPage) -> Store:
    """The demo database, as the dashboard's own reads find it."""
    monkeypatch.setenv("LAYERLAB_DATABASE_URL", demo_database.url)
    st.cache_resource.clear()
    from dashboard.reads.store import get_store

    return get_store()


def of_many(store: Store, *ids: int) -> Report:
    runs = list(store.runs.get_many(ids).values())
    found = compared_records(runs, arms_of(runs, ALONE), OF_MANY, Look())
    sections = comparison_sections(found, OF_MANY, Look())
    return Report(EVIL, "en", ("3 runs",), f"First.\n\n{EVIL}", tuple(sections))


class Elements(HTMLParser):
    """The elements of a file, each with its attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_a_report_is_one_file_that_asks_no_network_and_runs_nothing_typed(
    store: Store, demo_database: Demo
) -> None:
    demo = demo_database
    report = of_many(store, demo.done, demo.plain, demo.diverged, demo.hostile)
    text = as_html(report).decode()
    page = Elements(text)
    assert not [tag for tag, _attributes in page.found if tag in ("img", "iframe", "link", "b")]
    assert not [a for _tag, a in page.found if {"src", "href", "onerror"} & set(a)]
    assert "default-src 'none'" in str(page.found)
    assert EVIL in "".join(page.texts), "what was typed is there, as text"
    assert HOSTILE_NAME[:10] in "".join(page.texts)
    specs = re.findall(r'<script type="application/json" [^>]*>(.*?)</script>', text, re.DOTALL)
    assert len(specs) == len(report.figures) > 6
    assert all(json.loads(spec)["width"] == "container" for spec in specs)
    assert EVIL not in text


def test_charts_become_images_for_slides(store: Store, demo_database: Demo) -> None:
    run = store.runs.get(demo_database.done)
    assert run is not None
    sections = run_sections(records_of(run, OF_RUN), OF_RUN)
    assert [section.title for section in sections] == [
        "Curves",
        "Inside the layers",
        "Distributions",
        "BatchNorm",
        "Configuration",
    ]
    few = Report("t", "ja", (), "", (Section("s", figures=sections[0].figures),))
    for kind, signature in (("png", b"\x89PNG"), ("svg", b"<svg")):
        with zipfile.ZipFile(io.BytesIO(as_images(few, kind))) as files:  # type: ignore[arg-type]
            assert files.namelist() == [f"01-curve-loss.{kind}", f"02-curve-accuracy.{kind}"]
            assert files.read(files.namelist()[0]).startswith(signature)


def test_cells_are_text() -> None:
    frame = pd.DataFrame({"<b>": [EVIL]})
    text = as_html(Report("t", "en", (), "", (Section("s", tables=(Block("b", frame),)),))).decode()
    assert EVIL not in text
    assert "&lt;/script&gt;" in text


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_page_shows_what_the_file_will_hold(
    lang: str, demo_database: Demo, open_page: OpenPage
) -> None:
    demo = demo_database
    at = open_page(
        demo.url, "report", ids=f"{demo.done},{demo.plain}", parts="curves,map", lang=lang
    )
    assert not at.exception
    assert len(at.get("vega_lite_chart")) == 4 + 2 + 1, "curves, maps, the parallel axes"
    assert len(at.get("download_button")) == 3
    alone = open_page(demo.url, "report", ids=demo.done, lang=lang)
    assert not alone.exception
    assert alone.get("vega_lite_chart")
