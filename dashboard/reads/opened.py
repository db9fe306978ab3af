"""The one Store of this process, for what every session may read.

Caches are everybody's, so what fills them never asks as anybody: reads go through here. What pages
change goes through `dashboard.reads.store.get_store`, as whoever is signed in.
"""

from __future__ import annotations

import streamlit as st

from db.address import default_url
from db.store import Store


@st.cache_resource(show_spinner=False)
def shared_store() -> Store:
    """The one Store of this process."""
    return Store.open(default_url())
