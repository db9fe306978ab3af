"""Training: the loop that turns a configuration into records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf, isfinite
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.architecture import describe
from engine.backend import Array, Backend, choose
from engine.batch_log import BatchLog
from engine.blocks import in_threads
from engine.config import RunConfig
from engine.early_stopping import Patience
from engine.evaluation import evaluate, loss_of_mean
from engine.initialization import initialize
from engine.learning_rates import Progress
from engine.loops import compiled
from engine.measurement import Host, Inside, Measurement
from engine.memory import enough, require
from engine.messages import Message
from engine.network import Network
from engine.passes import Passes
from engine.randomness import Use, stream
from engine.records import Checkpoint, Metric, Recorder, Split, StepRecord
from engine.samples import Samples, load_samples, training_sample
from engine.schedule import dense_then_every
from engine.segments import segments, trained
from engine.trained_on import TrainedOn
from engine.transfer import Transfer


@dataclass(frozen=True, slots=True)
class Outcome:
    """How training ended, and after which step."""

    status: Literal["done", "diverged", "stopped"]
    step: int


def train(
    config: RunConfig,
    recorder: Recorder,
    *,
    resume: Checkpoint | None = None,
    backend: Backend | None = None,
    on_start: Callable[[Trainer], None] | None = None,
) -> Outcome:
    """Train a configuration, from the start or from a checkpoint, leaving records as it goes.

    `backend`, where given, stands in for the configuration's; `on_start` learns what will train.
    Training ends early where the loss is not finite (diverged) or the recorder asks for it
    (stopped, after a last checkpoint). Raises ConfigError, DataError or BackendError before the
    first step: where it resumes, also where the data are not those of the checkpoint any more.
    """
    with enough(Message("training")):
        trainer = Trainer(config, backend, data=resume.data if resume else None)
        if resume:
            trainer.restore(resume)
        if on_start:
            on_start(trainer)
        return trainer.run(recorder)


@dataclass(slots=True)
class Sums:
    """Summed loss and hits over the samples of an epoch so far."""

    loss: float = 0.0
    hits: int = 0
    samples: int = 0

    def add(self, loss: float, hits: int, samples: int) -> None:
        self.loss += loss
        self.hits += hits
        self.samples += samples


class Trainer:
    """A run in memory: data and network on the device, the optimizer's slots, the step count.

    `backend` and `samples`, where given, stand in for the configuration's. `data` is what a run
    that goes on has kept of its data: they must be the same, and are scaled as they were.
    """

    def __init__(
        self,
        config: RunConfig,
        backend: Backend | None = None,
        *,
        samples: Samples | None = None,
        data: TrainedOn | None = None,
    ) -> None:
        self.config = config
        samples = samples or load_samples(config, data)
        self.data = samples.kept
        self.plan = describe(config, self.data.info)
        require(self.plan.memory(config), Message("the network and the state of its optimizer"))
        self.backend = backend or choose(config.backend, work=self.plan.work)
        self.xp = self.backend.xp
        self._load(samples)
        shape = self.plan.dataset.sample_shape
        build = partial(Network, config.layers, shape, xp=self.xp, dtype=config.dtype)
        self.network = build()
        self.evaluated = build(beside=self.network)  # leaves what training has passed as it is
        initialize(self.network, config.seed, self.x)
        self.passes = Passes(
            *(self.network, config.loss, self.x, self.t, config.batch_size), weights=self.weights
        )
        self.slots = {
            name: self.xp.full_like(self.network.w, config.optimizer.start(name))
            for name in config.optimizer.slots
        }
        self.segments = segments(
            self.network, self.slots, config.decay, whole=self.backend.compiles
        )
        self.trained = trained(self.network)
        self._zeros = self.xp.zeros_like(self.network.w)
        self.due = dense_then_every(config.record.dense, config.record.every, self.plan.steps)
        most = min(config.record.every, self.plan.steps_per_epoch)  # steps between two records
        self._scores = self.xp.empty((most, 3), config.dtype)
        self.batch_log = BatchLog(self.network, most) if config.record.batch_statistics else None
        self.measurement = Measurement(self.network, histograms=config.record.histograms)
        self.step = 0
        self.diverged_step: int | None = None
        self.patience = Patience()
        self.best_validation, self.is_best = inf, False
        self.slots_begun_at = 0
        self._begin_epoch()

    def _load(self, samples: Samples) -> None:
        move = self.backend.to_device
        self.x, self.t = move(samples.x_train), move(samples.t_train)
        self.weights = None if samples.weights is None else move(samples.weights)
        few = training_sample(samples, self.config.seed)
        self.x_sample, self.t_sample = move(samples.x_train[few]), move(samples.t_train[few])
        self.x_validation = move(samples.x_validation)
        self.t_validation = move(samples.t_validation)
        self.baseline_loss: float | None = None
        self._spread: dict[Split, float] = {}
        if self.plan.dataset.classes is None:
            self._hold_against_means(samples, samples.t_train[few])

    def _hold_against_means(self, samples: Samples, t_sample: NDArray[Any]) -> None:
        """What a regression is held against: the validation loss of predicting the mean of the
        training targets, and for R² what each split's own mean would come to."""
        loss = self.config.loss
        self._spread["train_sample"] = loss_of_mean(loss, t_sample)
        if len(samples.t_validation):
            self._spread["validation"] = loss_of_mean(loss, samples.t_validation)
            guess = loss_of_mean(loss, samples.t_validation, samples.t_train.mean(axis=0))
            self.baseline_loss = guess * self.data.loss_unit

    def _begin_epoch(self) -> None:
        """A new order of the samples, decided by the seed and the epoch alone."""
        epoch = self.step // self.plan.steps_per_epoch
        order = stream(self.config.seed, Use.SHUFFLING, epoch).permutation(len(self.x))
        self.order = self.backend.to_device(order)
        self.epoch_sums = Sums()
        self._pending: list[int] = []

    def run(self, recorder: Recorder) -> Outcome:
        """Step until the end, or until something ends it."""
        with in_threads(), compiled(self.backend.compiles):
            return self._run(recorder)

    def _run(self, recorder: Recorder) -> Outcome:
        while self.step < self.plan.steps:
            if recorder.stop_requested():
                return self._stop(recorder)
            record = self.advance()
            if record:
                recorder.record(record)
            if self.diverged_step is not None:
                return Outcome("diverged", self.diverged_step)
            ends = self._epoch_ends() and self.config.early_stopping.exhausted(self.patience)
            if ends or self._checkpoint_due() or self.is_best:
                recorder.checkpoint(self.snapshot())
            elif recorder.checkpoint_wanted():
                self._checkpoint_between(recorder)
                if self.diverged_step is not None:
                    return Outcome("diverged", self.diverged_step)
            if ends:
                break
        return Outcome("done", self.step)

    def _stop(self, recorder: Recorder) -> Outcome:
        """Leave a checkpoint and end, unless a step since the last record had diverged."""
        self._checkpoint_between(recorder)
        if self.diverged_step is not None:
            return Outcome("diverged", self.diverged_step)
        return Outcome("stopped", self.step)

    def _checkpoint_between(self, recorder: Recorder) -> None:
        """Leave a checkpoint between two records, unless a step since the last had diverged.

        Whoever goes on from there records what a run never stopped would, but for the batch
        statistics of the steps since the last record: they are left here.
        """
        record = self._record(inside=False) if self._pending else None
        if record and self.diverged_step is not None:
            recorder.record(record)
            return
        if record and record.batch_statistics:
            recorder.record(StepRecord(self.step, batch_statistics=record.batch_statistics))
        recorder.checkpoint(self.snapshot())

    @np.errstate(all="ignore")
    def advance(self) -> StepRecord | None:
        """One step: forward, loss, backward, update; and its record, where one is due."""
        if self.step and self._epoch_ends():
            self._begin_epoch()
        batch = self._batch()
        masks = partial(stream, self.config.seed, Use.DROPOUT, self.step)
        sums = self.passes.over(batch, masks)
        self.step += 1
        self.is_best = False
        if self.batch_log is not None:
            self.batch_log.note(len(batch))
        due = self.due(self.step) or self._checkpoint_due()
        if due:
            self.measurement.before_update()
        self._update()
        self._keep(sums, len(batch))
        return self._record(inside=due) if due or self._epoch_ends() else None

    def _batch(self) -> Array:
        start = self.step % self.plan.steps_per_epoch * self.config.batch_size
        return self.order[start : start + self.config.batch_size]

    def _update(self) -> None:
        """Clip, decay and the optimizer's equation, segment by segment of the flat vectors."""
        config, xp = self.config, self.xp
        dw = config.clipping.clipped(xp, self.network.dw, self.trained)
        done = Progress(self.step - 1, self.plan.steps, self.plan.steps_per_epoch)
        eta = config.optimizer.lr * config.learning_rate.factor(done)
        t = self.step - self.slots_begun_at
        for segment in self.segments:
            w, g, eta_here = segment.w, dw[segment.place], eta * segment.lr_factor
            if segment.decays:
                g = config.decay.pulled(xp, w, g)
                config.decay.shrink(w, eta_here)
            config.optimizer.update(w, g, segment.slots, t=t, eta=eta_here)

    def _keep(self, sums: Array, samples: int) -> None:
        """Leave the step's summed loss and hits on the device until the next record, and 0 times
        the parameters, which is 0 where all of them are finite."""
        scores, w = self._scores[len(self._pending)], self.network.w
        scores[:2] = sums
        scores[2] = self.xp.dot(w, self._zeros)  # faster than any other sum
        self._pending.append(samples)

    def _epoch_ends(self) -> bool:
        return self.step % self.plan.steps_per_epoch == 0

    def _checkpoint_due(self) -> bool:
        epochs, within = divmod(self.step, self.plan.steps_per_epoch)
        last = self.step == self.plan.steps
        return last or (within == 0 and epochs % self.config.record.checkpoint_every == 0)

    def _record(self, *, inside: bool) -> StepRecord:
        """What is due at this step: the batch's scores, the layers' insides, the epoch's scores."""
        transfer = Transfer(self.xp)
        scores = transfer.add(self._scores[: len(self._pending)])
        logged = self.batch_log.queue(transfer, self.step) if self.batch_log else lambda host: ()
        measured = (
            self.measurement.queue(self.network.passed, transfer, self.step)
            if inside
            else lambda host: Inside()
        )
        host = transfer.fetch()
        metrics = [self._settle(host[scores].tolist())]
        if metrics[0].step < self.step:  # diverged between two records: what follows is noise
            return StepRecord(metrics[0].step, tuple(metrics))
        if self._epoch_ends():
            metrics += self._epoch_metrics()
        return StepRecord(self.step, tuple(metrics), *measured(host), logged(host))

    def _measure(self, transfer: Transfer) -> Callable[[Host], Inside]:
        return self.measurement.queue(self.network.passed, transfer, self.step)

    def _settle(self, scores: Sequence[tuple[float, float, float]]) -> Metric:
        """Fold the pending steps into the epoch's sums; the scores of the last one, or of the first
        that diverged: whose loss, or the parameters it left, are not finite."""
        first = self.step + 1 - len(self._pending)
        steps = zip(self._pending, scores, strict=True)
        for step, (samples, (loss, hits, nothing)) in enumerate(steps, first):
            self.epoch_sums.add(loss, int(hits), samples)
            if not (isfinite(loss) and nothing == 0):
                self.diverged_step = step
                break
        self._pending = []
        return self._metric("batch", step, loss / samples, hits / samples)

    def _epoch_metrics(self) -> list[Metric]:
        """The epoch's own means on training, and the scores in inference mode: on a sample of the
        training set, and on validation where there is any."""
        sums = self.epoch_sums
        accuracy = sums.hits / sums.samples
        metrics = [self._metric("train", self.step, sums.loss / sums.samples, accuracy)]
        metrics.append(self._evaluated("train_sample", self.x_sample, self.t_sample))
        if len(self.x_validation):
            validation = self._evaluated("validation", self.x_validation, self.t_validation)
            early = self.config.early_stopping
            self.patience = early.after(self.patience, validation.loss, validation.accuracy)
            metrics.append(validation)
            self._rank(validation)
        return metrics

    def _evaluated(self, split: Split, x: Array, t: Array) -> Metric:
        """The scores on samples in inference mode; R² = 1 - L / L(their own mean)."""
        scores = evaluate(self.evaluated, self.config.loss, x, t)
        metric = self._metric(split, self.step, scores.loss, scores.accuracy)
        spread = self._spread.get(split)
        return replace(metric, r2=1 - scores.loss / spread) if spread else metric

    def _rank(self, validation: Metric) -> None:
        """Note whether it is the best so far: of the highest accuracy, else of the lowest loss."""
        accuracy = validation.accuracy
        score = validation.loss if accuracy is None else -accuracy
        if score < self.best_validation:
            self.best_validation, self.is_best = score, self.config.record.checkpoint_best

    def _metric(self, split: Split, step: int, loss: float, accuracy: float | None) -> Metric:
        accuracy = None if self.plan.dataset.classes is None else accuracy
        epoch = -(-step // self.plan.steps_per_epoch)
        return Metric(step, epoch, split, loss * self.data.loss_unit, accuracy)

    def snapshot(self) -> Checkpoint:
        """The run as it stands, on the host; no step may be pending."""
        copy = self.backend.copy_to_host
        return Checkpoint(
            step=self.step,
            epoch=-(-self.step // self.plan.steps_per_epoch),
            w=copy(self.network.w),
            buffers=copy(self.network.buffers),
            slots={name: copy(slot) for name, slot in self.slots.items()},
            epoch_loss=self.epoch_sums.loss,
            epoch_hits=self.epoch_sums.hits,
            epoch_samples=self.epoch_sums.samples,
            best_monitored=self.patience.best_score,
            epochs_without_improvement=self.patience.epochs_without_improvement,
            best_validation=self.best_validation,
            slots_begun_at=self.slots_begun_at,
            data=self.data,
        )

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint of the same configuration, bit by bit as if never stopped."""
        self.network.load(checkpoint)
        for name, slot in self.slots.items():
            slot[...] = self.xp.asarray(checkpoint.slots[name])
        self.step = checkpoint.step
        self._begin_epoch()
        self.epoch_sums = Sums(
            checkpoint.epoch_loss, checkpoint.epoch_hits, checkpoint.epoch_samples
        )
        self.patience = Patience(checkpoint.best_monitored, checkpoint.epochs_without_improvement)
        self.best_validation = checkpoint.best_validation
        self.slots_begun_at = checkpoint.slots_begun_at
