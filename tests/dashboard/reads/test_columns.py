"""Recorded rows as columns."""

from __future__ import annotations

import numpy as np

from dashboard.reads import columns
from engine.records import Metric


def test_metrics_keep_their_order_and_their_nan() -> None:
    found = columns.metric_columns([Metric(1, 1, "batch", float("nan"), None)])
    assert np.isnan([found["loss"], found["accuracy"]]).all()
    assert list(columns.metric_columns([])) == list(columns.METRICS)
