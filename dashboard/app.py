"""The router: settles the language, lists the pages and runs the one that was asked for."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.process import tune
from dashboard.reads.store import get_store
from dashboard.state import address
from dashboard.state.pages import PAGES
from dashboard.widgets.keyboard import escape_keeps
from dashboard.widgets.language import choose_language, language_switch
from dashboard.widgets.menu import menu
from dashboard.widgets.shell import entitle, guarded, let_in, say_read_only, say_who, told
from dashboard.widgets.theme import legible
from dashboard.words.i18n import _

ICON = Path(__file__).with_name("icon.svg")
"""A picture of our own: Streamlit has the browser fetch an icon that it names from a font host."""

st.set_page_config(page_title="layerlab", page_icon=ICON, layout="wide")
choose_language()
inside = let_in()
st.logo(Path(__file__).with_name("logo.svg"), size="large")

pages = {
    p.key: st.Page(p.script, title=_(p.title), icon=p.icon, url_path=p.key, default=p is PAGES[0])
    for p in PAGES
}
page = st.navigation(list(pages.values()), position="hidden")
current = next(key for key, known in pages.items() if known is page)
if inside:
    address.enter(current)
    entitle(page.title)
    with st.sidebar:
        menu(current)
        language_switch()
        legible()
        escape_keeps()
    with told(), guarded():
        with st.sidebar:
            say_who()
        get_store()  # whatever the page reads: a database that cannot be used is told at once
        tune()
        say_read_only()
        page.run()
