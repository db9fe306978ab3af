"""Data: what there is to learn from; add your own, look at it, launch a run with it."""

import streamlit as st

from dashboard.app_pages.data.adding import add
from dashboard.app_pages.data.details import details
from dashboard.app_pages.data.listing import listing
from dashboard.app_pages.data.shown import shown
from dashboard.widgets.links import page_link
from dashboard.words.i18n import _
from dashboard.words.text import plain

one = shown()
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.title(plain(one.name) if one else _("Data"), width="content")
    if one:
        page_link("data", _("All data"), icon=":material/arrow_back:")
    else:
        add()
if one:
    details(one)
else:
    listing()
