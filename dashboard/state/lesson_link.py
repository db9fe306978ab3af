"""How a link names a lesson and the class that answers it."""

from __future__ import annotations

from dashboard.state.choices import Text

LESSON = Text("lesson", "", longest=60)
CLASS = Text("class", "", longest=60)
