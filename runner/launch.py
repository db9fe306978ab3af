"""`layerlab`: the dashboard and a dispatcher beside it, from the database's upgrade to Ctrl-C."""

from __future__ import annotations

from runner.dashboard import HOST, check_access, check_port
from runner.settings import Settings
from runner.started_processes import patience, start_dashboard

_LEFT_BEHIND = 5.0  # seconds that the dashboard of a layerlab that was killed may take to end


def launch(settings: Settings, *, port: int, browser: bool) -> None:
    """Serve the dashboard until a signal comes; raises LayerlabError where it cannot.

    The dashboard begins to load at once, beside the database's upgrade and what is imported for it:
    it looks at the database when its first page is asked for.
    """
    check_access(settings, HOST)
    check_port(port, patience=_LEFT_BEHIND)
    dashboard = start_dashboard(settings, port)
    try:
        from db import schema
        from runner.launcher import serve

        schema.upgrade(settings.database_url)
        serve(settings, dashboard, port=port, browser=browser)
    finally:
        dashboard.stop(patience(settings))
