"""What the images of a report can be written in."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from dashboard.views.report import japanese_type
from dashboard.views.report.japanese_type import writes_japanese


def test_a_machine_with_a_japanese_font_draws_characters_and_not_boxes() -> None:
    if shutil.which("fc-list") is None:
        pytest.skip("nothing tells which fonts this machine has (fontconfig)")
    fonts = subprocess.run(
        ["fc-list", ":lang=ja"], capture_output=True, text=True, check=True
    ).stdout
    assert writes_japanese() == bool(fonts.strip())


def test_characters_that_no_font_has_are_all_the_same_box() -> None:
    """By which the lack of a font is seen."""
    private = (chr(0xF8FE), chr(0xF8FD))
    assert japanese_type._drawn(private[0]) == japanese_type._drawn(private[1])
