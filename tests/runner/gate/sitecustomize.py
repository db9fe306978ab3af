"""Runs that wait at a step until a test lets them go on.

Python imports a module of this name first in every process that finds it on its path, and tests put
this folder there (`processes.environment`): the program itself holds nothing of it. A run named
`held at 300 by /some/file` waits behind the records of step 300, alive and ready to be stopped, for
as long as the file exists.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

GATED = "runner.recording"


class Gates(MetaPathFinder):
    """Has the recorder of runs, once it is imported, wait at the gates that a run's name tells."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != GATED:
            return None
        sys.meta_path.remove(self)
        spec = find_spec(name)
        loader: Any = spec and spec.loader
        load = loader.exec_module

        def load_with_gates(module: Any) -> None:
            load(module)
            add_gates(module.StoreRecorder)

        loader.exec_module = load_with_gates
        return spec


def add_gates(recorder: Any) -> None:
    begin, record = recorder.begin, recorder.record

    def begin_at_gates(self: Any, run: Any) -> None:
        self.gates = re.findall(r"held at (\d+) by (\S+)", run.name)
        begin(self, run)

    def record_and_wait(self: Any, step_record: Any) -> None:
        record(self, step_record)
        for step, file in self.gates:
            while step_record.step >= int(step) and Path(file).exists():
                if self.stop_requested():
                    return
                time.sleep(0.02)

    recorder.begin, recorder.record = begin_at_gates, record_and_wait


sys.meta_path.insert(0, Gates())
