"""Lessons on data: how inputs are scaled, and what a curve makes of few points."""

from __future__ import annotations

from engine.analyses.verdicts import Compared
from engine.lessons.arms import Worked
from engine.lessons.figures import Functions
from engine.lessons.lesson import Chapter, Lesson

CARS = Lesson(
    key="rental-cars",
    chapters=(
        Chapter(source="article", chapter="Normalizing inputs"),
        Chapter(source="note", chapter="Normalization"),
    ),
    name="Rental cars by age and distance",
    question="Age runs to 15 years, distance to 300,000 km. Does a network learn from such numbers"
    " as they are, and which scaling helps?",
    text="Each of 600 cars must go to the workshop where age / 15 + distance / 300,000 is above 1."
    " A small network learns it by 60 steps of gradient descent. Unscaled, distance is all that a"
    " unit sees, and the first steps are far too large. Min-max and mean normalization bring each"
    " feature into a range of 1, the z-score to mean 0 and variance 1. Z-scores by one mean and one"
    " deviation for the whole matrix keep the ratio of the features: age is lost beside distance.",
    equations=(
        r"\frac{x - \min}{\max - \min} \qquad \frac{x - \mu}{\max - \min} \qquad"
        r" \frac{x - \mu}{\sigma}",
    ),
    choices=("Unscaled does as well", "Any scaling helps", "Only scaling by feature helps fully"),
    arms=(
        Worked(name="unscaled", of="cars_unscaled"),
        Worked(name="min-max", of="cars_min_max"),
        Worked(name="mean", of="cars_mean"),
        Worked(name="z-score", of="cars_z_score"),
        Worked(name="z-score, one for both", of="cars_whole"),
    ),
    figure=Functions(of="cars"),
    claim="Inputs that are not scaled hinder learning; each feature needs a scale of its own.",
    score="accuracy",
    comparisons=(
        *(Compared(arm=name, than="unscaled") for name in ("min-max", "mean", "z-score")),
        Compared(arm="z-score", than="z-score, one for both"),
    ),
    effect=0.05,
    expected="supported",
    measured=(
        "Five draws: accuracy on held-out cars 51 % unscaled, 93 % min-max, 96 % mean, 98 %"
        " z-score, 72 % where one mean and one deviation are for both features."
    ),
    further=("On Data, a table's own columns are shown by each way of scaling."),
)

OUTLIER = Lesson(
    key="outlier",
    chapters=(Chapter(source="note", chapter="Normalization"),),
    name="One value far away",
    question="Among 300 values one lies 30 standard deviations away. What do min-max normalization"
    " and the z-score leave to the others?",
    text="Min-max normalization is bound by its extremes: a single one decides how little room is"
    " left for all the others. Mean normalization has the same divisor. The z-score divides by the"
    " standard deviation, to which the outlier is one of many values; it suffers, too, but less."
    " Measured is how wide the middle nine tenths of the values still are, as a share of their"
    " width without the outlier.",
    equations=(r"\sigma' \approx \sigma \sqrt{1 + k^2 / N}",),
    choices=("Min-max suffers more", "The z-score suffers more", "Both alike"),
    arms=(
        Worked(name="min-max", of="room_min_max", at=30),
        Worked(name="mean", of="room_mean", at=30),
        Worked(name="z-score", of="room_z_score", at=30),
    ),
    figure=Functions(of="outlier"),
    claim="Min-max normalization suffers from an outlier, the z-score less.",
    score="room",
    comparisons=(
        Compared(arm="z-score", than="min-max"),
        Compared(arm="z-score", than="mean"),
    ),
    effect=0.1,
    expected="supported",
    measured=(
        "Five draws: the middle of the values keeps 16 to 18 % of its width under min-max and mean"
        " normalization, 50 to 52 % under the z-score."
    ),
    further=("On Data, move the outlier of any column and see what each way leaves."),
)

POINTS = Lesson(
    key="eleven-points",
    chapters=(Chapter(source="note", chapter="Overfitting"),),
    name="Eleven points, a line and a curve",
    question="Eleven points lie near a line. A curve of degree ten meets all of them, a line none."
    " Which is nearer to the truth?",
    text="The points are a line plus a little noise. A polynomial of degree ten has eleven numbers"
    " to choose and meets eleven points exactly: it has learned the noise by heart. Between the"
    " points, most of all near the ends, it swings far away. The line misses the points and is"
    " close to what they came from. So a loss on the training samples says little: a network with"
    " more parameters than samples can do as the curve does, and is held back by weight decay,"
    " dropout, early stopping or more data.",
    equations=(r"y = 0.2 + 0.6 x + \text{noise} \qquad \hat{y} = \sum_{k=0}^{10} a_k x^k",),
    choices=("The line", "The curve", "Both alike"),
    arms=(
        Worked(name="degree 1", of="polynomial", at=1),
        Worked(name="degree 10", of="polynomial", at=10),
    ),
    figure=Functions(of="points"),
    claim="The curve that meets all points is farther from the truth than the line.",
    score="error",
    comparisons=(Compared(arm="degree 1", than="degree 10"),),
    effect=0.01,
    expected="supported",
    measured=(
        "Five draws of the noise: root mean square error to the line 0.006 with degree 1, 0.081"
        " with degree 10; on the points themselves 0.019 and 0."
    ),
    further=("Launch a network of one input on points of your own and look at what it learned."),
)

LESSONS = (CARS, OUTLIER, POINTS)
