"""Lessons beside the chapters: images, and numbers to predict."""

from __future__ import annotations

from engine.analyses.verdicts import Compared
from engine.datasets import Digits
from engine.default import default_config
from engine.lessons.arms import Trained, Worked
from engine.lessons.builds import convolutions, diabetes
from engine.lessons.figures import Curves, Outcomes
from engine.lessons.lesson import Chapter, Lesson

_DENSE = default_config()

CONVOLUTION = Lesson(
    key="convolution",
    chapters=(Chapter(source="article", chapter="Two networks in Keras"),),
    name="Convolutions on images",
    question="Two convolutions with Batch Normalization beside a dense network of several times"
    " their parameters. Do fewer parameters mean worse predictions?",
    text="A convolution uses one small kernel at every place of the image, so that it needs few"
    " parameters and finds a stroke wherever it lies. Batch Normalization then takes one mean and"
    " one variance for a whole feature map, over samples and places. Behind pooling the maps are"
    " flattened before the last dense layer. In Keras, Dense right behind pooling, without Flatten,"
    " acts on the last axis alone: on each place by itself.",
    equations=(r"\mu_c = \frac{1}{m H W} \sum_{i, h, w} x_{i h w c}",),
    choices=("The convolutions are better", "The dense network is better", "Both alike"),
    arms=(
        Trained(
            name="convolutions",
            config=_DENSE.model_copy(
                update={"dataset": Digits(layout="image"), "layers": convolutions()}
            ),
        ),
        Trained(name="dense", config=_DENSE),
    ),
    figure=Curves(score="accuracy"),
    claim="On images, convolutions predict better, with a fraction of the parameters.",
    score="val_accuracy",
    comparisons=(Compared(arm="convolutions", than="dense"),),
    effect=0.01,
    expected="contradicted",
    measured=(
        "Five seeds on the digits: validation accuracy 96.1 % with convolutions, 97.4 % with the"
        " dense network, which has twelve times their parameters. Images of 8 x 8 pixels leave"
        " little for a small kernel to find."
    ),
    further=("Train both on MNIST's images of 28 x 28 pixels."),
)

REGRESSION = Lesson(
    key="regression",
    chapters=(Chapter(source="laboratory"),),
    name="Predicting numbers",
    question="How diabetes goes on in a year, from ten measurements of 442 patients. Does Batch"
    " Normalization help where numbers are to be predicted?",
    text="The target is a number, the loss the mean squared error, and there is no accuracy."
    " 353 patients are few: a network of two layers of 50 has nine times as many parameters as"
    " there are patients. Inputs and the target are standardized (z-scores), so that an error"
    " of 1 is that of guessing the mean.",
    equations=(r"L = \frac{1}{m} \sum_i (y_i - t_i)^2",),
    choices=("With BN it is better", "Without BN it is better", "No difference that matters"),
    arms=(
        Trained(name="with BN", config=diabetes(batch_norm=True)),
        Trained(name="without BN", config=diabetes(batch_norm=False)),
    ),
    figure=Curves(score="loss"),
    claim="Batch Normalization makes the predictions better.",
    score="val_loss",
    comparisons=(Compared(arm="with BN", than="without BN"),),
    effect=0.02,
    expected="contradicted",
    measured=("Five seeds: validation loss 0.645 with Batch Normalization, 0.614 without."),
    further=("Add early stopping or weight decay: do they help more?"),
)

LAST_AXIS = Lesson(
    key="last-axis",
    chapters=(Chapter(source="article", chapter="Two networks in Keras"),),
    name="Dense without Flatten",
    question="One of the article's networks has Dense right behind pooling, without Flatten. What"
    " does such a layer see of the feature maps?",
    text="Keras's Dense multiplies the last axis of whatever it is given. Behind pooling that axis"
    " holds the channels, so each place of the map is multiplied by itself, with the same weights,"
    " as a convolution with a kernel of 1 x 1 does: few parameters, and an output for each place"
    " instead of one for the image. With Flatten all places are in one row and an output sees the"
    " whole map. Here every place is moved in turn, and it is counted how many of them move the"
    " first output. The parameters of both of the article's networks, which tell the same, stand"
    " below the verdict.",
    equations=(r"y_{ijk} = \sum_c x_{ijc} W_{ck} + b_k",),
    choices=("The whole map", "One place", "One channel"),
    arms=(
        Worked(name="with Flatten", of="seen_flattened"),
        Worked(name="without Flatten", of="seen_last_axis"),
    ),
    figure=Outcomes(scores=("share",)),
    claim="Dense right behind pooling sees the whole map, with Flatten or without.",
    score="share",
    comparisons=(Compared(arm="without Flatten", than="with Flatten", relation="alike"),),
    effect=0.05,
    expected="contradicted",
    measured="Exact: with Flatten all 36 places of a map of 6 x 6, without it one of them. The"
    " article's convolutions (32 and 32 of 3 x 3 on images of 28 x 28 x 3, each with Batch"
    " Normalization, then pooling and Dense of 2) have 10,338 parameters to train as they are"
    " written, 66 of them in the last layer, which gives 2 outputs at each of 144 places. With"
    " Flatten they have 19,490, 9,218 of them in the last layer. Its dense network (16, 32 and 2"
    " units, Batch Normalization behind the first two) has 802 either way: a sample of the shape"
    " (1, 5) has one place. Keras adds the running means and variances to its total: 898 and"
    " 10,466.",
    further=("layerlab's Dense asks for Flatten in a sentence: leave it out on Launch and see."),
)

LESSONS = (CONVOLUTION, LAST_AXIS, REGRESSION)
