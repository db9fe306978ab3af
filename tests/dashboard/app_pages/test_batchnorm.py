"""The BatchNorm page: its parts, its links, and what to do without BN."""

from __future__ import annotations

import pytest

from db.store import Store
from tests.dashboard.conftest import Demo, OpenPage


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_run_with_batch_norm_is_inspected(
    demo_database: Demo, open_page: OpenPage, lang: str
) -> None:
    at = open_page(demo_database.url, "batchnorm", id=demo_database.done, lang=lang)
    assert not at.exception
    assert len(at.get("vega_lite_chart")) == 5, "gaps; dots and agreement of mean and variance"
    channels = at.dataframe[-1].value
    assert len(channels) == 20
    assert channels["mean_gap"].is_monotonic_decreasing
    assert channels["batch_mean"].notna().all(), "the engine records at a checkpoint's step"


def test_checkpoint_and_layer_come_from_the_address(
    demo_database: Demo, open_page: OpenPage
) -> None:
    store = Store.open(demo_database.url)
    try:
        kept = store.checkpoints.list(demo_database.done)
    finally:
        store.close()
    first = kept[0]
    at = open_page(
        demo_database.url, "batchnorm", id=demo_database.done, checkpoint=first.id, layer=4
    )
    assert at.session_state["at_checkpoint"] == first.id
    assert at.session_state["at_layer"] == 4
    at.select_slider[0].set_value(kept[-1].id).run()
    assert "checkpoint" not in at.query_params, "the newest is shown anyway"
    assert at.session_state["at_layer"] == 4, "the layer stays where the checkpoint changes"


@pytest.mark.parametrize("asked", ["abc", "999999", "-1", "<script>"])
def test_an_unknown_checkpoint_or_layer_is_the_newest_or_the_worst(
    demo_database: Demo, open_page: OpenPage, asked: str
) -> None:
    at = open_page(
        demo_database.url, "batchnorm", id=demo_database.done, checkpoint=asked, layer=asked
    )
    assert not at.exception
    assert len(at.get("vega_lite_chart")) == 5


def test_a_run_without_batch_norm_hears_what_to_try(
    demo_database: Demo, open_page: OpenPage
) -> None:
    at = open_page(demo_database.url, "batchnorm", id=demo_database.plain)
    assert not at.exception
    assert "no Batch Normalization layer" in at.info[0].value
    assert "Clone this run" in [button.label for button in at.button]


@pytest.mark.parametrize("state", ["queued", "failed", "cancelled"])
def test_a_run_without_a_checkpoint_says_why(
    demo_database: Demo, open_page: OpenPage, state: str
) -> None:
    at = open_page(demo_database.url, "batchnorm", id=getattr(demo_database, state))
    assert not at.exception
    assert "checkpoint" in at.info[0].value


@pytest.mark.parametrize(
    ("tab", "charts"),
    [
        ("why", 3),
        ("momenta", 1),
        ("around", 5),
        ("modes", 3),
        ("paths", 5),
        ("folded", 3),
    ],
)
def test_every_part_of_the_inspector_is_drawn(
    demo_database: Demo, open_page: OpenPage, tab: str, charts: int
) -> None:
    at = open_page(demo_database.url, "batchnorm", id=demo_database.done)
    at.query_params["tab"] = tab
    at.run()
    assert not at.exception
    assert not at.error
    assert len(at.get("vega_lite_chart")) == charts, "the gaps, and the part's own"
