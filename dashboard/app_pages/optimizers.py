"""Paths of optimizers over a surface of two parameters, from wherever the reader clicks."""

import streamlit as st

from dashboard.i18n import _
from dashboard.optimizers.choose import asked, choose_optimizers, choose_start, choose_surface
from dashboard.optimizers.walk import walk

st.title(_("Optimizers"))
choice = asked()
choose_surface(choice)
choose_optimizers(choice)
choose_start(choice)
if choice.rates:
    walk(choice)
else:
    st.info(_("Choose at least one optimizer: its path is then drawn."), icon=":material/route:")
