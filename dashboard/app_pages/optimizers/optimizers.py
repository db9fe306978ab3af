"""Paths of optimizers over a surface of two parameters, from wherever the reader clicks."""

import streamlit as st

from dashboard.app_pages.optimizers.choose import (
    asked,
    choose_ground,
    choose_optimizers,
    choose_start,
)
from dashboard.app_pages.optimizers.walk import walk
from dashboard.widgets.shell import enough
from dashboard.words.i18n import _

st.title(_("Optimizers"))
ground = choose_ground()
if ground is None:
    enough()
choice = asked(ground)
choose_optimizers(choice, ground)
choose_start(choice, ground)
if choice.walkers:
    walk(choice, ground)
else:
    st.info(_("Choose at least one optimizer: its path is then drawn."), icon=":material/route:")
