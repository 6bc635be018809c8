"""``cevns toys``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cevns.cli.options import (
    emit,
    experiments_option,
    load_experiments,
    model_option,
    output_options,
    parameter_options,
    read_parameters,
)
from cevns.cli.progress import counting
from cevns.io.files import writable_directory

if TYPE_CHECKING:
    from cevns.inference.toy_results import ToyRecord
    from cevns.inference.toys import TruePulls


@click.command("toys")
@click.argument("parameter", required=False)
@experiments_option()
@model_option(default="sm", show_default=True)
@parameter_options()
@click.option(
    "--feldman-cousins", "task", flag_value="feldman-cousins", help="Interval with critical values from toys."
)
@click.option("--cls", "task", flag_value="cls", help="Upper limit by CLs.")
@click.option("--expected", "task", flag_value="expected", help="Median upper limit and its bands.")
@click.option("--coverage", "task", flag_value="coverage", help="How often intervals contain the truth.")
@click.option("--truth", type=float, default=0.0, show_default=True, help="True value, for --expected and --coverage.")
@click.option("--cl", type=float, default=0.90, show_default=True, help="Confidence level.")
@click.option("--dof", type=int, default=1, show_default=True, help="Degrees of freedom of the level.")
@click.option("--toys", type=int, default=1000, show_default=True, help="Sets of pseudo-data at each true point.")
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the random numbers.")
@click.option("--chunk", type=int, default=250, show_default=True, help="Sets thrown together; changes the numbers.")
@click.option(
    "--pulls",
    type=click.Choice(["profiled", "nominal"]),
    help="True pulls: those that fit the data best, or zero. Default: nominal for --coverage, else profiled.",
)
@click.option("--fixed-centres", is_flag=True, help="Leave the centres of the constraints where they are.")
@click.option(
    "--grid", type=(float, float, int), metavar="LOW HIGH N", help="Values of the parameter; found if not given."
)
@click.option("--workers", type=int, default=1, show_default=True, help="Processes; the numbers stay the same.")
@click.option("--shared", multiple=True, help="A nuisance that the experiments have in common, such as sns_flux.")
@output_options()
def toys_command(
    parameter: str | None,
    names: Sequence[str],
    with_es: bool,
    model: str,
    couplings: str,
    assignments: Sequence[str],
    mass: float | None,
    task: str | None,
    truth: float,
    cl: float,
    dof: int,
    toys: int,
    seed: int,
    chunk: int,
    pulls: TruePulls | None,
    fixed_centres: bool,
    grid: tuple[float, float, int] | None,
    workers: int,
    shared: Sequence[str],
    style: str,
    output: Path | None,
) -> None:
    """What pseudo-data say: the p-value of the fit, or with an option an interval, expected limits, a coverage.

    PARAMETER is the one that is fitted, or that intervals and limits are for: by default the coupling of the model,
    unless all parameters are given; then the p-value is that of this point.
    """
    import numpy as np

    from cevns.inference import (
        Throws,
        cls_limits,
        coverage,
        executor,
        expected_limits,
        feldman_cousins,
        goodness_of_fit,
        run,
    )
    from cevns.interactions import model as named_model

    chosen = named_model(model, couplings=couplings)
    loaded = load_experiments(names, with_es=with_es)
    values = read_parameters(assignments, mass)
    complete = all(p.name in values or p.default is not None for p in chosen.parameters)
    name = parameter or (None if complete and task is None else chosen.coupling.name)
    settings: dict[str, Any] = {"shared": shared, "grid": grid and np.linspace(*grid), **values}
    if output is not None:
        writable_directory(output)
    with executor(workers) as pool, counting(f"toys: {chosen.name}") as progress:
        throws = Throws(
            toys=toys,
            seed=seed,
            chunk=chunk,
            pulls=pulls or ("nominal" if task == "coverage" else "profiled"),
            centres=not fixed_centres,
            run=partial(run, executor=pool, progress=progress),
        )
        functions: dict[str | None, Callable[..., Sequence[ToyRecord]]] = {
            None: goodness_of_fit,
            "feldman-cousins": partial(feldman_cousins, cl=cl),
            "cls": partial(cls_limits, cl=cl),
            "expected": partial(expected_limits, truth=truth, cl=cl, dof=dof),
            "coverage": partial(coverage, truth=truth, cl=cl, dof=dof),
        }
        results = functions[task](chosen, loaded, name, throws=throws, **settings)
    lines = [{"quantity": quantity, "value": text} for result in results for quantity, text in result.lines()]
    emit([result.to_dict() for result in results], style, output, "toys", summary=lines)
