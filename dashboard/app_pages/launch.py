"""Launch: describe a network and how it learns, and start a run."""

from typing import Any

import streamlit as st

from dashboard.data import dataset_info
from dashboard.form.fields import Form, draw, heading, row
from dashboard.form.launch import launch_bar
from dashboard.form.plan import stack_table
from dashboard.form.problems import show_problems
from dashboard.form.sections import SECTIONS, part
from dashboard.form.stack import stack_fields
from dashboard.form.start import start_over, starting_point
from dashboard.form.values import Draft, outputs_of, values_of
from dashboard.i18n import _
from dashboard.text import plain
from engine.config import RunConfig

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.title(_("Launch"))
    st.button(_("Start over"), icon=":material/restart_alt:", type="tertiary", on_click=start_over)

start = starting_point()
if start.warning:
    st.warning(plain(start.warning), icon=":material/link_off:")
if start.note:
    st.caption(plain(start.note))

initial = values_of(start.config, dataset_info)
form = Form(start.key)
values: dict[str, Any] = {}
fields, drawing = st.columns([9, 4], gap="large")
with fields:
    for section in SECTIONS:
        with part(section, start.config):
            if section.is_stack:
                values |= stack_fields(form, initial, outputs_of(values["dataset"], dataset_info))
            for names in section.rows:
                if section.is_extra:
                    heading(names[0], RunConfig.model_fields[names[0]])
                with row():
                    for name in names:
                        info = RunConfig.model_fields[name]
                        values[name] = draw(form, name, info, (name,), initial[name])

draft = Draft.read(values, dataset_info)
with drawing:
    st.subheader(_("Network"))
    if draft.architecture:
        stack_table(draft.architecture)
    else:
        st.caption(_("The layers stand here as soon as every field is right."))
    left_over = st.container()
launch_bar(draft, start, show_problems(draft, form, left_over))
