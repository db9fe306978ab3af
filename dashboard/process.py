"""What this process sets for all the libraries in it, once, before its first page is drawn."""

from __future__ import annotations

import gc

import pandas as pd
import streamlit as st
from altair.utils import schemapi


@st.cache_resource(show_spinner=False)
def tune() -> None:
    """Altair no longer checks every part of a chart as it is made: that is for tests. Frames hold
    their few words as Python's own strings: in Arrow's, which are for many, naming a column alone
    takes half a millisecond. What is loaded by now lives as long as the process: freezing it keeps
    the garbage collector from walking it again and again.
    """
    schemapi.DEBUG_MODE = False
    pd.set_option("mode.string_storage", "python")
    gc.collect()
    gc.freeze()
