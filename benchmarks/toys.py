"""How fast pseudo-data are profiled: against MINUIT, one set after another, and the time of a whole ensemble.

Times are those of the processor, in one process: what else the machine does matters little.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from iminuit import Minuit

import cevns
from benchmarks.common import CSI, LAR, MODEL, Measurements, aligned, command, machine
from cevns.inference import Line, ToyScan, run
from cevns.statistics import Measurement

MASS = 10.0
COUPLINGS = (0.0, 1e-4)
"""From nothing beyond the Standard Model to what both experiments exclude."""


def line(points: int) -> Line:
    """Couplings along which pseudo-data of both experiments are profiled."""
    likelihood = cevns.Likelihood(MODEL, [cevns.experiment(CSI), cevns.experiment(LAR)])
    return Line(likelihood, "g", np.linspace(*COUPLINGS, points), {"mass": MASS})


def minuit_minimum(data: Measurement, toy: int, signal: np.ndarray) -> float:
    """Smallest chi^2 of one set, written as one would for a single experiment."""
    statistic = data.statistic
    observed, centres, sigmas = statistic.observed[toy], data.centres[toy], data.sigmas
    slopes = signal * data.signal_change + data.background_change
    central = signal + data.background
    logarithm = observed * np.log(np.where(observed > 0, observed, 1.0))

    def poisson(mu: np.ndarray) -> float:
        if np.any(mu <= 0.0):
            return 1e12
        return float(2.0 * np.sum(mu - observed + logarithm - observed * np.log(mu)))

    def gaussian(mu: np.ndarray) -> float:
        return float(np.sum((mu - observed) ** 2 / statistic.variance[toy]))

    distance = poisson if statistic.positive else gaussian

    def chi2(units: np.ndarray) -> float:
        pulls = units * sigmas
        return distance(central + pulls @ slopes) + float(np.sum((units - centres / sigmas) ** 2))

    minuit = Minuit(chi2, np.zeros(len(sigmas)))
    minuit.errordef = Minuit.LEAST_SQUARES
    minuit.tol = 1e-3
    return float(minuit.migrad().fval)


def against_minuit(toys: int = 2000, sample: int = 20) -> Measurements:
    """Profiles of the same sets at the coupling where they are thrown, all at once, and some of them by MINUIT."""
    chosen = line(3)
    signals = [signal[np.array([1])] for signal in chosen.signals]
    pulls = chosen.true_pulls("profiled", [1])[0]
    thrown = chosen.throw(1, pulls, toys, np.random.default_rng(1), centres=True)
    single = Line(chosen.likelihood, "g", chosen.grid[1:2], chosen.fixed)
    times = []
    for _ in range(5):
        start = time.process_time()
        chi2 = single.chi2(thrown)[:, 0]
        times.append(time.process_time() - start)
    seconds = min(times)
    counts = [signal.at(np.zeros((1, 0)))[0] for signal in signals]
    start = time.process_time()
    looped = [sum(minuit_minimum(d, toy, s) for d, s in zip(thrown, counts, strict=True)) for toy in range(sample)]
    per_toy = (time.process_time() - start) / sample
    return {
        "toys": toys,
        "pulls": len(chosen.likelihood.pulls),
        "toys_per_second": toys / seconds,
        "minuit_toys_timed": sample,
        "minuit_toys_per_second": 1.0 / per_toy,
        "ratio": per_toy * toys / seconds,
        "largest_difference_in_chi2": float(np.abs(np.array(looped) - chi2[:sample]).max()),
    }


def ensemble(toys: int = 10000, points: int = 50) -> Measurements:
    """chi^2 of many sets along a grid of couplings: what limits of each of them are made of. One core."""
    chosen = line(points)
    work = ToyScan(chosen, (0,), chosen.true_pulls("profiled", [0]), toys, seed=1)
    start = time.process_time()
    chi2 = run(work)["chi2"]
    seconds = time.process_time() - start
    return {
        "toys": toys,
        "points": points,
        "seconds": seconds,
        "microseconds_per_profile": 1e6 * seconds / (toys * points),
        "finite": bool(np.all(np.isfinite(chi2))),
    }


def measure(quick: bool = False) -> dict[str, Measurements]:
    """All of it, in one run."""
    return {
        "machine": machine(),
        "against_minuit": against_minuit(*((20, 2) if quick else (2000, 20))),
        "ensemble": ensemble(*((20, 5) if quick else (10000, 50))),
    }


def table(results: dict[str, Measurements]) -> str:
    """The results for the eye."""
    minuit, whole = results["against_minuit"], results["ensemble"]
    pairs = f"{whole['toys']} toys x {whole['points']} couplings"
    rows = [
        ("toys profiled", f"{minuit['toys']} toys, {minuit['pulls']} pulls", f"{minuit['toys_per_second']:.0f}/s"),
        ("MINUIT, one by one", f"{minuit['minuit_toys_timed']} of them", f"{minuit['minuit_toys_per_second']:.1f}/s"),
        ("    ratio", "target: 200 or more", f"{minuit['ratio']:.0f}"),
        ("    chi^2", "largest difference", f"{minuit['largest_difference_in_chi2']:.1e}"),
        ("ensemble (target: 300 s on two cores)", f"{pairs}, one core", f"{whole['seconds']:.1f} s"),
        ("    per profile", "", f"{whole['microseconds_per_profile']:.0f} us"),
    ]
    return aligned(results["machine"], rows)


def main(arguments: Sequence[str] | None = None) -> None:
    command(__doc__, measure, table, arguments)


if __name__ == "__main__":
    main()
