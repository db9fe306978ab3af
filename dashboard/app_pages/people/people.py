"""People: who changed what."""

import streamlit as st

from dashboard.app_pages.people.audit import audit
from dashboard.words.i18n import _

st.title(_("People"))
audit()
