"""How fast profiles and limits are: against the loop one would write, in memory, and with the number of points."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

import numpy as np

import cevns
from benchmarks.common import CSI, LAR, MODEL, Measurements, aligned, command, grid, machine
from benchmarks.loop import StraightforwardLoop
from cevns.inference import GridScan, executor
from cevns.inference import run as carry_out
from cevns.inference.executors import keep_freed_memory
from cevns.inference.work import Memory

MODELS = tuple(name for name in cevns.MODEL_NAMES if {p.name for p in cevns.model(name).parameters} == {"g", "mass"})
"""The models with one coupling and one mass."""


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


def main(arguments: Sequence[str] | None = None) -> None:
    command(__doc__, measure, table, arguments)


if __name__ == "__main__":
    main()
