"""A control that plays the paths step by step, in the browser: no rerun stands between two
pictures."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.words.i18n import _, integer

_HERE = Path(__file__)
_mounted = st.components.v2.component(
    "layerlab_player",
    html='<div class="player" hidden><button type="button"><svg viewBox="0 0 24 24"><path/></svg>'
    '</button><input type="range" min="0" step="1"><output></output></div>',
    css=_HERE.with_name("player.css").read_text("utf-8"),
    js=_HERE.with_name("player.js").read_text("utf-8"),
    isolate_styles=False,
)


def player(charts: str, *, steps: int, drawn: object) -> None:
    """Move the parameter `shown` of the charts in the container `charts` from 0 to `steps`;
    whenever what is `drawn` changes, all of it shows again."""
    st.html(f"<style>.st-key-{charts} .vega-bindings {{ display: none !important }}</style>")
    _mounted(
        key="player",
        data={
            "charts": charts,
            "steps": steps,
            "drawn": str(drawn),
            "label": _("Up to step"),
            "place": _("step {step} of {steps}").replace("{steps}", integer(steps)),
            "play": _("Play"),
            "pause": _("Pause"),
        },
    )
