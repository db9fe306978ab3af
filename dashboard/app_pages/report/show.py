"""A report on the page as its readers will find it, and the files to take away."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.views.report.document import Figure, Report
from dashboard.views.report.files import as_html, as_images
from dashboard.views.report.japanese_type import writes_japanese
from dashboard.widgets.drawing import draw
from dashboard.words.i18n import _
from dashboard.words.reader import language
from dashboard.words.text import plain


def downloads(report: Report) -> None:
    """One file of everything, and the charts alone; each is made when it is asked for."""
    kinds: list[tuple[str, str, str, Callable[[], bytes]]] = [
        (_("Report (HTML)"), "report.html", "text/html", lambda: as_html(report)),
        (_("Charts (PNG)"), "charts-png.zip", "application/zip", lambda: as_images(report, "png")),
        (_("Charts (SVG)"), "charts-svg.zip", "application/zip", lambda: as_images(report, "svg")),
    ]
    with st.container(horizontal=True, gap="small"):
        for i, (label, name, mime, make) in enumerate(kinds):
            st.download_button(
                label,
                data=make,
                file_name=name,
                mime=mime,
                icon=":material/download:",
                type="primary" if i == 0 else "secondary",
                on_click="ignore",
                key=f"report_{name}",
                disabled=i > 0 and not report.figures,
            )
    if language() == "ja" and not writes_japanese():
        st.caption(
            _(
                "The server has no Japanese font, so PNG images show boxes instead of characters:"
                " install one ({package} on Debian and Ubuntu), or take SVG."
            ).format(package="`fonts-ipafont-gothic`")
        )


def preview(report: Report) -> None:
    """The report as it reads, its charts in the reader's theme."""
    with st.container(border=True):
        st.header(plain(report.title))
        st.caption(plain(" · ".join(report.facts)))
        for paragraph in report.remarks.split("\n\n"):
            if paragraph.strip():
                st.markdown(plain(paragraph))
        for section in report.sections:
            st.subheader(plain(section.title))
            if section.text:
                st.caption(plain(section.text))
            for block in section.tables:
                st.markdown(f"**{plain(block.title)}**")
                st.dataframe(block.frame, hide_index=True, alt=block.title)
            _charts(section.figures)
            if section.code:
                with st.expander("JSON"):
                    st.code(section.code, language="json")


def _charts(figures: tuple[Figure, ...]) -> None:
    """Two in a row, but for those that are wide."""
    beside = [figure for figure in figures if not figure.wide]
    grid = st.grid(2 if len(beside) > 1 else 1, min_column_width=360)
    for figure in figures:
        with st.container() if figure.wide else grid.cell():
            st.markdown(f"**{plain(figure.title)}**")
            draw(figure.chart, key=f"report {figure.name}", alt=figure.title)
