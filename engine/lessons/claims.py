"""The claims of the sources, each with the lessons that answer it and the words in which they do.

`said` are words of the lesson's own texts: a claim is covered where the lesson judges it or treats
it in a sentence, and the test finds that sentence. docs/lessons.md has the same as a table.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Treated:
    """A claim: of which source, what it says, in which lesson it is treated and in what words."""

    source: str
    claim: str
    lesson: str
    said: str


A, B, C, D, E = "hands-on", "from-scratch", "article", "note", "questions"

CLAIMS: tuple[Treated, ...] = (
    Treated(
        A, "He with ReLU eases vanishing at the start", "he-xavier", "He initialization learns"
    ),
    Treated(A, "Trouble can return during training, hence BN", "dead-relu", "is lost"),
    Treated(A, "BN just before or just after the activation", "position", "before the activation"),
    Treated(A, "The four steps of BN", "four-steps", "The four steps"),
    Treated(A, "Mean 0 and variance almost 1", "four-steps", "almost 1"),
    Treated(A, "About 8 % lie within -1 to 1 (it is 68 %)", "bell", "8 % is a slip"),
    Treated(A, "There the sigmoid is nearly linear", "linear-region", "nearly linear"),
    Treated(A, "Gamma and beta let the layer choose", "linear-region", "gamma and beta are for"),
    Treated(A, "A single sample has no batch statistics", "inference", "has no variance"),
    Treated(A, "Few samples from a shifted distribution", "shifted", "another distribution"),
    Treated(A, "Four vectors, fixed at inference", "four-steps", "four vectors"),
    Treated(A, "Moving averages of σ (programs: of σ²)", "averages", "The slides keep"),
    Treated(A, "Momentum .9, .99, .999", "inference", "more nines for more steps"),
    Treated(B, "Small initial weights lessen overfitting", "small-weights", "smaller the gap"),
    Treated(B, "Zero or constant weights keep units alike", "equal-weights", "stay alike"),
    Treated(B, "Sigmoid, std 1: at 0 and 1", "signals", "sit at 0 and 1"),
    Treated(B, "Sigmoid, std 0.01: all at 0.5", "signals", "all say 0.5"),
    Treated(B, "Saturated or alike units do not learn", "saturation", "learn worse than Xavier"),
    Treated(B, "ReLU: 0.01 dies out, Xavier shrinks, He stays", "signals", "and He stays"),
    Treated(B, "MNIST: 0.01 does not learn, He is fastest", "init", "He is the fastest"),
    Treated(B, "Xavier for sigmoid, He for ReLU", "sigmoid-start", "The rule says"),
    Treated(B, "BN: faster over sixteen scales", "scales", "learning is faster"),
    Treated(B, "BN: initialization hardly matters", "batch-norm", "learns from initial weights"),
    Treated(B, "BN suppresses overfitting", "overfitting", "narrows the gap"),
    Treated(B, "Dropout beside BN", "overfitting", "with dropout 0.2"),
    Treated(C, "Unscaled inputs hinder learning", "rental-cars", "hinder learning"),
    Treated(C, "Min-max, mean normalization, z-score", "rental-cars", "mean normalization"),
    Treated(C, "Higher learning rates with BN", "learning-rate", "higher learning rates"),
    Treated(C, "A bias before BN is redundant", "position", "the bias is left out"),
    Treated(C, "Internal covariate shift", "drift", "internal covariate shift"),
    Treated(C, "Motorbikes among cars", "shifted", "motorbikes"),
    Treated(C, "Convolutions: one μ and σ per feature map", "convolution", "a whole feature map"),
    Treated(C, "Two Keras networks: Dense without Flatten", "last-axis", "the last axis"),
    Treated(C, "Two Keras networks: their parameters", "last-axis", "19,490"),
    Treated(D, "SGD hunts", "valley", "SGD hunts"),
    Treated(D, "Momentum passes dents", "valley", "passes dents"),
    Treated(D, "Momentum and Nesterov overshoot", "valley", "overshoot"),
    Treated(D, "AdaGrad's rate falls until it stops", "optimizers", "its rate falls"),
    Treated(D, "RMSProp and Adam", "optimizers", "corrects for the start"),
    Treated(D, "w <- w - v (a slip of sign)", "sign", "climbs"),
    Treated(D, "SGD stays at a saddle, others leave", "saddle", "the last to leave"),
    Treated(D, "He oscillates more", "init", "oscillates more"),
    Treated(D, "Eleven points: a line and a curve", "eleven-points", "Eleven points"),
    Treated(D, "Activations and their slopes", "slopes", "how much it passes back"),
    Treated(D, "The sigmoid's slope vanishes when multiplied", "vanishing", "Slopes below 1"),
    Treated(D, "Dead ReLU", "dead-relu", "it is dead"),
    Treated(D, "1/sqrt n and sqrt(2/n)", "init", "keeps the variance"),
    Treated(D, "68 and 95 %", "bell", "68 %, within two 95 %"),
    Treated(D, "Min-max suffers from an outlier", "outlier", "suffers from an outlier"),
    Treated(E, "Why accuracy is followed with moving averages", "inference", "can be followed"),
    Treated(E, "Which data the population statistics are of", "inference", "all training samples"),
    Treated(E, "m/(m - 1)", "averages", "mends that exactly"),
    Treated(E, "Conventions of programs", "conventions", "divided by m - 1"),
    Treated(E, "The backward pass as matrices", "backward", "product of matrices"),
    Treated(E, "Gamma and beta are redundant", "gamma-beta", "are redundant"),
    Treated(E, "Saturating units without BN or ReLU", "without-bn", "saturating units"),
)
