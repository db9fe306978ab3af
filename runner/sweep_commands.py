"""`layerlab sweep`: many runs of one question, launched and looked after from a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from engine.document import not_json
from engine.errors import ConfigError, LayerlabError
from engine.failures import why
from engine.messages import Message
from runner.after_launch import Launcher
from runner.surroundings import (
    LARGEST_ID,
    AsJson,
    Assignments,
    open_store,
    print_table,
    read_input,
    read_settings,
    user,
)

if TYPE_CHECKING:
    from db.records import Sweep
    from db.sweeps import Sweeps
    from engine.sweeps.config import SweepConfig


_NO_SWEEP = Message("there is no sweep {id}")


class _LaunchByDefault(TyperGroup):
    """`layerlab sweep FILE` is `layerlab sweep launch FILE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["launch", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_LaunchByDefault,
    no_args_is_help=True,
    help="Launch sweeps, and show, pause, resume, extend and cancel them.",
)

SweepId = Annotated[int, typer.Argument(metavar="SWEEP", min=1, max=LARGEST_ID)]
SweepIds = Annotated[list[int], typer.Argument(metavar="SWEEP...", min=1, max=LARGEST_ID)]


def _axes(help: str) -> Any:
    return typer.Option(metavar="NAME=VALUES", help=help)


@app.command()
def launch(
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE.json",
            help="A whole definition, or the configuration that the runs share; - for stdin;"
            " without one, the default configuration.",
        ),
    ] = None,
    grid: Annotated[
        list[str] | None,
        _axes("Every combination: optimizer.lr=0.1,0.01 or optimizer.lr=1e-4..1:log:5."),
    ] = None,
    random: Annotated[
        list[str] | None, _axes("Points at random: optimizer.lr=1e-4..1:log.")
    ] = None,
    quasi_random: Annotated[list[str] | None, _axes("Points that fill the space evenly.")] = None,
    tpe: Annotated[list[str] | None, _axes("Points where others did well, by TPE.")] = None,
    cmaes: Annotated[list[str] | None, _axes("Points by CMA-ES: for two ranges or more.")] = None,
    nsgaii: Annotated[list[str] | None, _axes("Points by a genetic algorithm, NSGA-II.")] = None,
    gp: Annotated[list[str] | None, _axes("Points by a Gaussian process; needs PyTorch.")] = None,
    trials: Annotated[int | None, typer.Option(help="How many points; not for a grid.")] = None,
    seeds: Annotated[int | None, typer.Option(help="Runs of each point.")] = None,
    objective: Annotated[
        str | None, typer.Option(help="What points are ranked by: val_loss or val_accuracy.")
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Give up runs that do worse than half of the others.")
    ] = False,
    assignments: Assignments = None,
    name: Annotated[str, typer.Option(help="What to call the sweep and its runs.")] = "",
    owner: Launcher = None,
    priority: Annotated[int, typer.Option(help="A higher one is served first.")] = 0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what it would come to.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Launch a sweep: what it comes to is said before anything is queued."""
    from runner.sweep_presentation import plan_text, sweep_object

    kinds = {"grid": grid, "random": random, "quasi_random": quasi_random}
    kinds |= {"tpe": tpe, "cmaes": cmaes, "nsgaii": nsgaii, "gp": gp}
    given = {kind: axes for kind, axes in kinds.items() if axes}
    options = {"seeds": seeds, "objective": objective, "trials": trials, "prune": prune}
    config = _definition(_read(file), given, options, assignments or [])
    with open_store(read_settings()) as store:
        plan = store.sweeps.plan(config)
        slots = store.queue.state().slots
        print(plan_text(plan, slots, config.seeds), file=sys.stderr if as_json else sys.stdout)
        if dry_run:
            return
        sweep = store.sweeps.enqueue(config, owner=owner or user(), name=name, priority=priority)
    if as_json:
        print(json.dumps(sweep_object(sweep)))
    else:
        print(f"sweep {sweep.id} is launched; `layerlab sweep show {sweep.id}` shows its results")


def _read(file: str | None) -> Any:
    """The JSON of a file, or of the default configuration."""
    from engine.default import default_config

    if file is None:
        return default_config().model_dump(mode="json")
    try:
        text = read_input(file)
    except OSError as error:
        raise LayerlabError(
            Message(
                "{file} cannot be read ({why}); it must hold a sweep, or a configuration as"
                " `layerlab config` prints one",
                file=file,
                why=why(error),
            )
        ) from None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError.at((), not_json(error)) from None


def _definition(
    data: Any, given: dict[str, list[str]], options: dict[str, Any], assignments: list[str]
) -> SweepConfig:
    """A sweep from the content of a file, and what the command line says beside it."""
    from engine.overrides import override
    from engine.sweeps.config import SweepConfig
    from engine.sweeps.text import axis_of

    if len(given) > 1:
        flags = tuple(f"--{kind.replace('_', '-')}" for kind in given)
        raise ConfigError.at(("sampler",), Message("must be one; got {flags}", flags=flags))
    whole = isinstance(data, dict) and "base" in data
    if not whole and not given:
        rule = Message(
            "must be named by --grid, --random, --tpe or another sampler's option, or in a file"
        )
        raise ConfigError.at(("axes",), rule)
    definition: dict[str, Any] = data if whole else {"base": data}
    for kind, axes in given.items():
        definition["axes"] = [axis_of(text).model_dump(mode="json") for text in axes]
        definition["sampler"] = {"kind": kind}
    config = SweepConfig.parse(_with_options(definition, **options))
    return config.model_copy(update={"base": override(config.base, assignments)})


def _with_options(
    definition: dict[str, Any], *, trials: int | None, prune: bool, **fields: Any
) -> dict[str, Any]:
    if trials is not None:
        sampler = definition.get("sampler", {"kind": "grid"})
        if sampler.get("kind", "grid") == "grid":
            rule = Message("goes with --random, --tpe and the like: a grid has the points it has")
            raise ConfigError.at(("trials",), rule)
        definition["sampler"] = sampler | {"trials": trials}
    if prune:
        definition["pruning"] = {"kind": "median"}
    return definition | {name: value for name, value in fields.items() if value is not None}


@app.command()
def show(sweep_id: SweepId, as_json: AsJson = False) -> None:
    """Show a sweep's points, the best first: their values, and over their seeds n, mean, spread."""
    from runner.sweep_presentation import results_object, results_table, sweep_text

    with open_store(read_settings()) as store:
        sweep = _get(store.sweeps, sweep_id)
        trials = store.sweeps.trials(sweep_id)
    if as_json:
        return print(json.dumps(results_object(sweep, trials), indent=2))
    print(sweep_text(sweep))
    print_table(results_table(sweep, trials))
    return None


@app.command("list")
def listing(
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=1000)] = 20,
    as_json: AsJson = False,
) -> None:
    """List sweeps, the newest first."""
    from runner.sweep_presentation import sweep_object, sweeps_table

    with open_store(read_settings()) as store:
        sweeps = store.sweeps.list(limit=limit)
    if as_json:
        return print(json.dumps([sweep_object(sweep) for sweep in sweeps], indent=2))
    print_table(sweeps_table(sweeps))
    return None


@app.command()
def pause(sweep_ids: SweepIds) -> None:
    """Have all runs of sweeps wait, the running ones after a checkpoint."""
    _each(sweep_ids, lambda sweeps, i: sweeps.pause(i, by=user()), "is paused")


@app.command()
def resume(sweep_ids: SweepIds) -> None:
    """Let paused sweeps and their runs go on."""
    _each(sweep_ids, lambda sweeps, i: sweeps.resume(i, by=user()), "goes on")


@app.command()
def cancel(sweep_ids: SweepIds) -> None:
    """End sweeps, and all their runs that have not ended."""
    _each(sweep_ids, lambda sweeps, i: sweeps.cancel(i, by=user()), "is cancelled")


@app.command()
def extend(
    sweep_id: SweepId,
    trials: Annotated[int | None, typer.Option(help="How many points in all.")] = None,
    seeds: Annotated[int | None, typer.Option(help="How many runs of each point in all.")] = None,
) -> None:
    """Let a sweep try more points, or each point with more seeds."""
    if trials is None and seeds is None:
        rule = Message("must be given more --trials or more --seeds")
        raise ConfigError.at(("sweep",), rule)
    with open_store(read_settings()) as store:
        sweep = store.sweeps.extend(sweep_id, trials=trials, seeds=seeds)
    if sweep is None:
        raise LayerlabError(_NO_SWEEP.filled(id=sweep_id))
    print(f"sweep {sweep_id} will have {sweep.runs:,} runs")


def _each(sweep_ids: list[int], change: Callable[[Sweeps, int], bool], done: str) -> None:
    """Change each sweep that can be changed and say so; then raise for those that could not."""
    said, missed = [], []
    with open_store(read_settings()) as store:
        for sweep_id in sweep_ids:
            sweep = store.sweeps.get(sweep_id)
            if sweep is None:
                missed.append(_NO_SWEEP.filled(id=sweep_id))
            elif change(store.sweeps, sweep_id):
                said.append(f"sweep {sweep_id} {done}")
            else:
                already = Message("sweep {id} is {state} already", id=sweep_id)
                missed.append(already.filled(state=sweep.state.value))
    for line in said:
        print(line)
    if missed:
        raise LayerlabError(reduce(Message.then, missed))


def _get(sweeps: Sweeps, sweep_id: int) -> Sweep:
    sweep = sweeps.get(sweep_id)
    if sweep is None:
        raise LayerlabError(_NO_SWEEP.filled(id=sweep_id))
    return sweep
