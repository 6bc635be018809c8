#!/usr/bin/env python3
"""How fast profiles and limits are: against the loop one would write, in memory, and with the number of points."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from scipy import integrate, optimize, special

import cevns
from cevns.constants import (
    AVOGADRO,
    CHARGED_PION_MASS,
    FERMI_CONSTANT,
    HBAR_C,
    MEV2_CM2,
    MUON_MASS,
)
from cevns.inference import GridScan, executor
from cevns.inference import run as carry_out
from cevns.inference.executors import keep_freed_memory
from cevns.inference.work import Memory
from cevns.interactions import radiative_couplings
from cevns.nuclear import isotope

CSI, LAR = "coherent-csi-2021", "coherent-lar-2020"
MODEL = "b-l"
MODELS = tuple(name for name in cevns.MODEL_NAMES if {p.name for p in cevns.model(name).parameters} == {"g", "mass"})
"""The models with one coupling and one mass."""

Measurements = dict[str, object]


def grid(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Couplings, as a column, and masses [MeV] of the plane on which exclusion curves are drawn."""
    return np.geomspace(1e-6, 1e-2, size)[:, None], np.geomspace(1e-1, 1e4, size)


@dataclass(frozen=True)
class Nucleus:
    """What the loop needs of one isotope."""

    protons: int
    neutrons: int
    mass: float
    number: float
    proton_radius: float
    neutron_radius: float


