"""How long results take from every shipped data set at once, the loading of the data included.

Each begins with new experiments, and times are those of the processor, in one process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import cevns
from benchmarks.common import Measurements, aligned, command, machine

DATA = (
    "coherent-csi-2021",
    "coherent-lar-2020",
    "dresden-ii",
    "conus-plus",
    "xenonnt-er-2022",
    "lz-er",
    "lz-er-2024",
)
SHARED = ("sns_flux", "reactor_spectrum", "solar_flux")
TARGET = 10.0
"""Seconds for one parameter on one core."""


def cases(experiments: Sequence[cevns.Experiment], shared: Sequence[str]) -> dict[str, Callable[[], object]]:
    """Results by name."""
    return {
        "interval of q_nue": lambda: cevns.intervals("millicharge", experiments, "q_nue", shared=shared),
        "interval of mu_nue": lambda: cevns.intervals("magnetic-moment", experiments, "mu_nue", shared=shared),
        "limit on B-L at 10 MeV": lambda: cevns.limits("b-l", experiments, mass=10.0, shared=shared),
        "fit of B-L at 10 MeV": lambda: cevns.fit("b-l", experiments, mass=10.0, shared=shared),
    }


def seconds(case: str, names: Sequence[str], shared: Sequence[str]) -> float:
    """Time of one result, from nothing."""
    start = time.process_time()
    cases([cevns.experiment(name) for name in names], shared)[case]()
    return time.process_time() - start


def measure(quick: bool = False) -> Measurements:
    """All of them; two experiments if quick."""
    names, shared = (DATA[:2], SHARED[:1]) if quick else (DATA, SHARED)
    likelihood = cevns.Likelihood("sm", [cevns.experiment(name) for name in names], shared=shared)
    return {
        "machine": machine(),
        "experiments": len(names),
        "bins": likelihood.ndata,
        "pulls": len(likelihood.pulls),
        "seconds": {case: seconds(case, names, shared) for case in cases((), ())},
    }


def table(results: Measurements) -> str:
    """The results for the eye."""
    size = f"{results['experiments']} experiments, {results['bins']} bins, {results['pulls']} pulls"
    return aligned(
        results["machine"],
        [(f"{case} (target: {TARGET:g} s)", size, f"{took:.2f} s") for case, took in results["seconds"].items()],
    )


def main(arguments: Sequence[str] | None = None) -> None:
    command(__doc__, measure, table, arguments)


if __name__ == "__main__":
    main()
