"""Backends: the choice, and that training on a device is training on NumPy."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import scipy.special
from numpy.testing import assert_allclose, assert_array_equal

from engine.architecture import describe
from engine.backend import NUMPY, WORTHWHILE, Backend, choose
from engine.config import RecordSpec, RunConfig
from engine.datasets import Digits
from engine.default import default_config
from engine.errors import BackendError
from engine.initializers import He
from engine.layers import AnyActivation, BatchNorm, Conv2D, Dense, Flatten
from engine.optimizers import OptimizerSpec
from engine.records import MemoryRecorder
from engine.spec import family
from engine.stack import multilayer
from engine.training import Trainer, train
from tests.engine.build import plain, tiny
from tests.engine.strict_xp import (
    STRICT,
    DeviceArray,
    StrictModule,
    strict_backend,
    transfers_of,
)

ACTIVATIONS, OPTIMIZERS = family(AnyActivation), family(OptimizerSpec)
each_activation_and_optimizer = pytest.mark.parametrize(
    ("activation", "optimizer"),
    [
        (ACTIVATIONS[i % len(ACTIVATIONS)], OPTIMIZERS[i % len(OPTIMIZERS)])
        for i in range(max(len(ACTIVATIONS), len(OPTIMIZERS)))
    ],
)
"""Once each, not each with each: they never touch the same arrays."""


@pytest.fixture(autouse=True)
def _special_functions_of_the_pretended_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """GELU asks CuPy for its normal distribution: where there is none, SciPy's behind the same
    strict arrays answers."""
    if find_spec("cupyx") is None:
        functions = ModuleType("cupyx.scipy")
        functions.special = StrictModule(scipy.special)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "cupyx", ModuleType("cupyx"))
        monkeypatch.setitem(sys.modules, "cupyx.scipy", functions)


def test_numpy_is_given_where_it_is_asked_for() -> None:
    assert choose("numpy") is NUMPY


@pytest.mark.usefixtures("_no_cupy")
def test_auto_compiles_loops_for_a_training_that_is_long_enough() -> None:
    assert choose("auto", work=WORTHWHILE).name == "numba"
    short = choose("auto", work=WORTHWHILE - 1)
    assert (short.name, short.compiles) == ("numpy", False)
    assert "too short a training" in str(short.reason)


@pytest.mark.usefixtures("_no_cupy")
def test_without_numba_auto_does_without_and_a_wish_for_it_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    backend = choose("auto", work=WORTHWHILE)
    assert (backend.name, backend.compiles) == ("numpy", False)
    assert "Numba, which is not installed" in str(backend.reason)
    with pytest.raises(BackendError, match="`backend` numba needs Numba"):
        choose("numba")


@pytest.mark.usefixtures("_no_cupy")
def test_a_training_chooses_by_how_much_work_it_is() -> None:
    assert Trainer(tiny(backend="auto")).backend.name == "numpy"
    assert Trainer(tiny(backend="auto", epochs=100_000)).backend.name == "numba"
    assert Trainer(default_config()).backend.name == "numba"


@pytest.mark.usefixtures("_no_cupy")
def test_a_convolution_is_work_at_every_position() -> None:
    """Two epochs of the gallery's on MNIST took three times as long without compiled loops."""
    image = tiny(
        dataset=Digits(layout="image"),
        layers=(Conv2D(filters=16, padding="same"), Flatten(), Dense(units=10)),
        epochs=1,
    )
    plan = describe(image)
    conv, dense = plan.layers[0].parameters, plan.layers[2].parameters
    assert plan.work == plan.dataset.train_samples * (64 * conv + dense)


@pytest.fixture
def _no_cupy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)  # what an import finds where it is not installed


@pytest.mark.usefixtures("_no_cupy")
def test_cupy_without_cupy_is_refused_with_the_remedy() -> None:
    with pytest.raises(BackendError, match=r"not installed; install it with .*cuda12"):
        choose("cupy")
    with pytest.raises(BackendError):
        train(tiny(backend="cupy"), MemoryRecorder())


@pytest.mark.usefixtures("_no_cupy")
def test_auto_without_cupy_is_numpy_and_says_why() -> None:
    backend = choose("auto")
    assert (backend.name, backend.xp) == ("numpy", np)
    assert "CuPy, which is not installed" in str(backend.reason)


class SilentDevice:
    """CuPy as it is where no driver answers."""

    class cuda:  # noqa: N801
        class runtime:  # noqa: N801
            class CUDARuntimeError(RuntimeError):
                pass

        @classmethod
        def Device(cls) -> Any:  # noqa: N802
            raise cls.runtime.CUDARuntimeError("no CUDA-capable device is detected")


