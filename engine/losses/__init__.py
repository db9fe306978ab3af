"""Losses: what training makes small."""

from engine.losses.softmax_cross_entropy import SoftmaxCrossEntropy

LossSpec = SoftmaxCrossEntropy

__all__ = ["LossSpec", "SoftmaxCrossEntropy"]
