"""A command of layerlab that ends with the process that started it, however that ends.

`python -m runner.ends_with_starter COMMAND`: standard input is a pipe whose other end only the
starter holds. The operating system closes it when the starter ends, on every platform and whatever
has ended it; then this process is asked to end in order, and made to where it does not.
"""

from __future__ import annotations

import os
import signal
import threading
import time

from runner.cli import main
from runner.settings import Settings
from runner.started_processes import patience

_STDIN = 0


def _follow(seconds: float) -> None:
    """Wait for the starter's end, then end this process too, within so many seconds."""
    while os.read(_STDIN, 1024):  # nothing is ever written
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(seconds)
    os._exit(1)


if __name__ == "__main__":  # and not in the workers that a dispatcher starts
    seconds = patience(Settings.read())
    threading.Thread(target=_follow, args=(seconds,), name="follow", daemon=True).start()
    main()
