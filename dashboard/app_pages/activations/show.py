"""What reaches each hidden layer: histograms on one axis, and strengths beside theory."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.app_pages.activations.choices import Network
from dashboard.state.config_link import encode
from dashboard.views.activations.verdict import activations, bounds, sums, verdict
from dashboard.views.charts.signals import side_by_side, strengths
from dashboard.widgets.drawing import draw
from dashboard.widgets.links import page_link
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _, number
from engine.analyses.signals import LayerSignals


def tell(signals: Sequence[LayerSignals], network: Network) -> None:
    """The verdict: one sentence a finding, and by which bounds it was found."""
    healthy, sentences = verdict(signals, network.config)
    text = "\n\n".join(sentences)
    if healthy:
        st.success(text, icon=":material/check_circle:")
    else:
        st.warning(text, icon=":material/warning:")
    st.caption(bounds())


def train_this(network: Network) -> None:
    """A link to the launch form with the same network."""
    page_link("launch", _("Train this"), config=encode(network.config))


def shown_layers(
    signals: Sequence[LayerSignals], network: Network, show: str
) -> Sequence[LayerSignals]:
    """The hidden layers whose outputs or gradients are counted."""
    layers = network.config.layers
    return sums(signals, layers) if show == "sums" else activations(signals, layers)


def histograms(
    signals: Sequence[LayerSignals], network: Network, show: str, *, key: str, height: int = 300
) -> None:
    """Every hidden layer's values at once, on a common axis."""
    layers = shown_layers(signals, network, show)
    back = show == "gradients"
    said = [
        _("layer {layer}: σ = {std}").format(
            layer=i, std=number(layer.gradient_std if back else layer.std, 3)
        )
        for i, layer in enumerate(layers, start=1)
    ]
    quantity = {
        "activations": _("Activation a"),
        "sums": _("Sum z"),
        "gradients": _("Gradient dL/da"),
    }[show]
    draw(
        side_by_side(
            [layer.gradients if back else layer.activations for layer in layers],
            quantity=quantity,
            height=height,
            dark=is_dark(),
        ),
        key=key,
        alt=_("Histograms of each hidden layer on a common axis. {layers}").format(
            layers="; ".join(said)
        ),
    )


def distributions(signals: Sequence[LayerSignals], network: Network, show: str) -> None:
    """The histograms of one network, and how to read them."""
    histograms(signals, network, show, key="signals_histograms")
    explain_histograms()


def explain_histograms() -> None:
    """How to read them."""
    st.caption(
        _(
            "Each layer's histogram lies on its side. A bar's length is the square root of the"
            " share in its bin, so that rare values stay visible; 0.1 % of a layer's values may lie"
            " beyond either end of the axis."
        )
    )


def against_theory(signals: Sequence[LayerSignals], network: Network) -> None:
    """Measured and theoretical standard deviations, forward and backward."""
    layers = activations(signals, network.config.layers)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**" + _("Forward: the activations") + "**")
        _strengths(
            "signals_forward",
            _("Standard deviation of a"),
            [layer.std for layer in layers],
            [layer.std_theory for layer in layers],
        )
    with right:
        st.markdown("**" + _("Backward: the gradients") + "**")
        _strengths(
            "signals_backward",
            _("Standard deviation of dL/da"),
            [layer.gradient_std for layer in layers],
            [layer.gradient_std_theory for layer in layers],
        )
    st.caption(
        _(
            "Theory: z = xW + b has mean square q = fan_in · Var(W) · mean(x²), and a = θ(z) has"
            " mean square E[θ(√q u)²] with u ~ N(0, 1); back through a layer, the gradient's is"
            " multiplied by fan_out · Var(W) · E[θ'(√q u)²]. Exact for infinite width: narrow"
            " layers scatter around it. Zeros are left out of the logarithmic axis."
        )
    )


def _strengths(
    key: str, title: str, measured: Sequence[float], theory: Sequence[float | None]
) -> None:
    said = "; ".join(
        _("layer {layer}: measured {measured}, theory {theory}").format(
            layer=i, measured=number(own, 3), theory=number(expected, 3)
        )
        for i, (own, expected) in enumerate(zip(measured, theory, strict=True), start=1)
    )
    draw(
        strengths(measured, theory, title=title, dark=is_dark()),
        key=key,
        alt=f"{title}: {said}",
    )