class StraightforwardLoop:
    """chi^2 of CsI and B-L, point by point: integrals by ``quad``, pulls by ``minimize``, formulas written out.

    What does not depend on the point, the response of the detector and the arrival times, is computed once and is not
    part of the time. It shares data and physical constants with the package, but no computation of rates, response or
    statistics (the fractions in time are the package's).
    """

    line = (CHARGED_PION_MASS**2 - MUON_MASS**2) / (2.0 * CHARGED_PION_MASS)
    endpoint = MUON_MASS / 2.0

    def __init__(self, experiment: cevns.Experiment, nodes: int = 60) -> None:
        self.experiment = experiment
        config = experiment.config
        caesium, iodine = isotope("133Cs"), isotope("127I")
        per_kg = AVOGADRO / (1e-3 * (caesium.atomic_mass + iodine.atomic_mass))
        self.nuclei = [
            Nucleus(i.protons, i.neutrons, i.mass, config.target.mass * per_kg, radii.proton, radii.neutron)
            for i, radii in ((i, config.target.radii[i.name]) for i in (caesium, iodine))
        ]
        source = config.source
        self.fluence = source.neutrinos_per_proton * source.protons_on_target / (4.0 * math.pi * source.distance**2)
        couplings = radiative_couplings()
        self.proton_couplings = (couplings.proton[0], couplings.proton[1], couplings.proton[1])
        self.neutron_coupling = couplings.neutron
        self.recoils = [self._recoil_nodes(nucleus, nodes) for nucleus in self.nuclei]
        self.responses = [np.array([self._response(T) for T in recoils]) for recoils, _ in self.recoils]
        self.sigmas = np.array([0.12, 0.25, 0.35, 0.021])

    def _recoil_nodes(self, nucleus: Nucleus, nodes: int) -> tuple[np.ndarray, np.ndarray]:
        """Gauss-Legendre nodes below and above the largest recoil that the prompt line can give."""
        ends = [0.0, *(2.0 * E**2 / (nucleus.mass + 2.0 * E) for E in (self.line, self.endpoint))]
        x, w = np.polynomial.legendre.leggauss(nodes)
        pieces = [(low + (high - low) * (x + 1.0) / 2.0, (high - low) * w / 2.0) for low, high in pairwise(ends)]
        points, weights = zip(*pieces, strict=True)
        return np.concatenate(points), np.concatenate(weights)

    def _response(self, T: float) -> list[float]:
        """Probability that a recoil T [MeV] is recorded in each energy bin."""
        c, b, e = (self.experiment.config.detector.quenching.coefficients, 0.7157, self._efficiency)
        mean = 13.35e3 * sum(coefficient * T ** (k + 1) for k, coefficient in enumerate(c))
        shape = 1.0 + b * mean
        constant = shape * math.log(shape / mean) - special.gammaln(shape)

        def density(x: float) -> float:
            return e(x) * math.exp(constant + b * mean * math.log(x) - shape / mean * x) if x > 0.0 else 0.0

        edges = self.experiment.energy_edges.tolist()
        # The efficiency starts at 5.2 PE.
        return [
            integrate.quad(density, low, high, points=(self._threshold,) if low < self._threshold < high else None)[0]
            for low, high in pairwise(edges)
        ]

    _threshold = 10.8646 - math.log(1.32045 / 0.333322 - 1.0) / 0.285979

    @staticmethod
    def _efficiency(x: float) -> float:
        return max(0.0, 1.32045 / (1.0 + math.exp(-0.285979 * (x - 10.8646))) - 0.333322)

    @staticmethod
    def _form_factor(q: float, radius: float) -> float:
        """Helm form factor; q in 1/fm."""
        x = q * math.sqrt(5.0 / 3.0 * radius**2 - 5.0 * 0.9**2)
        return 3.0 * (math.sin(x) - x * math.cos(x)) / x**3 * math.exp(-0.5 * (q * 0.9) ** 2)

    def _nu_e(self, E: float) -> float:
        return 192.0 * E**2 / MUON_MASS**3 * (0.5 - E / MUON_MASS)

    def _nubar_mu(self, E: float) -> float:
        return 64.0 * E**2 / MUON_MASS**3 * (0.75 - E / MUON_MASS)

    def _charges(self, nucleus: Nucleus, T: float, g: float, mass: float) -> list[float]:
        """Weak charge and that of the B-L boson, for nu_e, nu_mu and antinu_mu."""
        q2 = 2.0 * nucleus.mass * T
        q = math.sqrt(q2) / HBAR_C
        protons = nucleus.protons * self._form_factor(q, nucleus.proton_radius)
        neutrons = nucleus.neutrons * self._form_factor(q, nucleus.neutron_radius)
        boson = -(g**2) * (protons + neutrons) / (math.sqrt(2.0) * FERMI_CONSTANT * (q2 + mass**2))
        return [gp * protons + self.neutron_coupling * neutrons + boson for gp in self.proton_couplings]

    def _rates(self, nucleus: Nucleus, T: float, g: float, mass: float) -> list[float]:
        """Recoils per MeV of each neutrino component."""
        M = nucleus.mass
        q_e, q_mu, q_mubar = self._charges(nucleus, T, g, mass)

        def cross_section(E: float, charge: float) -> float:
            return FERMI_CONSTANT**2 * M / math.pi * charge**2 * (1.0 - T / E - M * T / (2.0 * E**2)) * MEV2_CM2

        lowest = (T + math.sqrt(T**2 + 2.0 * M * T)) / 2.0
        delayed = integrate.quad(lambda E: self._nu_e(E) * cross_section(E, q_e), lowest, self.endpoint)[0]
        prompt = cross_section(self.line, q_mu) if lowest < self.line else 0.0
        anti = integrate.quad(lambda E: self._nubar_mu(E) * cross_section(E, q_mubar), lowest, self.endpoint)[0]
        return [nucleus.number * self.fluence * rate for rate in (delayed, prompt, anti)]

    def events(self, bins: slice, g: float, mass: float) -> np.ndarray:
        """Expected events of some energy bins by component."""
        counts = np.zeros((len(self.responses[0][0, bins]), 3))
        for nucleus, (recoils, weights), response in zip(self.nuclei, self.recoils, self.responses, strict=True):
            for T, weight, seen in zip(recoils.tolist(), weights.tolist(), response, strict=True):
                counts += weight * np.outer(seen[bins], self._rates(nucleus, T, g, mass))
        return counts

    def signal(self, g: float, mass: float, *, bin_by_bin: bool = True) -> np.ndarray:
        """Expected events, shape (energy bin, time bin); each bin an integral of its own, or all from one."""
        number = len(self.experiment.energy_edges) - 1
        pieces = [slice(i, i + 1) for i in range(number)] if bin_by_bin else [slice(number)]
        return np.concatenate([self.events(bins, g, mass) for bins in pieces]) @ self.experiment.arrival

    def chi2(self, g: float, mass: float, *, bin_by_bin: bool = True) -> float:
        """chi^2 with the pulls minimised."""
        signal, observed = self.signal(g, mass, bin_by_bin=bin_by_bin), self.experiment.observed
        components = [signal, *self.experiment.backgrounds.values()]

        def function(pulls: np.ndarray) -> float:
            mu = sum(
                (1.0 + sigma * pull) * counts
                for sigma, pull, counts in zip(self.sigmas, pulls, components, strict=True)
            )
            if np.any(mu <= 0.0):
                return 1e12
            logarithm = special.xlogy(observed, observed / mu)
            return float(2.0 * np.sum(mu - observed + logarithm) + np.sum(pulls**2))

        return float(optimize.minimize(function, np.zeros(4), options={"gtol": 1e-4}).fun)


