"""The page of one run: in every state it says what there is, and offers a way on."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.app_pages.run import files
from dashboard.reads import store as data
from dashboard.views.status import event_text, status_name
from db.records import EventKind, Status
from db.store import Store
from engine.datasets import NPZ
from tests.dashboard.conftest import Demo, OpenPage, execute, small

TABS = ("curves", "layers", "distributions", "checkpoints", "configuration", "files", "log")


def tab(at: AppTest, name: str) -> AppTest:
    at.query_params["tab"] = name
    return at.run()


@pytest.mark.parametrize("status", list(Status))
def test_every_tab_opens_in_every_state(
    demo_database: Demo, open_page: OpenPage, status: Status
) -> None:
    at = open_page(demo_database.url, "run", id=demo_database.by_status[status])
    assert any(status_name(status) in markdown.value for markdown in at.markdown)
    for name in TABS:
        assert not tab(at, name).exception, name


def test_a_finished_run_shows_scores_and_curves(demo_database: Demo, open_page: OpenPage) -> None:
    at = open_page(demo_database.url, "run", id=demo_database.done)
    assert [metric.label for metric in at.metric][:2] == ["Validation accuracy", "Validation loss"]
    assert at.metric[0].value.endswith("%")
    assert len(at.get("vega_lite_chart")) == 2, "loss and accuracy; other tabs wait"


def test_a_running_run_shows_how_far_it_is(demo_database: Demo, open_page: OpenPage) -> None:
    at = open_page(demo_database.url, "run", id=demo_database.running)
    assert "Step 20 of 160" in at.get("progress")[0].text
    assert any(button.label == "Cancel" for button in at.button)


def test_a_run_that_ended_early_says_so_and_how_well_it_predicts_numbers_beside_their_mean(
    regression_database: str, open_page: OpenPage
) -> None:
    at = open_page(regression_database, "run", id=1)
    assert not at.exception
    assert any("Ended early at step 12 of 160" in caption.value for caption in at.caption)
    assert not at.get("progress")
    assert [metric.label for metric in at.metric] == [
        "Validation error",
        "R² on validation",
        "Validation loss",
        "Training loss",
        "Duration",
    ]
    assert len(at.get("vega_lite_chart")) == 1, "the loss"


def test_a_diverged_run_says_where(demo_database: Demo, open_page: OpenPage) -> None:
    at = open_page(demo_database.url, "run", id=demo_database.diverged)
    assert any("Diverged at step" in warning.value for warning in at.warning)
    specs = [chart.proto.spec for chart in at.get("vega_lite_chart")]
    assert all("diverged at step" in spec for spec in specs)


def test_a_failed_run_shows_its_sentence(demo_database: Demo, open_page: OpenPage) -> None:
    at = open_page(demo_database.url, "run", id=demo_database.failed)
    assert "No GPU answers" in at.error[0].value


def test_the_log_words_every_event(demo_database: Demo, open_page: OpenPage) -> None:
    at = tab(open_page(demo_database.url, "run", id=demo_database.done), "log")
    happened = at.dataframe[0].value["event"].tolist()
    assert happened[0] == "Training ended at step 16"
    assert happened[-1] == "Queued"
    assert "Training began on laptop with numpy" in happened


def test_every_kind_of_event_has_words(demo_database: Demo) -> None:
    store = Store.open(demo_database.url)
    try:
        event = store.runs.events(demo_database.done)[0]
    finally:
        store.close()
    for kind in EventKind:
        text = event_text(replace(event, kind=kind, data={}))
        assert text
        assert "{" not in text


def test_layers_are_chosen_by_kind(demo_database: Demo, open_page: OpenPage) -> None:
    at = tab(open_page(demo_database.url, "run", id=demo_database.done), "layers")
    for view in ("lines", "map"):
        for kinds in ([], ["relu"], ["dense", "batch_norm"]):
            at.button_group(key="at_drawn").set_value(view)
            at.button_group(key="at_kinds").set_value(kinds).run()
            assert not at.exception
            spec = at.get("vega_lite_chart")[-1].proto.spec
            assert ("relu1" in spec) == (kinds in ([], ["relu"]))


def test_a_statistic_that_does_not_apply_says_so(demo_database: Demo, open_page: OpenPage) -> None:
    at = tab(open_page(demo_database.url, "run", id=demo_database.done), "layers")
    at.button_group(key="at_stat").set_value("dead")
    at.button_group(key="at_kinds").set_value(["dense"]).run()
    assert any("does not apply" in caption.value for caption in at.caption)


def test_distributions_are_drawn_across_layers_and_across_steps(
    demo_database: Demo, open_page: OpenPage
) -> None:
    at = tab(open_page(demo_database.url, "run", id=demo_database.done), "distributions")
    for quantity in ("activation", "gradient", "weight"):
        for view in ("layers", "steps", "map"):
            at.button_group(key="at_quantity").set_value(quantity)
            at.button_group(key="at_shapes").set_value(view).run()
            assert not at.exception
            assert len(at.get("vega_lite_chart")) == 1, (quantity, view)


@pytest.mark.parametrize("asked", ["abc", "999999", "<script>alert(1)</script>", "1" * 5000])
def test_an_unknown_run_leaves_a_way_on(
    demo_database: Demo, open_page: OpenPage, asked: str
) -> None:
    at = open_page(demo_database.url, "run", id=asked)
    assert not at.exception
    assert "There is no run" in at.warning[0].value
    assert len(at.warning[0].value) < 200
    at.selectbox[0].set_value(demo_database.done).run()
    assert at.title[0].value == "BN, He, Adam"


def test_a_cancelled_run_is_cancelled_in_the_database(demo_copy: Demo, open_page: OpenPage) -> None:
    at = open_page(demo_copy.url, "run", id=demo_copy.queued)
    next(button for button in at.button if button.label == "Cancel").click().run()
    next(button for button in at.button if button.label == "Cancel the run").click().run()
    store = Store.open(demo_copy.url)
    try:
        run = store.runs.get(demo_copy.queued)
    finally:
        store.close()
    assert run is not None
    assert run.status is Status.CANCELLED


def test_a_run_under_way_is_read_only_from_where_it_was_left(
    demo_copy: Demo, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    read = data.metrics_after

    def watched(run_id: int, step: int) -> pd.DataFrame:
        asked.append(step)
        return read(run_id, step)

    monkeypatch.setattr(data, "metrics_after", watched)
    at = open_page(demo_copy.url, "run", id=demo_copy.running)
    at.run()
    assert asked[0] == -1
    assert asked[-1] == 20, "the second look asks for what came after the first"


def test_unhealthy_layers_are_named_with_the_step_they_began_at(
    demo_database: Demo, open_page: OpenPage
) -> None:
    at = tab(open_page(demo_database.url, "run", id=demo_database.diverged), "layers")
    told = " ".join(warning.value for warning in at.warning)
    assert "**Not finite**: NaN or infinity in dense1" in told
    assert "from step" in told
    at = tab(open_page(demo_database.url, "run", id=demo_database.done), "layers")
    assert "Healthy" in at.success[0].value


def test_curves_go_by_step_epoch_and_time_and_the_address_keeps_it(
    demo_database: Demo, open_page: OpenPage
) -> None:
    at = open_page(demo_database.url, "run", id=demo_database.done, x="epoch", smooth=5)
    assert at.select_slider(key="at_smooth").value == 5
    for axis, title in (("epoch", "Epoch"), ("time", "Training time (s)"), ("step", "Step")):
        at.button_group(key="at_x").set_value(axis).run()
        assert not at.exception
        assert f'"title": "{title}"' in at.get("vega_lite_chart")[0].proto.spec
    assert "x" not in at.query_params, "the default is not in the address"


def test_a_run_goes_on_from_its_end_and_from_a_checkpoint(
    demo_copy: Demo, open_page: OpenPage
) -> None:
    at = tab(open_page(demo_copy.url, "run", id=demo_copy.done), "checkpoints")
    assert "best" in " ".join(at.dataframe[0].value["note"])
    at.number_input[0].set_value(3)
    next(b for b in at.button if b.label == "Continue the run").click().run()
    assert not at.exception
    at = tab(open_page(demo_copy.url, "run", id=demo_copy.done), "checkpoints")
    at.text_area[0].set_value("optimizer.lr=nothing")
    next(b for b in at.button if b.label == "Branch the run").click().run()
    assert "optimizer.lr" in at.error[0].value
    at.text_area[0].set_value("optimizer.lr=0.002\nepochs=9")
    next(b for b in at.button if b.label == "Branch the run").click().run()
    with Store.open(demo_copy.url) as store:
        branch, continued = store.runs.find(limit=2).runs
    assert continued.parent_id == branch.parent_id == demo_copy.done
    assert continued.config.epochs == 7
    assert branch.config.optimizer.lr == 0.002


def test_the_files_of_a_run_hold_what_they_say(
    demo_database: Demo, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = tab(open_page(demo_database.url, "run", id=demo_database.done), "files")
    assert not at.exception
    assert len(at.get("download_button")) == 12
    run, info = data.get_run(demo_database.done), data.checkpoints(demo_database.done)[-1]
    assert run
    curves = pd.read_csv(BytesIO(files.table("metrics", run.id, ".csv")))
    assert set(curves["split"]) == {"batch", "train", "train_sample", "validation"}
    assert len(pd.read_parquet(BytesIO(files.table("layers", run.id, ".parquet")))) > 0
    assert files.whole(run.id).startswith(b"PK")
    assert len(files.onnx(run, info)) > 1000
    compile(files.script(run, info), "network.py", "exec")


def test_a_network_is_taken_whose_data_set_is_gone(
    empty_database: str, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAYERLAB_DATA_DIR", str(tmp_path))
    file = tmp_path / "mine.npz"
    rng = np.random.default_rng(0)
    np.savez(file, x=rng.normal(size=(60, 4)), y=np.arange(60) % 10)
    with Store.open(empty_database) as store:
        config = small(dataset=NPZ(file="mine.npz"), epochs=1)
        run_id = store.queue.enqueue(config, owner="aiko").id
        execute(store, run_id)
    at = tab(open_page(empty_database, "run", id=run_id), "files")
    assert len(at.get("download_button")) == 12
    file.unlink()
    at = tab(open_page(empty_database, "run", id=run_id), "files")
    assert not at.exception
    assert not at.error
    assert len(at.get("download_button")) == 12, "its scaling is kept with it"
    at = tab(open_page(empty_database, "run", id=run_id), "answers")
    assert "mine.npz" in at.error[0].value.replace("\\", ""), "its samples are not"


def test_a_checkpoint_that_was_thinned_out_meanwhile_is_told_in_a_sentence(
    demo_database: Demo, open_page: OpenPage
) -> None:
    at = tab(open_page(demo_database.url, "run", id=demo_database.done), "files")
    run, info = data.get_run(demo_database.done), data.checkpoints(demo_database.done)[-1]
    assert run
    st.session_state.pop(files.PROBLEM, None)
    files.check_network(run, info)
    assert files.PROBLEM not in st.session_state
    files.check_network(run, replace(info, id=10**6))
    at.session_state[files.PROBLEM] = st.session_state.pop(files.PROBLEM)
    at.run()
    assert "checkpoint" in at.error[0].value


def test_a_run_shows_which_class_it_takes_for_which_and_the_pictures_that_it_gets_wrong(
    demo_database: Demo, open_page: OpenPage
) -> None:
    at = tab(open_page(demo_database.url, "run", id=demo_database.done), "answers")
    assert not at.exception
    assert len(at.get("vega_lite_chart")) == 1
    assert any("samples are right" in each.value.replace("\\", "") for each in at.markdown)
    (classes,) = (each.value for each in at.dataframe)
    assert set(classes["Class"]) == {str(k) for k in range(10)}
    assert "Wrong answers" in [each.value for each in at.subheader]  # pictures, not a table of them
