"""How long the interval of each parameter of each model takes on CsI 2021 and LAr 2020 together."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence

import cevns
from benchmarks.common import CSI, LAR

FIXED = {"mass": 30.0, "m4": 10.0, "dm2": 3.0, "g_nu": 1e-3}
"""Values of the parameters that have no default."""


def parameters(models: Sequence[str] = cevns.MODEL_NAMES) -> Iterator[tuple[str, str, dict[str, float]]]:
    """Model, parameter, and values of the others, of everything that is a coupling, a moment, a mixing or a radius."""
    for name in models:
        model = cevns.model(name)
        for parameter in model.parameters:
            if parameter.name not in FIXED:
                others = {p.name: FIXED[p.name] for p in model.parameters if p.name in FIXED}
                yield name, parameter.name, others


def measure(
    found: Sequence[tuple[str, str, dict[str, float]]], *, electrons: bool = False
) -> list[tuple[str, str, float, str]]:
    """Model, parameter, seconds after the experiments are loaded, and how many pieces the interval has."""
    experiments = [cevns.experiment(name, electron_scattering=electrons) for name in (CSI, LAR)]
    cevns.intervals("universal-magnetic-moment", experiments, "mu_nu")
    rows = []
    for model, parameter, others in found:
        start = time.perf_counter()
        try:
            (result,) = cevns.intervals(model, experiments, parameter, **others)
            pieces = str(len(result.intervals))
        except cevns.NumericalError as error:
            pieces = "no bound" if "does not rise" in str(error) else "no effect"
        rows.append((model, parameter, time.perf_counter() - start, pieces))
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--with-es", action="store_true", help="count electron scattering in CsI too")
    options = parser.parse_args(arguments)
    rows = measure(list(parameters()), electrons=options.with_es)
    for model, parameter, seconds, pieces in sorted(rows, key=lambda row: -row[2]):
        print(f"{seconds:7.3f} s  {model:26s} {parameter:18s} {pieces}")
    print(f"{len(rows)} intervals, the slowest {max(row[2] for row in rows):.2f} s (target: 1 s)")


if __name__ == "__main__":
    main()
