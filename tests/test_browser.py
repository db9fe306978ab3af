"""What a person does on the first day, in a real browser against the real command."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.state.pages import PAGES
from db.store import Store
from engine.lessons.normalizing import BATCH_NORM
from tests.browser import settled
from tests.engine.idx_files import write_idx
from tests.runner.processes import LAYERLAB, environment, running, until

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("processes")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(process: psutil.Popen, address: str) -> bool:
    assert process.poll() is None, "layerlab has ended"
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@dataclass(frozen=True)
class Lab:
    """`layerlab` at work, and its folder."""

    address: str
    folder: Path

    @property
    def database(self) -> str:
        return f"sqlite:///{self.folder / 'runs.db'}"


@pytest.fixture(scope="module")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """`layerlab` on an empty database, for the first of the tests, behind a path prefix: the
    command must wait for the health address below it."""
    port, folder = free_port(), tmp_path_factory.mktemp("lab")
    url = f"sqlite:///{folder / 'runs.db'}"
    env = environment(url, folder, STREAMLIT_SERVER_BASE_URL_PATH="group/lab")
    command = [*LAYERLAB, "--no-browser", "--port", str(port)]
    with running(command, env, folder / "layerlab.out") as process:
        address = f"http://127.0.0.1:{port}/group/lab"
        until(lambda: _answers(process, address))
        until(lambda: "/group/lab" in (folder / "layerlab.out").read_text())
        yield Lab(address, folder)


def launch(page: Page, address: str, name: str, position: str) -> str:
    """Fill the form, launch, and stay until the run's page says that it is done; its number."""
    page.goto(f"{address}/launch?lang=en")
    settled(page)
    page.get_by_role("textbox", name="Name", exact=True).fill(name)
    page.get_by_role("textbox", name="Name", exact=True).press("Enter")
    settled(page)
    page.get_by_role("radio", name=position, exact=True).click()
    settled(page)
    page.locator(".st-key-launch button").click()  # which opens the run
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.locator(".stMarkdownBadge", has_text="Done")).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]id=\d+"))
    number = re.search(r"[?&]id=(\d+)", page.url)
    assert number, "a run's page has an address"
    return number[1]


