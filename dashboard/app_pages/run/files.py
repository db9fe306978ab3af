"""What a run can be taken away as: numbers, the trained network, the configuration, everything.

A file is made when its button is pressed, not before.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import streamlit as st

from dashboard.reads import store as data
from dashboard.reads import whole as records
from dashboard.widgets.checkpoint_choice import choose_checkpoint
from dashboard.widgets.shell import guarded, say_error
from dashboard.words.i18n import _
from db.records import CheckpointInfo, Run
from db.series_files import write_table
from engine.errors import LayerlabError
from engine.exports.numpy_script import to_numpy_script
from engine.exports.onnx_model import to_onnx

PROBLEM = "file_problem"


def files(run: Run) -> None:
    """Four groups of buttons, each with a word on what is in the file."""
    with guarded():
        _numbers(run)
        _network(run)
        left, right = st.columns(2, gap="large")
        with left:
            st.subheader(_("Configuration"))
            st.caption(_("The launch form and the command layerlab run read it back."))
            _button(run, "config.json", "JSON", run.config.to_json(indent=2), "application/json")
        with right:
            st.subheader(_("Everything"))
            st.caption(
                _("The whole run, for another database: the command layerlab import reads it.")
            )
            _button(run, "layerlab", _("Run"), partial(whole, run.id), "application/zip")


def _numbers(run: Run) -> None:
    st.subheader(_("Numbers"))
    names = {
        "metrics": _("Curves: loss and accuracy, one row per step and split"),
        "layers": _("Layer statistics, one row per step and layer"),
        "histograms": _("Distributions, one row per bin"),
    }
    if run.has_batch_norm:
        names["batch_norm"] = _("Batch Normalization, one row per step, layer and channel")
    for name, words in names.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(words, width=420)
            _button(run, f"{name}.csv", "CSV", partial(table, name, run.id, ".csv"), "text/csv")
            _button(
                run,
                f"{name}.parquet",
                "Parquet",
                partial(table, name, run.id, ".parquet"),
                "application/vnd.apache.parquet",
            )


def _network(run: Run) -> None:
    st.subheader(_("Trained network"))
    kept = data.checkpoints(run.id)
    if not kept:
        st.caption(_("This run keeps no checkpoint yet, so there are no trained weights to take."))
        return
    info = choose_checkpoint(kept)
    with st.container(horizontal=True, vertical_alignment="center"):
        name = f"step-{info.step}"
        check = partial(check_network, run, info)
        make = partial(onnx, run, info)
        _button(run, f"{name}.onnx", "ONNX", make, "application/octet-stream", check)
        make_script = partial(script, run, info)
        _button(run, f"{name}.py", _("NumPy script"), make_script, "text/x-python", check)
        st.caption(
            _(
                "In inference mode, with the scaling of the inputs inside. The script needs NumPy"
                " alone and reads like a lesson."
            )
        )

    if problem := st.session_state.pop(PROBLEM, None):
        say_error(problem)


def check_network(run: Run, info: CheckpointInfo) -> None:
    """What a file is made of may be gone: a run that trains thins out its checkpoints, and one of
    before kept no scaling. The browser would only say that it failed."""
    try:
        records.model_at(run.config, info)
    except LayerlabError as error:
        st.session_state[PROBLEM] = error
        data.checkpoints.clear()


def table(name: str, run_id: int, suffix: str) -> bytes:
    """One of the run's tables as a file."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"table{suffix}"
        write_table(records.table(name, [run_id]), file)
        return file.read_bytes()


def whole(run_id: int) -> bytes:
    """The run as a portable file."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "run.layerlab"
        records.export([run_id], file)
        return file.read_bytes()


def onnx(run: Run, info: CheckpointInfo) -> bytes:
    """The network at a checkpoint, for other programs."""
    return to_onnx(records.model_at(run.config, info))


def script(run: Run, info: CheckpointInfo) -> str:
    """The network at a checkpoint, as a script."""
    return to_numpy_script(records.model_at(run.config, info))


def _button(
    run: Run,
    end: str,
    label: str,
    content: Any,
    mime: str,
    check: Callable[[], None] | Literal["ignore"] = "ignore",
) -> None:
    """A button that makes the file and hands it over."""
    name = re.sub(r"[^0-9A-Za-z]+", "-", run.name).strip("-")[:40] or "run"
    st.download_button(
        label,
        content,
        file_name=f"{name}-{run.id}.{end}" if end == "layerlab" else f"{name}-{run.id}-{end}",
        mime=mime,
        key=f"file_{end}",
        icon=":material/download:",
        on_click=check,
    )
