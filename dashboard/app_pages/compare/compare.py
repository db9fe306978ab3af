"""Several runs or groups of runs side by side: what differs between them, and what came of it."""

import streamlit as st

from dashboard.app_pages.compare.batch_norm import batch_norm
from dashboard.app_pages.compare.curves import curves
from dashboard.app_pages.compare.distributions import distributions
from dashboard.app_pages.compare.layers import layers
from dashboard.app_pages.compare.learned import first_pictured, learned
from dashboard.app_pages.compare.paired import differences_by_seed
from dashboard.app_pages.compare.sweep import sweep
from dashboard.app_pages.compare.tables import what_differs
from dashboard.reads import live
from dashboard.reads.signed_in import may_i
from dashboard.reads.store import writable
from dashboard.widgets.compared import (
    FEWEST,
    asked_runs,
    beside_one_another,
    choose_arms,
    choose_base,
    choose_shown,
    tell_copies,
)
from dashboard.widgets.links import lesson_button, report_button
from dashboard.widgets.saved_views import open_asked_view, saved_views
from dashboard.widgets.shell import enough, entitle
from dashboard.widgets.tabs import above_tabs, open_tab
from dashboard.words.i18n import _
from db.rights import Action

NAMED_IN_TITLE = 4

open_asked_view("compare")
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.title(_("Compare"), width="content")
    head = st.container(width="content")
runs = asked_runs()
if len(runs) < FEWEST:
    enough()
entitle(_("Compare") + " " + ", ".join(f"#{run.id}" for run in runs[:NAMED_IN_TITLE]))

every = None if all(run.status.ended for run in runs) else 2 * live.EVERY
with head, st.container(horizontal=True, gap="small"):
    saved_views("compare")
    report_button()
    if writable() and may_i(Action.WRITE_LESSON):
        lesson_button()
with above_tabs():
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        arms = choose_arms(runs)
        base = choose_base(arms)
        shown = choose_shown(arms)
    tell_copies(runs)
    what_differs(arms, base, every=every)

tab, place = open_tab(
    {
        "curves": _("Curves"),
        "pairs": _("Paired differences"),
        "layers": _("Inside the layers"),
        "shapes": _("Distributions"),
        **({"learned": _("What was learned")} if any(map(first_pictured, arms)) else {}),
        "batchnorm": _("BatchNorm"),
        "map": _("Map"),
    },
)
with place:
    if not shown:
        st.caption(_("All lines are hidden."))
    elif tab == "curves":
        st.fragment(run_every=every)(curves)(shown)
    elif tab == "pairs":
        st.fragment(differences_by_seed)(beside_one_another(shown), base or arms[0])
    elif tab == "layers":
        st.fragment(run_every=every)(layers)(beside_one_another(shown))
    elif tab == "shapes":
        st.fragment(distributions)(beside_one_another(shown))
    elif tab == "learned":
        st.fragment(learned)(beside_one_another(shown))
    elif tab == "batchnorm":
        st.fragment(batch_norm)(beside_one_another(shown))
    else:
        st.fragment(sweep)(runs)
