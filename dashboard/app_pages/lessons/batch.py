"""One batch with numbers that can be changed, normalized step by step."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from dashboard.views.lessons.batch import statistics_text, steps_chart, steps_table
from dashboard.widgets.drawing import draw
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _
from dashboard.words.text import plain
from engine.lessons.figures import Batch
from engine.lessons.worked.steps import EPSILON, fixed_steps, four_steps

MOST = 20


def batch(figure: Batch) -> None:
    """The values, the parameters, and each step of each sample."""
    left, right = st.columns([1, 3], gap="medium")
    with left:
        x = _values(figure.x)
    with right:
        gamma, beta, epsilon = _numbers(
            ("γ", 1.0, None), ("β", 0.0, None), ("ε", EPSILON, 0.0), key="training"
        )
        st.caption(_("Fixed statistics of inference"))
        mean, var = _numbers(
            (_("running μ"), 1.0, None), (_("running σ²"), 1.0, 0.0), key="inference"
        )
        if len(x) < 1:
            st.info(_("Give the batch at least one value."))
            return
        found = four_steps(x, gamma=gamma, beta=beta, epsilon=epsilon)
        fixed = fixed_steps(x, mean, var, gamma=gamma, beta=beta, epsilon=epsilon)
        alone = [
            four_steps(x[i : i + 1], gamma=gamma, beta=beta, epsilon=epsilon).y[0]
            for i in range(len(x))
        ]
        st.markdown(plain(statistics_text(found)))
        table = steps_table(x, found, np.array(alone), fixed)
        st.dataframe(table, hide_index=True, alt=_("The steps of each sample"))
    draw(
        steps_chart(x, found, dark=is_dark()),
        key="lesson_figure",
        alt=_("x, x̂ and y of the batch on one axis"),
    )
    st.caption(_("Between -1 and 1, which is marked, a sigmoid is nearly linear."))


def _values(start: tuple[float, ...]) -> NDArray[np.float64]:
    """The batch as it is typed; rows without a number count for nothing."""
    frame = pd.DataFrame({"x": start})
    typed = st.data_editor(
        frame,
        num_rows="dynamic",
        hide_index=True,
        key="batch_values",
        column_config={"x": st.column_config.NumberColumn("x", min_value=-1e6, max_value=1e6)},
    )
    values = typed["x"].dropna().to_numpy(np.float64)
    return values[:MOST]


def _numbers(*fields: tuple[str, float, float | None], key: str) -> list[float]:
    """Numbers side by side."""
    columns = st.columns(len(fields))
    return [
        float(
            column.number_input(
                label,
                value=value,
                min_value=-1e6 if low is None else low,
                max_value=1e6,
                format="%g",
                key=f"batch_{key}_{i}",
            )
        )
        for i, (column, (label, value, low)) in enumerate(zip(columns, fields, strict=True))
    ]
