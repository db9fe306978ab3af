"""The whole configuration as JSON: seen, edited, downloaded, uploaded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.state.form_start import fill
from dashboard.widgets.shell import say_error
from dashboard.words.i18n import _
from engine.config import RunConfig
from engine.errors import LayerlabError

LARGEST = 1_000_000  # bytes of a file: far more than any configuration


def whole_as_json(data: Mapping[str, Any], name: str) -> None:
    """A dialog with what the form holds, right or wrong."""
    st.dialog(_("Configuration as JSON"), width="large")(json_editor)(data, name)


def json_editor(data: Mapping[str, Any], name: str) -> None:
    """The JSON as text, or a file's instead; what is applied fills the form anew."""
    st.caption(
        _("The same file works on the command line: {command}").format(
            command="`layerlab run config.json`"
        )
    )
    uploaded = st.file_uploader(
        _("A file instead"), type="json", key="json_file", max_upload_size=1
    )
    text = json.dumps(data, indent=2, ensure_ascii=False)
    if uploaded is not None:
        text = uploaded.getvalue()[:LARGEST].decode("utf-8", errors="replace")
    written = st.text_area(
        "JSON", text, height=420, key=f"json_text_{uploaded and uploaded.file_id}"
    )
    with st.container(horizontal=True):
        apply = st.button(
            _("Fill the form"), type="primary", icon=":material/check:", key="json_apply"
        )
        st.download_button(
            _("Download"),
            written,
            file_name="config.json",
            mime="application/json",
            icon=":material/download:",
            on_click="ignore",
        )
    if apply:
        _apply(written, name)


def _apply(text: str, name: str) -> None:
    try:
        config = RunConfig.parse_json(text)
    except LayerlabError as error:
        say_error(error)
        return
    fill(config, name=name, note=_("Filled from JSON."))
    st.rerun()
