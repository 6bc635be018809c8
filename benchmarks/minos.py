"""Edges of intervals beside those of MINOS, which minimises the pulls itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from iminuit import Minuit

import cevns
from benchmarks.common import CSI, LAR
from cevns.typing import FloatArray

CASES: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("weak-mixing-angle", "sin2_theta_w", (CSI,)),
    ("weak-mixing-angle", "sin2_theta_w", (CSI, LAR)),
    ("neutron-radius", "R_n", (CSI,)),
    ("nsi", "eps_ee_uV", (CSI, LAR)),
    ("nsi", "eps_mumu_dV", (CSI,)),
    ("charge-radius", "r2_numu", (LAR,)),
    ("charge-radius", "r2_numu", (CSI, LAR)),
    ("universal-magnetic-moment", "mu_nu", (CSI,)),
)
"""Model, parameter and experiments."""
_START: Final = 41
"""Values in a piece, the best of which MINUIT starts from."""


@dataclass(frozen=True)
class Edge:
    """An edge of a piece of an interval, and the same edge from MINOS, with the length of the piece."""

    ours: float
    minos: float
    length: float

    @property
    def difference(self) -> float:
        """Relative to the length."""
        return abs(self.ours - self.minos) / self.length


def edges(model: str, parameter: str, names: Sequence[str], cl: float = 0.90) -> Iterator[Edge]:
    """Edges of every piece at a confidence level; those where the range of the parameter ends are none.

    MINUIT has the parameter, in units of a quarter of the piece, and all pulls, in units of their widths. It starts in
    each piece, and MINOS looks for the level above the lowest chi^2 of all.
    """
    experiments = [cevns.experiment(name) for name in names]
    (found,) = cevns.intervals(model, experiments, parameter, cl=cl)
    likelihood = cevns.Likelihood(model, experiments)
    described = likelihood.model.parameter(parameter)
    widths = [data.sigmas for _, data in likelihood.groups]

    for low, high in found.intervals:
        unit = (high - low) / 4.0

        def chi2(point: FloatArray, unit: float = unit) -> float:
            # MINOS looks a little beyond the limits.
            value = min(max(point[0] * unit, described.low), described.high)
            signals = likelihood.signals(**{parameter: value})
            pulls = np.split(np.asarray(point[1:]), np.cumsum([len(sigmas) for sigmas in widths])[:-1])
            return sum(
                float(data.chi2(np.concatenate([signals[i] for i in group]), sigmas * some))
                for (group, data), sigmas, some in zip(likelihood.groups, widths, pulls, strict=True)
            )

        values = np.linspace(low, high, _START)
        start = float(values[likelihood(**{parameter: values}).argmin()])
        pulls = likelihood.profiled(**{parameter: start}).pulls
        minuit = Minuit(
            chi2,
            [start / unit, *(float(pulls[n]) / s for n, s in zip(pulls, np.concatenate(widths), strict=True))],
            name=[parameter, *pulls],
        )
        minuit.strategy, minuit.tol, minuit.errordef = 2, 1e-4, Minuit.LEAST_SQUARES
        minuit.limits[parameter] = (described.low / unit, described.high / unit)
        minuit.migrad()
        minuit.errordef = found.chi2_min + found.delta_chi2 - minuit.fval
        errors = minuit.minos(parameter).merrors[parameter]
        best = minuit.values[parameter]
        for ours, bound, error in ((low, described.low, errors.lower), (high, described.high, errors.upper)):
            if ours != bound:
                yield Edge(ours, float(best + error) * unit, high - low)


def main() -> None:
    """Print a table."""
    for model, parameter, names in CASES:
        print(f"{parameter}, {' + '.join(names)}")
        for edge in edges(model, parameter, names):
            print(f"    {edge.ours:.6g}  MINOS {edge.minos:.6g}  {edge.difference:.1e} of the length")


if __name__ == "__main__":
    main()
