"""What the page's address says beside what fills the form (`state/form_start.py`)."""

from __future__ import annotations

from dashboard.state.choices import OneOf

ONE, SWEEP = "run", "sweep"
MODE = OneOf("mode", ONE, allowed=(ONE, SWEEP))
