"""The address and the page say the same, whatever a reader does with either: every choice that some
page declares is made in the browser, all of a page in turn, and goes through another page, Back,
Forward, and a reload or another browser."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from dashboard.state.pages import PAGES
from tests.browser import settled
from tests.dashboard.served import Served
from tests.dashboard.walk import Seen, Tab, change, declared


@dataclass(frozen=True)
class Way:
    """A page as a link opens it, and the choices made there in turn."""

    address: str
    steps: str

    @property
    def choices(self) -> set[str]:
        """What is chosen: the start of the paths stands in two fields, their rates in several."""
        return {re.split("[_:]", step)[0] for step in self.steps.split(", ")}


WAYS = {
    "home": Way("/?", "lang"),
    "launch": Way("/launch?", "name, mode"),
    "runs": Way("/runs?", "page, order, status, q, owner, shelf, list"),
    "runs, grouped": Way("/runs?", "group"),
    "run": Way(
        "/run?id={done}",
        "x, smooth, log, tab:Inside the layers, stat, drawn, kinds, statlog,"
        " tab:Distributions, of, quantity, step, shapes, layer",
    ),
    "run, answers": Way("/run?id={done}&tab=answers", "split"),
    "run, learned": Way("/run?id={moons}&tab=learned", "checkpoint"),
    "batchnorm": Way(
        "/batchnorm?id={done}",
        "checkpoint, layer, moment, tab:Training or inference, m, shift, scale,"
        " tab:Over training, channels, id",
    ),
    "activations": Way(
        "/activations?init=normal&activation=tanh&depth=2&width=20",
        "depth, width, amount, scale, bn, data, show, init, activation",
    ),
    "optimizers": Way("/optimizers?", "steps, start_x, paths_sgd, paths, surface"),
    "optimizers, loss of a run": Way("/optimizers?id={done}", "start_y, checkpoint"),
    "compare": Way(
        "/compare?ids={done},{plain}",
        "training, x, smooth, log, base, hidden, tab:Inside the layers, panels, stat, statlog,"
        " tab:Distributions, quantity, of, step, shapes, layer, tab:BatchNorm, bn, group",
    ),
    "compare, learned": Way("/compare?ids={moons},{again}&tab=learned", "epoch"),
    "compare, a sweep": Way("/compare?sweep=1&tab=map", "score, along, up, by, tab:Curves"),
    "compare, groups": Way("/compare?ids={moons},{again}&group=seed", "band"),
    "report": Way("/report?ids={done},{plain}", "parts, title, remarks, group"),
}

ELSEWHERE = {
    "ids": "test_runs_chosen_on_compare_stay",
    "sweep": "test_a_sweep_is_planned_then_launched_and_watched",
    "view": "test_a_saved_view_shows_the_same_in_another_tab",
    "cols": "test_columns_chosen_stay",
    "selected": "test_runs_of_several_pages_are_selected_together_and_stay_so",
    "from": "test_a_past_run_fills_the_form",
    "experiment": "test_a_link_to_an_arm_of_a_lesson_fills_the_form",
    "draft": "test_what_is_not_yet_valid_is_there_again",
    "config": "test_a_form_is_filled_by_keyboard_and_shows_the_last_valid_network",
    **dict.fromkeys(
        ("xmin", "xmax", "lossmin", "lossmax", "accmin", "accmax"), "test_ends_of_axes_stay"
    ),
    **dict.fromkeys(
        ("data/encoding", "data/separator", "data/decimal", "data/header"),
        "test_how_a_table_is_written_is_found_and_can_be_changed",
    ),
    **dict.fromkeys(
        (
            *("data/target", "data/leave_out", "data/feature", "data/task"),
            *("data/words", "data/missing", "data/channels"),
        ),
        "test_what_is_not_plain_is_asked_for_and_what_is_chosen_is_configured",
    ),
    "data/outlier": "test_an_outlier_shows_what_each_scaling_does_to_the_others",
    "data/data": "test_any_link_shows_data_or_all_of_it",
    **dict.fromkeys(
        ("people/who", "people/action", "people/kind", "people/key"),
        "test_what_is_chosen_stands_in_the_address_and_narrows_the_list",
    ),
    "lesson": "test_a_link_to_no_lesson_or_no_class_is_said",
    "class": "test_a_link_to_no_lesson_or_no_class_is_said",
    "write": "test_compared_runs_become_a_lesson",
}
"""Choices that no way makes, by the test that does: those that are no widget of their page, and as
`page/name` those of pages that have no way yet."""


def test_every_choice_that_is_declared_is_made_by_some_test() -> None:
    """A new choice that no way through its page makes is named here."""
    walked = {(name.split(",")[0], choice) for name, way in WAYS.items() for choice in way.choices}
    named = {choice for _page, choice in walked}
    missing = {
        (page, choice)
        for page, choice in declared()
        if not {choice, f"{page}/{choice}"} & {*ELSEWHERE}
        and ((page, choice) not in walked if page else choice not in named)
    }
    assert missing == set()
    tests = "".join(file.read_text("utf-8") for file in Path(__file__).parent.rglob("test_*.py"))
    assert [test for test in ELSEWHERE.values() if f"def {test}(" not in tests] == []


@pytest.mark.browser
@pytest.mark.xdist_group("address_in_browser")
@pytest.mark.parametrize("name", WAYS)
def test_every_choice_comes_back(
    name: str, page: Page, other_reader: BrowserContext, address: str, served_database: Served
) -> None:
    way, tab = WAYS[name], Tab(page)
    page.goto(address + way.address.format_map(vars(served_database)) + "&lang=en")
    seen = [tab.still()]
    for step in way.steps.split(", "):
        entries = tab.entries
        change(page, step)
        seen.append(tab.still(unlike=seen[-1]))
        assert tab.entries == entries + 1, f"{step} is one step of the history"
    first_of_page = "," not in name
    if first_of_page:
        _look_elsewhere(tab)
        tab.becomes(seen[-1], "another page and the menu")
    _back_and_forward(tab, seen, past=2 * first_of_page)
    if first_of_page:
        page.reload()
        tab.becomes(seen[-1], "a reload")
    else:
        other = other_reader.new_page()
        other_tab = Tab(other)
        other.goto(page.url)
        other_tab.becomes(seen[-1], "opening the link in another browser")
        other.close()


def _look_elsewhere(tab: Tab) -> None:
    """Look at another page, and come back by the menu."""
    links = tab.page.get_by_test_id("stSidebar").get_by_role("link")
    here = [link.get_attribute("aria-current") for link in links.all()].index("page")
    keys = [page.key for page in PAGES if page.needs is None]
    there = keys.index("run" if keys[here] == "report" else "report")
    for place in (there, here):
        links.nth(place).click()
        expect(links.nth(place)).to_have_attribute("aria-current", "page")
        tab.still()


def _back_and_forward(tab: Tab, seen: Sequence[Seen], *, past: int) -> None:
    """Back, past what was looked at since, to wherever the page showed other choices and to the
    beginning; Forward to the end."""
    end = len(seen) - 1
    at = end + past
    for i in reversed(range(end)):
        if i == 0 or seen[i].shown.keys() != seen[i + 1].shown.keys():
            tab.goes(i - at)
            tab.becomes(seen[i], f"Back to the first {i} choices")
            at = i
    tab.goes(end + past)
    tab.becomes(seen[end], "Forward to the last choice")


@pytest.mark.browser
@pytest.mark.xdist_group("address_in_browser")
def test_ends_of_axes_stay(page: Page, address: str, served_database: Served) -> None:
    """They are typed in a popover: what was typed is there again, and so is the stretch drawn."""
    ids = f"{served_database.done},{served_database.plain}"
    page.goto(f"{address}/compare?ids={ids}&lang=en")
    settled(page).get_by_role("button", name="Axes").click()
    ends = {"xmin": 2, "xmax": 12, "lossmin": 0.5, "lossmax": 3, "accmin": 0, "accmax": 1}
    for name, end in ends.items():
        box = page.locator(f".st-key-at_{name} input")
        box.fill(str(end))
        box.press("Enter")
        expect(page).to_have_url(re.compile(f"{name}={end}"))
    settled(page).reload()
    settled(page).get_by_role("button", name="Axes").click()
    for name, end in ends.items():
        expect(page.locator(f".st-key-at_{name} input")).to_have_value(str(end))
    page.go_back(wait_until="commit")
    expect(page).not_to_have_url(re.compile("accmax"))
    expect(page).to_have_url(re.compile("accmin=0"))
