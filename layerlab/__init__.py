"""layerlab for notebooks: every name that one needs, from one place (docs/notebook.md).

    import layerlab as ll

    model = ll.Sequential([ll.Dense(16), ll.BatchNorm(), ll.ReLU(), ll.Dense(10)])
    history = model.fit(x, t, epochs=10, optimizer=ll.Adam(lr=0.01))

    with ll.open() as store:
        runs = store.frames.runs("best.val_accuracy > 0.97")

Names only: what they stand for lies in the rooms `engine` and `db`.
"""

from importlib.metadata import version

from layerlab.rooms import check_rooms

check_rooms()

from db.opening import open_store as open
from engine import datasets, initializers, layers, learning_rates, losses, optimizers, scaling
from engine.clipping import Clipping
from engine.config import RecordSpec, RunConfig
from engine.datasets import *
from engine.decay import Decay
from engine.default import default_config
from engine.early_stopping import EarlyStopping
from engine.errors import BackendError, ConfigError, DataError, LayerlabError
from engine.initializers import *
from engine.layers import *
from engine.learning_rates import *
from engine.losses import *
from engine.optimizers import *
from engine.scaling import *
from engine.sequential import History, Sequential

__version__ = version("layerlab")

__all__ = [
    "BackendError",
    "Clipping",
    "ConfigError",
    "DataError",
    "Decay",
    "EarlyStopping",
    "History",
    "LayerlabError",
    "RecordSpec",
    "RunConfig",
    "Sequential",
    "__version__",
    "default_config",
    "open",
]
__all__ += datasets.__all__
__all__ += initializers.__all__
__all__ += layers.__all__
__all__ += learning_rates.__all__
__all__ += losses.__all__
__all__ += optimizers.__all__
__all__ += scaling.__all__
