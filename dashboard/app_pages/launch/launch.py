"""Launch: describe a network and how it learns, and start a run."""

from typing import Any

import streamlit as st

from dashboard.app_pages.launch.actions import fill_actions
from dashboard.app_pages.launch.choices import SWEEP
from dashboard.app_pages.launch.fields import Form, draw, heading, row
from dashboard.app_pages.launch.follow import follow_data
from dashboard.app_pages.launch.launching import launch_bar
from dashboard.app_pages.launch.plan import drawn_network
from dashboard.app_pages.launch.problems import show_problems
from dashboard.app_pages.launch.sections import SECTIONS, part
from dashboard.app_pages.launch.stack import stack_fields
from dashboard.app_pages.launch.sweep import choose_mode, sweep_fields
from dashboard.reads.draft import Draft, info_of, outputs_of, values_of
from dashboard.reads.store import dataset_info
from dashboard.state.form_start import keep, starting_point
from dashboard.words.i18n import _
from dashboard.words.text import plain
from engine.config import RunConfig

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.title(_("Launch"), width="content")
    mode = choose_mode()
    actions = st.container(horizontal=True, width="content", vertical_alignment="center")

start = starting_point()
if start.warning:
    st.warning(plain(start.warning), icon=":material/link_off:")
if start.note:
    st.caption(plain(start.note))

initial = values_of(start.config, dataset_info)
form = Form(start.key)
values: dict[str, Any] = {}
outputs = 0
fields, drawing = st.columns([2, 1], gap="large")
with fields:
    varied = st.container()
    for section in SECTIONS:
        with part(section, start.config):
            if section.is_stack:
                follow_data(form, values["dataset"], dataset_info)
                outputs = outputs_of(values["dataset"], dataset_info)
                values |= stack_fields(form, initial, outputs)
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
    drawn_network(draft, info_of(values["dataset"], dataset_info))
    left_over = st.container()
faults = show_problems(draft, form, left_over, values["dataset"], outputs)
sweep = None
if mode == SWEEP:
    with varied:
        sweep = sweep_fields(form, draft, values, outputs)
with actions:
    fill_actions(draft, start)
launch_bar(draft, start, faults, sweep)
keep(start, draft.config)