def timed(function: Callable[[], object], repeat: int = 3) -> float:
    """Shortest of some runs [s]."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def against_the_loop(size: int = 50, sample: int = 6, nodes: int = 60) -> Measurements:
    """A profile over size x size points of (g, M) on CsI, and the loop at some of them, scaled to all."""
    experiment = cevns.experiment(CSI)
    couplings, masses = grid(size)
    loop = StraightforwardLoop(experiment, nodes)

    def batched() -> np.ndarray:
        """Everything after the experiment is loaded: nothing is kept from one run to the next."""
        return cevns.Likelihood(MODEL, experiment)(g=couplings, mass=masses)

    chi2 = batched()
    seconds = timed(batched)
    # Along the diagonal from weak and light to strong and heavy: the signal stays visible at every one.
    places = np.linspace(0, size - 1, sample).round().astype(int).tolist()
    results: Measurements = {"points": size**2, "seconds": seconds, "loop_points_timed": len(places)}
    for name, bin_by_bin in (("loop", True), ("loop_sharing_bins", False)):
        start = time.perf_counter()
        looped = [loop.chi2(float(couplings[i, 0]), float(masses[i]), bin_by_bin=bin_by_bin) for i in places]
        per_point = (time.perf_counter() - start) / len(places)
        results[name] = {
            "seconds_per_point": per_point,
            "seconds_scaled": per_point * size**2,
            "ratio": per_point * size**2 / seconds,
            "largest_difference_in_chi2": max(
                abs(one - float(chi2[i, i])) for one, i in zip(looped, places, strict=True)
            ),
        }
    return results


def peak_memory() -> float:
    """Largest resident memory of this process so far [GiB]."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30


def joint_profile(size: int = 200) -> Measurements:
    """A profile over size x size points on CsI and LAr with all sixteen pulls, with the loading of the data."""
    start = time.perf_counter()
    likelihood = cevns.Likelihood(MODEL, [cevns.experiment(CSI), cevns.experiment(LAR)])
    couplings, masses = grid(size)
    chi2 = likelihood(g=couplings, mass=masses)
    return {
        "points": size**2,
        "pulls": len(likelihood.pulls),
        "seconds": time.perf_counter() - start,
        "peak_memory_GiB": peak_memory(),
        "finite": bool(np.all(np.isfinite(chi2))),
    }


