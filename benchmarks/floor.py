"""Where the time of a joint profile goes, and how far it is from what the arithmetic alone would take.

The profile is chi^2 at 200 x 200 points of coupling and mass of B - L, CsI 2021 and LAr 2020 together, all pulls
profiled. What depends on the point is counted: the operations of the matrix products and linear systems that the
formulas need, those on one number for each bin, logarithms, and bytes that have to come from memory and go there, for
as many steps of Newton's method as the points take. The floor is the time that they take at the rates which the machine
reaches in the same run, in one thread. Times are those of the processor.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any
from unittest.mock import patch

import numpy as np

import cevns
from benchmarks.common import CSI, LAR, MODEL, aligned, command, grid, machine
from cevns.predict import RateForm
from cevns.statistics import Gaussian, Poisson, likelihood
from cevns.statistics import profiling as linear
from cevns.statistics.axes import Axes
from cevns.statistics.profiling import Batch, Normal
from cevns.statistics.signal import JointSignal, Templates

PHASES: dict[str, tuple[tuple[Any, str], ...]] = {
    "charges, rates, response": ((Templates, "form"),),
    "counts polynomial": ((RateForm, "counts"), (RateForm, "at")),
    "arrival times": ((JointSignal, "at"),),
    "pulls: axes, origin": ((Axes, "of"), (Axes, "origin"), (Normal, "__init__")),
    "expected counts": ((Batch, "of"), (Batch, "at"), (Batch, "change")),
    "statistic": ((Poisson, "value"), (Gaussian, "value")),
    "its derivatives": ((Poisson, "derivatives"), (Gaussian, "derivatives")),
    "gradients and Hessians": ((Normal, "newton_step"),),
    "linear systems": ((np.linalg, "solve"),),
    "steps of the descent": ((linear, "minimise"), (linear, "positive_step"), (likelihood, "profile_varied")),
}
"""Functions of each phase; time in a function of another phase that they call belongs to that one."""


Function = Callable[..., Any]
_SHORTEST = 0.01
"""Time that is measured [s]."""


@contextmanager
def watched(watch: Callable[[str, Function], Function]) -> Iterator[None]:
    """Put a function around each of those of the phases."""
    with ExitStack() as opened:
        for phase, functions in PHASES.items():
            for owner, name in functions:
                found = vars(owner)[name]
                of_class = isinstance(found, classmethod)
                inside = watch(phase, found.__func__ if of_class else found)
                opened.enter_context(patch.object(owner, name, classmethod(inside) if of_class else inside))
        yield


def shortest(function: Callable[[], object], repeat: int) -> float:
    """Least time of the processor in some runs [s], each as often as it takes to be measured."""
    times = []
    for _ in range(repeat):
        number, start = 0, time.process_time()
        while (spent := time.process_time() - start) < _SHORTEST:
            function()
            number += 1
        times.append(spent / number)
    return min(times)


def phases(function: Callable[[], object]) -> dict[str, float]:
    """Seconds of each phase, and of the rest."""
    seconds: dict[str, float] = defaultdict(float)
    running = ["all else"]
    last = time.process_time()

    def change(to: str | None) -> None:
        nonlocal last
        now = time.process_time()
        seconds[running[-1]] += now - last
        last = now
        if to is None:
            running.pop()
        else:
            running.append(to)

    def watch(phase: str, inside: Function) -> Function:
        @wraps(inside)
        def outside(*arguments: Any, **named: Any) -> Any:
            change(phase)
            try:
                return inside(*arguments, **named)
            finally:
                change(None)

        return outside

    with watched(watch):
        function()
    change(None)
    return {phase: seconds[phase] for phase in (*PHASES, "all else")}


Needs = dict[str, Counter[str]]
"""By phase: ``matrix``, ``bin``, ``log``, ``bytes``; for the steps also how many, and of how many points."""


def operations(function: Callable[[], object]) -> Needs:
    """What the points need: operations of matrix products and of linear systems, on bins, logarithms, bytes.

    A product of matrices (n, k) and (k, m) has 2 n k m operations, a symmetric system of k equations k^3/3 + 2 k^2.
    """
    needs: Needs = {phase: Counter() for phase in PHASES}

    def polynomial(need: Counter[str], form: Any, counts: Any) -> None:
        need["bin"] += 2 * counts.size * len(form.coefficients)
        need["bytes"] += 8 * counts.size * (len(form.coefficients) + 1)

    def arrival(need: Counter[str], joint: Any, result: Any) -> None:
        for one in joint.signals:
            need["matrix"] += 2 * len(result) * one.spectra.shape[3] * one.templates.experiment.observed.size
        need["bytes"] += 16 * result.size

    def change(need: Counter[str], batch: Any, result: Any) -> None:
        number, bins = batch.axes.background_change.shape
        need["matrix"] += 2 * len(result) * number * (bins + batch.axes.signal_change.shape[1])
        need["bin"] += 3 * result.size

    def value(need: Counter[str], statistic: Any, result: Any) -> None:
        bins = np.size(result) * statistic.observed.shape[-1]
        need["bin"] += 5 * bins
        need["log"] += bins * isinstance(statistic, Poisson)

    def derivatives(need: Counter[str], _: Any, result: Any) -> None:
        need["bin"] += 4 * result[0].size

    def equations(need: Counter[str], normal: Any, result: Any) -> None:
        points, number = result[0].shape
        pairs = sum(product.size for *_, product in normal.products)
        linear_terms = normal.axes.background_change.size + normal.axes.signal_change.size
        need["matrix"] += 2 * points * (linear_terms + pairs)
        need["bin"] += 4 * points * normal.axes.signal_change.shape[1]
        needs["linear systems"]["matrix"] += points * (number**3 // 3 + 2 * number**2)
        needs["steps of the descent"]["steps"] += points

    def descent(need: Counter[str], _: Any, result: Any) -> None:
        need["points"] += len(result[1])

    counters = {
        "counts": polynomial, "change": change, "value": value, "derivatives": derivatives,
        "newton_step": equations, "minimise": descent,
    }  # fmt: skip

    def watch(phase: str, inside: Function) -> Function:
        count = arrival if phase == "arrival times" else counters.get(inside.__name__)

        @wraps(inside)
        def outside(*arguments: Any, **named: Any) -> Any:
            result = inside(*arguments, **named)
            if count:
                count(needs[phase], arguments[0], result)
            return result

        return outside

    with watched(watch):
        function()
    return needs


def rates(*, matrix: int = 512, bins: int = 384 * 120, memory: int = 2**23) -> dict[str, float]:
    """What one thread of this machine reaches in NumPy, per second, with float64.

    ``matrix``: operations in a product of square matrices; ``bin``, ``log``, ``exp``: numbers in an array of the size
    that is profiled at once; ``bytes``: read and written in a copy far larger than the cache.
    """
    rng = np.random.default_rng(1)
    square, some, many = rng.random((matrix, matrix)), 1.0 + rng.random(bins), np.ones(memory)
    product, out, copy = np.empty_like(square), np.empty_like(some), np.empty_like(many)
    return {
        "matrix": 2.0 * matrix**3 / shortest(lambda: np.matmul(square, square, out=product), 10),
        "bin": bins / shortest(lambda: np.multiply(some, some, out=out), 10),
        "log": bins / shortest(lambda: np.log(some, out=out), 10),
        "exp": bins / shortest(lambda: np.exp(some, out=out), 10),
        "bytes": 16.0 * memory / shortest(lambda: np.copyto(copy, many), 5),
    }


def measure(quick: bool = False) -> dict[str, Any]:
    """All of it, in one run."""
    experiments = [cevns.experiment(CSI), cevns.experiment(LAR)]
    couplings, masses = grid(10 if quick else 200)

    def profile() -> object:
        return cevns.Likelihood(MODEL, experiments)(g=couplings, mass=masses)

    profile()
    before = rates()
    seconds, parts, needs, after = shortest(profile, 3), phases(profile), operations(profile), rates()
    reached = {name: max(before[name], after[name]) for name in before}
    steps = needs["steps of the descent"]
    rows = {}
    for phase, spent in parts.items():
        need = {name: int(needs.get(phase, {}).get(name, 0)) for name in ("matrix", "bin", "log", "bytes")}
        rows[phase] = {"seconds": spent, **need, "floor": sum(number / reached[name] for name, number in need.items())}
    return {
        "machine": machine(),
        "points": couplings.size * masses.size,
        "seconds": seconds,
        "newton_steps_per_minimum": steps["steps"] / steps["points"],
        "rates": reached,
        "phases": rows,
        "matrix_operations": sum(row["matrix"] for row in rows.values()),
        "matrix_floor": sum(row["matrix"] for row in rows.values()) / reached["matrix"],
        "floor": sum(row["floor"] for row in rows.values()),
    }


def table(results: dict[str, Any]) -> str:
    """The results for the eye."""
    reached, points = results["rates"], results["points"]
    rows = [
        ("matrix product", "one thread, float64", f"{reached['matrix'] / 1e9:.1f} Gflop/s"),
        *(
            (f"{name} of numbers in the cache", "the same", f"{reached[key] / 1e9:.2f} G/s")
            for name, key in (("product", "bin"), ("log", "log"), ("exp", "exp"))
        ),
        ("memory, read and written", "copy", f"{reached['bytes'] / 1e9:.1f} GB/s"),
        ("Newton steps", "per minimum, mean", f"{results['newton_steps_per_minimum']:.2f}"),
    ]
    for phase, row in results["phases"].items():
        kilo = ", ".join(
            f"{row[key] / points / 1e3:.2f}k {key}" for key in ("matrix", "bin", "log", "bytes") if row[key]
        )
        far = f"{row['seconds'] / row['floor']:.1f} x floor" if row["floor"] else ""
        rows.append((phase, f"per point {kilo}" if kilo else "", f"{row['seconds']:.3f} s  {far}".rstrip()))
    total = results["seconds"]
    rows += [
        ("joint profile", f"{points} points, not watched", f"{total:.3f} s"),
        ("    floor", "all operations at these rates", f"{results['floor']:.3f} s"),
        ("    ratio", "", f"{total / results['floor']:.1f}"),
        (
            "    floor of the matrices",
            f"{results['matrix_operations'] / points / 1e3:.1f} kflop per point",
            f"{results['matrix_floor']:.3f} s",
        ),
        ("    ratio", "", f"{total / results['matrix_floor']:.1f}"),
    ]
    return aligned(results["machine"], rows)


def main(arguments: Sequence[str] | None = None) -> None:
    command(__doc__, measure, table, arguments)


if __name__ == "__main__":
    main()
