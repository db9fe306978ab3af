"""Text that people typed, shown as it is."""

from __future__ import annotations

from dashboard.words.text import plain, prose


def test_plain_text_escapes_every_sign_of_markdown() -> None:
    assert plain("**x** $x$ :red[x] <b>") == r"\*\*x\*\* \$x\$ \:red\[x\] \<b\>"
    assert plain("use `auto`") == r"use \`auto\`"
    assert prose("set `a.b` to *1*") == r"set `a.b` to \*1\*"
    assert prose("a ` alone") == r"a \` alone"
    assert plain("two\nlines") == "two lines"