def test_a_newcomer_finds_what_batch_normalization_changed_and_how_far_its_variance_is_off(
    browser: Browser, lab: Lab
) -> None:
    """On an empty database, without a word typed or a page looked for: from the first page to a
    lesson's verdict and to both answers, in the language that the browser asks for."""
    context = browser.new_context(locale="ja", viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.goto(f"{lab.address}/")
    settled(page)
    page.get_by_role("button", name="最初のレッスンを開く").click()
    page.get_by_role("button", name="3 個のシードで実行").click()
    # The page tells by itself when all have ended.
    expect(page.get_by_text("支持された", exact=True).first).to_be_visible()

    main = page.get_by_test_id("stMain")
    main.get_by_role("link", name="BatchNorm").click()
    gap = page.get_by_test_id("stMetric").filter(has_text="分散の最大のずれ")
    expect(gap).to_contain_text("%")
    missed = re.compile(r"分散のずれが最も大きいのは.* \d+\.\d% (小さ|大き)く")
    expect(page.get_by_text(missed)).to_be_visible()

    page.go_back()
    main.get_by_role("link", name="比較").click()
    page.get_by_role("tab", name="層の内部").click()
    told = page.get_by_test_id("stTable")
    expect(told.get_by_role("columnheader", name="勾配消失")).to_be_visible()
    expect(told).to_contain_text("3 件中 3 件の実行")
    context.close()


CLASSMATES = ("aiko", "ben", "chika")


def test_a_class_of_three_answers_a_lesson_together(
    browser: Browser, lab: Lab, tmp_path: Path
) -> None:
    """Three people with a browser each: by the class's link to a prediction, a press, the verdict
    of all runs together, and one file to keep."""
    with Store.open(lab.database) as store:
        group = store.classes.make("Kyoto 24", [BATCH_NORM.key], owner="mika")
    size = {"width": 1280, "height": 1000}
    pages = [browser.new_context(locale="en", viewport=size).new_page() for _ in CLASSMATES]  # type: ignore[arg-type]
    for choice, (name, page) in enumerate(zip(CLASSMATES, pages, strict=True)):
        page.goto(f"{lab.address}/lessons?class={group.key}")
        owner = settled(page).get_by_role("textbox", name="Owner")
        owner.fill(name)
        owner.press("Enter")
        page.wait_for_function(f"document.cookie.includes('layerlab_name={name}')")
        main = settled(page).get_by_test_id("stMain")
        main.get_by_role("link", name=BATCH_NORM.name).click()
        expect(page.get_by_role("heading", name="Predict", exact=True)).to_be_visible()
        settled(page).get_by_test_id("stMain").get_by_text(
            BATCH_NORM.choices[choice], exact=True
        ).click()
        settled(page).locator(".st-key-predict button").click()
        expect(page.get_by_text("You predicted: ")).to_be_visible()
    for page in pages:
        settled(page).locator(".st-key-run_arms button").click()
    for page in pages:  # each tells by itself when all of the class's runs have ended
        expect(page.get_by_text("Measured with 3 seeds")).to_be_visible()
        expect(page.get_by_text("Supported", exact=True).first).to_be_visible()
        expect(page.get_by_role("heading", name="What others predicted")).to_be_visible()

    with Store.open(lab.database) as store:
        runs = store.lessons.runs(BATCH_NORM, owner="", class_key=group.key)
        members = store.lessons.members(group.key)
    assert sorted((each.arm, each.seed) for each in runs) == [
        (a, s) for a in (0, 1) for s in range(3)
    ]
    assert {each.run.owner for each in runs} == {*CLASSMATES}
    assert members.keys() == {*CLASSMATES}

    settled(pages[0]).get_by_test_id("stMain").get_by_role("link", name="Report").click()
    told = report_is_whole(pages[0], tmp_path, least=4)
    assert "Measured with 3 seeds" in told
    assert all(f"{choice}: 1" in told for choice in BATCH_NORM.choices)
    for page in pages:
        page.context.close()


def report_of_comparison(page: Page, folder: Path) -> None:
    """Take the comparison away as one file."""
    page.locator(".st-key-to_report button").first.click()
    report_is_whole(page, folder, least=5)


def report_is_whole(page: Page, folder: Path, *, least: int) -> str:
    """Take the report away as one file, whose charts draw without any network; what it says."""
    expect(page.get_by_role("heading", name="Report", exact=True)).to_be_visible()
    settled(page)
    with page.expect_download() as download:
        page.locator(".st-key-report_report-html button").click()
    download.value.save_as(folder / "report.html")
    context = page.context.browser.new_context(offline=True)  # type: ignore[union-attr]
    report = context.new_page()
    report.goto((folder / "report.html").as_uri())
    figures = report.locator("figure").count()
    assert figures >= least
    expect(report.locator("figure svg.marks")).to_have_count(figures)
    told = report.locator("body").inner_text()
    context.close()
    return told


def test_a_run_is_launched_from_the_form_watched_to_its_end_and_compared(
    browser: Browser, lab: Lab, tmp_path: Path
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))

    first = launch(page, lab.address, "with BN <b>", "before")
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible()
    second = launch(page, lab.address, "without BN", "none")

    page.get_by_role("link", name="Compare").last.click()
    expect(page.get_by_role("heading", name="Compare")).to_be_visible()
    settled(page)
    page.goto(f"{lab.address}/compare?ids={first},{second}&lang=en")
    settled(page)
    for name in ("with BN <b>", "without BN"):
        expect(page.get_by_text(re.compile(re.escape(name))).first).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(4)
    report_of_comparison(page, tmp_path)
    page.goto(f"{lab.address}/compare?ids={first},{second}&lang=ja")
    expect(page.get_by_role("heading", name="比較")).to_be_visible()
    assert faults == []

    told = _runs(lab.folder)
    for number in (first, second):
        assert told[number]["status"] == "done"
        assert told[number]["best"]["val_accuracy"] >= 0.95