def in_a_fresh_process(function: Callable[[int], Measurements], size: int) -> Measurements:
    """Run where nothing else has used memory yet."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, size).result()


def cost_per_point(sizes: Sequence[int] = (50, 100, 200)) -> list[Measurements]:
    """Seconds per point of joint profiles of growing size."""
    experiments = [cevns.experiment(CSI), cevns.experiment(LAR)]
    cevns.Likelihood(MODEL, experiments)(g=1e-5, mass=10.0)
    rows: list[Measurements] = []
    for size in sizes:
        couplings, masses = grid(size)
        seconds = timed(lambda g=couplings, mass=masses: cevns.Likelihood(MODEL, experiments)(g=g, mass=mass), repeat=2)
        rows.append({"points": size**2, "seconds": seconds, "microseconds_per_point": 1e6 * seconds / size**2})
    return rows


def all_limits(masses: int = 60, models: Sequence[str] = MODELS) -> Measurements:
    """Limits of every model at many masses on CsI and LAr together."""
    experiments = [cevns.experiment(CSI), cevns.experiment(LAR)]
    start = time.perf_counter()
    limits = [
        limit for model in models for limit in cevns.limits(model, experiments, mass=np.geomspace(1e-2, 1e4, masses))
    ]
    seconds = time.perf_counter() - start
    return {
        "models": len(models),
        "masses": masses,
        "limits": len(limits),
        "crossings": sum(len(limit.crossings) for limit in limits),
        "seconds": seconds,
        "milliseconds_per_limit": 1e3 * seconds / len(limits),
    }


def joint_scan(size: int, points_per_chunk: int) -> GridScan:
    """chi^2 of both experiments on the plane, in chunks."""
    likelihood = cevns.Likelihood(MODEL, [cevns.experiment(CSI), cevns.experiment(LAR)])
    couplings, masses = grid(size)
    return GridScan(likelihood, {"g": couplings.ravel(), "mass": masses}, {}, points_per_chunk=points_per_chunk)


def compute_asked(size: int, points_per_chunk: int, asked: Connection) -> None:
    """A process of its own: it makes the scan, then computes lists of chunks until there is none."""
    keep_freed_memory()
    scan = joint_scan(size, points_per_chunk)
    chunks = [0]
    while chunks:
        asked.send([(chunk, scan.compute(chunk)) for chunk in chunks])
        chunks = asked.recv()


@contextmanager
def independent(number: int, *scan: int) -> Iterator[list[Connection]]:
    """Processes that know a scan, share nothing, and wait for chunks."""
    context = get_context("spawn")
    pipes = [context.Pipe() for _ in range(number)]
    processes = [context.Process(target=compute_asked, args=(*scan, theirs)) for _, theirs in pipes]
    ours = [mine for mine, _ in pipes]
    for process in processes:
        process.start()
    for one in ours:
        one.recv()
    yield ours
    for one, process in zip(ours, processes, strict=True):
        one.send([])
        process.join()


def two_workers(size: int = 200, points_per_chunk: int = 1000, rounds: int = 5) -> Measurements:
    """The same joint scan by one process, by a pool of two, and by two that compute half of it each without a word.

    The last is what two processes can reach on this machine as it is: they share its clock, its memory and its other
    users, and nothing else. All have started, know the experiments, and have one thread of linear algebra each.
    """
    scan = joint_scan(size, points_per_chunk)
    here = carry_out(scan)["chi2"]
    results = [here]

    def told(processes: Sequence[Connection]) -> None:
        for k, one in enumerate(processes):
            one.send(list(range(k, scan.chunks, len(processes))))
        found = Memory(scan)
        for one in processes:
            for chunk, arrays in one.recv():
                found.write(chunk, arrays)
        results.append(found.arrays["chi2"])

    def pooled() -> None:
        results.append(carry_out(scan, pool)["chi2"])

    # The pool sets the number of threads for processes that start after it.
    with executor(workers=2) as pool, independent(2, size, points_per_chunk) as processes:
        first = timed(pooled, repeat=1)
        ways = {
            "one_process": lambda: told(processes[:1]),
            "two_processes": pooled,
            "two_apart": lambda: told(processes),
        }
        times = [{name: timed(way, repeat=1) for name, way in ways.items()} for _ in range(rounds)]
    seconds = {name: min(each[name] for each in times) for name in ways}
    return {
        "points": size**2,
        "chunks": scan.chunks,
        **seconds,
        "seconds_to_start": max(0.0, first - seconds["two_processes"]),
        "speed_up": seconds["one_process"] / seconds["two_processes"],
        "ceiling": seconds["one_process"] / seconds["two_apart"],
        "same_bits": all(one.tobytes() == here.tobytes() for one in results),
    }


def machine() -> Measurements:
    """What the numbers were measured on."""
    return {
        "cevns": cevns.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
    }


def measure(quick: bool = False) -> dict[str, object]:
    """All benchmarks, in one run."""
    size, masses = (10, 3) if quick else (200, 60)
    return {
        "machine": machine(),
        "joint_profile": in_a_fresh_process(joint_profile, size),
        "against_the_loop": against_the_loop(size // 4 if not quick else 10, *((2, 30) if quick else (6, 60))),
        "cost_per_point": cost_per_point((5, 10) if quick else (50, 100, 200)),
        "limits": all_limits(masses),
        "two_workers": two_workers(size, 20 if quick else 1000),
    }


def table(results: dict[str, object]) -> str:
    """The results for the eye."""
    loop, joint, limits, two = (results[key] for key in ("against_the_loop", "joint_profile", "limits", "two_workers"))
    rows = [
        ("profile of CsI, B-L", f"{loop['points']} points", f"{loop['seconds']:.3f} s"),
        *(
            row
            for name, label in (
                ("loop", "straightforward loop"),
                ("loop_sharing_bins", "loop, energy integrals shared"),
            )
            for row in (
                (
                    label,
                    f"{loop['loop_points_timed']} points timed, scaled linearly",
                    f"{loop[name]['seconds_scaled']:.0f} s",
                ),
                ("    ratio", "target of the first: 300 or more", f"{loop[name]['ratio']:.0f}"),
                ("    chi^2", "largest difference", f"{loop[name]['largest_difference_in_chi2']:.1e}"),
            )
        ),
        (
            "joint profile (target: 8 s)",
            f"{joint['points']} points, {joint['pulls']} pulls",
            f"{joint['seconds']:.2f} s",
        ),
        ("its peak memory (target: 2 GiB)", "whole process", f"{joint['peak_memory_GiB']:.2f} GiB"),
        *(
            ("cost per point, joint", f"{row['points']} points", f"{row['microseconds_per_point']:.0f} us")
            for row in results["cost_per_point"]
        ),
        (
            "limits, joint",
            f"{limits['models']} models x {limits['masses']} masses",
            f"{limits['seconds']:.1f} s, {limits['milliseconds_per_limit']:.0f} ms each",
        ),
        ("scan, joint, one process", f"{two['points']} points, {two['chunks']} chunks", f"{two['one_process']:.2f} s"),
        ("    two processes", f"started in {two['seconds_to_start']:.1f} s", f"{two['two_processes']:.2f} s"),
        ("    ratio", "target: 1.7", f"{two['speed_up']:.2f}"),
        ("    two that compute half each", "what the machine gives", f"{two['two_apart']:.2f} s"),
        ("    their ratio", "the most there is", f"{two['ceiling']:.2f}"),
    ]
    return aligned(results["machine"], rows)


def aligned(of: Measurements, rows: Sequence[tuple[str, str, str]]) -> str:
    """What was measured, its size and the result in columns, below the machine."""
    widths = [max(len(row[i]) for row in rows) for i in range(2)]
    lines = [f"{what:<{widths[0]}}  {size:<{widths[1]}}  {value}" for what, size, value in rows]
    return "\n".join([", ".join(f"{key} {value}" for key, value in of.items()), *lines])


def command(
    description: str | None,
    measure: Callable[[bool], dict[str, Any]],
    table: Callable[[dict[str, Any]], str],
    arguments: Sequence[str] | None = None,
) -> None:
    """Measure, print the table, and write JSON if asked for."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the results to a file as well")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: whether it works, not how fast it is")
    options = parser.parse_args(arguments)
    results = measure(options.quick)
    print(table(results))
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    command(__doc__, measure, table, arguments)


if __name__ == "__main__":
    main()
