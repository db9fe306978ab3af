"""Components of our own: what a script in the browser does. Each is a file beside this one,
`NAME.js` with `NAME.css`, and begins with what all of them share (`links.js`)."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_HERE = Path(__file__).parent


def component(name: str, *, html: str | None = None) -> ComponentRenderer:
    """The component of that name, to be mounted where a page draws it."""
    css = _HERE / f"{name}.css"
    return st.components.v2.component(
        f"layerlab_{name}",
        html=html,
        css=css.read_text("utf-8") if css.exists() else None,
        js="\n".join((_HERE / file).read_text("utf-8") for file in ("links.js", f"{name}.js")),
    )