def test_under_a_path_prefix_every_link_leads_where_it_says(browser: Browser, lab: Lab) -> None:
    """A menu link that dropped the prefix, or the page that is the first, would lead elsewhere when
    opened in another tab."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000}, locale="en")
    page.goto(f"{lab.address}/run")
    links = settled(page).get_by_test_id("stSidebar").get_by_role("link")
    expect(links.first).to_be_visible()
    leads = links.evaluate_all("links => links.map(link => link.href)")
    everybodys = [p for p in PAGES if p.needs is None]
    assert leads == [f"{lab.address}/", *(f"{lab.address}/{p.key}" for p in everybodys[1:])]
    page.get_by_test_id("stSidebar").get_by_role("link", name="Launch", exact=True).click()
    expect(page).to_have_title("Launch - layerlab")
    expect(page).to_have_url(f"{lab.address}/launch")
    page.locator(".st-key-launch button").click()
    expect(page).to_have_url(re.compile(re.escape(f"{lab.address}/run?id=")))
    page.reload()
    expect(page).to_have_title(re.compile(r"^#\d+.* - layerlab$"))
    page.close()


def _runs(folder: Path) -> dict[str, Any]:
    """The runs by their numbers, as the command line tells them."""
    answer = subprocess.run(
        [*LAYERLAB, "runs", "--json"],
        env={**os.environ, "LAYERLAB_DATABASE_URL": f"sqlite:///{folder / 'runs.db'}"},
        capture_output=True,
        check=True,
    )
    return {str(run["id"]): run for run in json.loads(answer.stdout)}


SPREADSHEET = "長さ,幅,品種\r\n" + "".join(
    f"{5 + i % 7 / 10},{2 + i % 5 / 5},{'桜梅桃'[i % 3]}\r\n" for i in range(60)
)
"""As a Japanese spreadsheet writes it, in CP932."""


def mnist_files(folder: Path) -> list[Path]:
    """The four files of MNIST, small."""
    files = []
    for split, n in (("train", 60), ("t10k", 20)):
        labels = (np.arange(n) % 10).astype(np.uint8)
        pixels = np.repeat(25 * labels, 64).reshape(n, 8, 8).astype(np.uint8)
        for what, array in (("images", pixels), ("labels", labels)):
            files.append(folder / f"{split}-{what}-idx{array.ndim}-ubyte")
            write_idx(files[-1], array)
    return files


@pytest.mark.parametrize(
    ("lang", "what", "goal"),
    [("ja", "spreadsheet", "目標は 3 クラス"), ("en", "mnist", "each 64, 10 classes")],
)
def test_ones_own_files_are_trained_with_in_a_few_clicks(
    browser: Browser, lab: Lab, tmp_path: Path, lang: str, what: str, goal: str
) -> None:
    """Dropped, looked at, launched, learned, without leaving the browser."""
    files = [tmp_path / "花.csv"] if what == "spreadsheet" else mnist_files(tmp_path)
    if what == "spreadsheet":
        files[0].write_bytes(SPREADSHEET.encode("cp932"))
    page = browser.new_page(viewport={"width": 1280, "height": 1400})
    page.goto(f"{lab.address}/data?lang={lang}")
    settled(page).locator(".st-key-data_add button").first.click()
    page.locator("input[type=file]").set_input_files(files)
    expect(page.locator(".st-key-data_add_yes button")).to_be_enabled()
    settled(page).locator(".st-key-data_add_yes button").click()
    expect(page).to_have_url(re.compile(r"[?&]data=\d+"))
    expect(page.get_by_text(goal)).to_be_visible()
    settled(page).locator(".st-key-data_launch button").click()
    expect(page).to_have_url(re.compile(r"/launch\?"))
    settled(page).locator(".st-key-launch button").click()
    done = {"ja": "完了", "en": "Done"}[lang]
    expect(page.locator(".stMarkdownBadge", has_text=done)).to_be_visible()
    page.close()
