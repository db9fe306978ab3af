"""How a link names a lesson and the class that answers it."""

from __future__ import annotations

from dashboard.state.choices import Flag, Text

LESSON = Text("lesson", "", longest=60)
CLASS = Text("class", "", longest=60)
WRITE = Flag("write", usual=False)
"""Whether one is written: from runs, or from the lesson that the link names."""
