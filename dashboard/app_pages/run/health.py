"""In words: what is unhealthy inside a run's layers, since which step, and by which bounds."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.views.run.health import by_kind, not_found, sentences
from dashboard.words.i18n import _
from db.records import Run
from engine.analyses.health import (
    LASTING,
    Finding,
)


def tell_health(run: Run, findings: Sequence[Finding]) -> None:
    """A sentence for each ill; what has passed apart from what lasts."""
    lasting = [f for f in findings if f.lasts]
    passed = [f for f in findings if not f.lasts]
    if lasting:
        st.warning("\n\n".join(sentences(lasting, run.config)), icon=":material/stethoscope:")
    elif not passed:
        text = _("**Healthy**: nothing saturates, dies, vanishes or explodes in any layer.")
        if not run.status.ended:
            text = _("**Healthy** so far: nothing saturates, dies, vanishes or explodes.")
        st.success(text, icon=":material/check_circle:")
    if passed:
        label = _("Passed by itself ({n})").format(n=len(by_kind(passed)))
        with st.expander(label, icon=":material/history:"):
            st.markdown("\n\n".join(sentences(passed, run.config)))
    if findings:
        st.caption(not_found(findings))


def explain_bounds() -> None:
    """Where the bounds come from."""
    with st.popover(_("How this is judged"), icon=":material/rule:", type="tertiary"):
        st.markdown(
            _(
                "A layer is named when it is outside its healthy range at {lasting} recorded"
                " steps in a row. The bounds are rules of thumb, wide enough that what lies outside"
                " is worth a look:"
            ).format(lasting=LASTING)
        )
        sources = [
            _(
                "**Signals** should keep their strength from layer to layer, since a factor in each"
                " acts exponentially with depth ([Glorot and Bengio, 2010]"
                "(https://proceedings.mlr.press/v9/glorot10a.html); [He et al., 2015]"
                "(https://arxiv.org/abs/1502.01852))."
            ),
            _(
                "**Saturation**: an activation learns only where it is not flat (Glorot and Bengio,"
                " 2010)."
            ),
            _(
                "**Dead units** get no gradient and may stay so ([Lu et al., 2019]"
                "(https://arxiv.org/abs/1903.06733))."
            ),
            _(
                "**Units alike** get equal gradients and stay alike ([Goodfellow et al., 2016]"
                "(https://www.deeplearningbook.org/contents/optimization.html), 8.4)."
            ),
            _(
                "**Updates** of about 0.1% of the weights' norm are usual ([CS231n]"
                "(https://cs231n.github.io/neural-networks-3/#ratio))."
            ),
        ]
        st.markdown("\n".join(f"- {source}" for source in sources))