def test_a_device_that_does_not_answer_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", SilentDevice)
    with pytest.raises(BackendError, match="no CUDA-capable device is detected"):
        choose("cupy")
    assert "no CUDA-capable device" in str(choose("auto").reason)


def config_of(activation: Any = None, optimizer: Any = None, **changes: Any) -> RunConfig:
    layers = multilayer(
        [7, 6],
        10,
        activation=(activation or family(AnyActivation)[0])(),
        init=He(),
        batch_norm=BatchNorm(variance="unbiased"),
    )
    rule = (optimizer or family(OptimizerSpec)[0])()
    return tiny(
        layers=layers, optimizer=rule, record=RecordSpec(every=2, batch_statistics=True), **changes
    )


def trained(config: RunConfig, backend: Backend) -> tuple[Trainer, MemoryRecorder]:
    trainer, recorder = Trainer(config, backend), MemoryRecorder()
    assert trainer.run(recorder).status == "done"
    return trainer, recorder


@each_activation_and_optimizer
def test_training_never_leaves_the_device_unasked_and_ends_as_on_numpy(
    activation: Any, optimizer: Any
) -> None:
    config = config_of(activation, optimizer)
    trainer, recorder = trained(config, strict_backend())
    assert isinstance(trainer.network.w, DeviceArray)
    assert plain(recorder.checkpoints) == plain(trained(config, NUMPY)[1].checkpoints)
    assert plain(recorder.records) == plain(trained(config, NUMPY)[1].records)


def test_a_run_is_resumed_on_the_device() -> None:
    config = config_of()
    _, expected = trained(config, NUMPY)
    trainer, recorder = Trainer(config, strict_backend()), MemoryRecorder()
    trainer.restore(expected.checkpoints[0])
    trainer.run(recorder)
    assert plain(recorder.checkpoints[-1]) == plain(expected.checkpoints[-1])


def test_a_recorded_step_makes_one_transfer_and_another_step_none() -> None:
    """A transfer waits for the device: more of them would cost more than the step."""
    trainer = Trainer(config_of().model_copy(update={"record": STEPS_2_AND_4}), strict_backend())
    assert [transfers_of(trainer.advance) for _ in range(4)] == [0, 1, 0, 1]


STEPS_2_AND_4 = RecordSpec(every=2, dense=0, batch_statistics=True)


def test_the_stand_in_refuses_what_a_device_refuses() -> None:
    device, host = STRICT.asarray(np.ones(3)), np.ones(3)
    for mix in (
        lambda: np.asarray(device),
        lambda: np.sum(device),
        lambda: device + host,
        lambda: host + device,
        lambda: STRICT.add(device, host),
        lambda: device.__setitem__(slice(None), host),
        lambda: STRICT.stack([host]),
        lambda: list(device),
    ):
        with pytest.raises(TypeError):
            mix()
    assert_array_equal((2 * device + 1).get(), 3 * host)
    assert transfers_of(lambda: float(device.sum())) == 1


def cupy_backend() -> Backend:
    """CuPy on a device that answers; skips where there is none."""
    if find_spec("cupy") is None:
        pytest.skip("CuPy is not installed")
    try:
        return choose("cupy")
    except BackendError as error:
        pytest.skip(str(error))


@pytest.mark.gpu
@each_activation_and_optimizer
def test_training_on_a_gpu_ends_as_on_numpy(activation: Any, optimizer: Any) -> None:
    backend = cupy_backend()
    config = config_of(activation, optimizer, dtype="float64")
    (_, there), (_, here) = trained(config, backend), trained(config, NUMPY)
    for name in ("w", "buffers"):
        on_gpu, on_host = (getattr(r.checkpoints[-1], name) for r in (there, here))
        assert_allclose(on_gpu, on_host, rtol=1e-6, atol=1e-9)
    for on_gpu, on_host in zip(there.records, here.records, strict=True):
        assert on_gpu.step == on_host.step
        assert [m.split for m in on_gpu.metrics] == [m.split for m in on_host.metrics]
        losses = [[m.loss for m in r.metrics] for r in (on_gpu, on_host)]
        assert_allclose(*losses, rtol=1e-7)
        for one, other in zip(on_gpu.histograms, on_host.histograms, strict=True):
            assert one.counts.sum() == other.counts.sum()


@pytest.mark.gpu
def test_a_gpu_run_resumes_bit_by_bit() -> None:
    backend, config = cupy_backend(), config_of()
    _, expected = trained(config, backend)
    trainer, recorder = Trainer(config, backend), MemoryRecorder()
    trainer.restore(expected.checkpoints[0])
    trainer.run(recorder)
    assert plain(recorder.checkpoints[-1].slots) == plain(expected.checkpoints[-1].slots)
