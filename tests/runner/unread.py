"""Commands of layerlab whose output has no reader, each in a process of its own.

    python -m tests.runner.unread FOLDER < commands.json

The processes are forks of one that has imported everything. Each finds the same database in the
folder, and what it says and exits with is printed as JSON.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from runner import cli

DATABASE, TEMPLATE = "runs.db", "template.db"
OUT, ERR = 1, 2
IMPORTED = (
    *("db.backup", "db.check", "db.schema", "db.store", "rich.table"),
    *("engine.default", "engine.overrides", "engine.sweeps.config", "runner.presentation"),
    "runner.sweep_presentation",
)
"""What commands import when they run."""


def outcome(folder: Path, arguments: list[str], unread: int | None) -> dict[str, Any]:
    """What a command says and exits with while nobody reads one of its streams."""
    shutil.copy(folder / TEMPLATE, folder / DATABASE)
    for left in folder.glob("*.made"):
        left.unlink()
    process = os.fork()
    if not process:
        for stream in (OUT, ERR):
            file = os.open(folder / f"said{stream}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(file, stream)
        if unread:
            reader, writer = os.pipe()
            os.close(reader)
            os.dup2(writer, unread)
        sys.argv = ["layerlab", *arguments]
        cli.main()  # ends here, and the interpreter with it, as after any command
    _, status = os.waitpid(process, 0)
    out, err = ((folder / f"said{stream}").read_text() for stream in (OUT, ERR))
    return {"status": os.waitstatus_to_exitcode(status), "out": out, "err": err}


def main() -> None:
    for name in IMPORTED:
        importlib.import_module(name)
    folder = Path(sys.argv[1])
    commands: dict[str, list[str]] = json.load(sys.stdin)
    gc.freeze()
    outcomes = {}
    for name, arguments in commands.items():
        read = outcome(folder, arguments, None)
        streams = [stream for stream, said in ((OUT, read["out"]), (ERR, read["err"])) if said]
        unread = {stream: outcome(folder, arguments, stream) for stream in streams}
        outcomes[name] = read, unread.get(OUT), unread.get(ERR)
    print(json.dumps(outcomes))


if __name__ == "__main__":
    main()
