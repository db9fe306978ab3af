"""The table of pages: everything that names one reads it here, the tests too."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.words.i18n import msg
from db.rights import Action


@dataclass(frozen=True, slots=True)
class Page:
    """A page: `key` is its path in the address and its script in `app_pages/`. One that `needs` a
    right is for those who are signed in and have it."""

    key: str
    icon: str
    title: str
    help: str
    needs: Action | None = None

    @property
    def script(self) -> str:
        """The script, as Streamlit names it: relative to the router."""
        return f"app_pages/{self.key}/{self.key}.py"


PAGES = (
    Page(
        "home",
        ":material/home:",
        msg("Home"),
        msg("What is running, what has recently finished and what to try next."),
    ),
    Page(
        "lessons",
        ":material/school:",
        msg("Lessons"),
        msg("Claims of textbooks: predict, run, see and judge them, alone or as a class."),
    ),
    Page(
        "launch",
        ":material/rocket_launch:",
        msg("Launch"),
        msg("Describe a network and how it learns, and start a run."),
    ),
    Page(
        "data",
        ":material/table:",
        msg("Data"),
        msg("What there is to learn from: add your own, look at it, launch a run with it."),
    ),
    Page(
        "runs",
        ":material/format_list_bulleted:",
        msg("Runs"),
        msg("Every run with its state and its scores: filter, open, compare, cancel, clone."),
    ),
    Page(
        "run",
        ":material/monitoring:",
        msg("Run"),
        msg("One run: its curves and what happened inside every layer, live."),
    ),
    Page(
        "batchnorm",
        ":material/equalizer:",
        msg("BatchNorm"),
        msg("The statistics a run normalizes with, channel by channel, in training and inference."),
    ),
    Page(
        "activations",
        ":material/bar_chart:",
        msg("Activations"),
        msg("A network before its first step: what reaches each layer, beside theory."),
    ),
    Page(
        "optimizers",
        ":material/route:",
        msg("Optimizers"),
        msg("The paths of optimizers over a surface, from wherever you click."),
    ),
    Page(
        "compare",
        ":material/compare_arrows:",
        msg("Compare"),
        msg("Two or more runs side by side: what differs between them, and what came of it."),
    ),
    Page(
        "report",
        ":material/summarize:",
        msg("Report"),
        msg("A run or a comparison as one file to hand in, and its charts as images."),
    ),
    Page(
        "people",
        ":material/groups:",
        msg("People"),
        msg("Who changed what, with what was there before and after."),
        needs=Action.READ_AUDIT,
    ),
)


def script_of(key: str) -> str:
    """The script of the page of that name."""
    return next(page.script for page in PAGES if page.key == key)
