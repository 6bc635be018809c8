"""One figure of each kind, for the tests of what all have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import numpy as np
import pytest
from matplotlib.figure import Figure

import cevns
from cevns import LimitResult, PosteriorResult, ProfileResult, RegionResult, plot
from cevns.inference import ToyIntervalResult
from cevns.inference.bayes import LogUniform, Normal
from cevns.inference.bayes.result import marginal
from cevns.results import ForecastResult, IntervalResult
from tests.publications.test_figures import FIGURE

CSI, LAR = "coherent-csi-2021", "coherent-lar-2020"
FROM: Final = {"version": "1", "ndata": 1, "chi2_min": 0.0}


def exclusion() -> Figure:
    """A line, and one with a second allowed region; bands of the muon."""
    one = LimitResult(
        **FROM,
        model="b-l",
        experiments=(CSI,),
        parameter="g",
        mass_MeV=1.0,
        cl=0.9545,
        dof=2,
        delta_chi2=6.18,
        upper_limit=4e-5,
        outer_limit=4e-5,
        crossings=(4e-5,),
        best_fit=0.0,
    )
    masses = np.geomspace(0.1, 1e4, 26).tolist()
    rise = [(1.0 + (mass / 30.0) ** 2) ** 0.5 for mass in masses]
    single = [replace(one, mass_MeV=m, crossings=(5e-5 * r,)) for m, r in zip(masses, rise, strict=True)]
    island = [
        replace(one, mass_MeV=m, crossings=(2e-5 * r, 6e-5 * r, 8e-5 * r) if m > 3.0 else (2e-5 * r,))
        for m, r in zip(masses, rise, strict=True)
    ]
    return plot.exclusion({"CsI": single, "Ar": island}, title="B-L", muon=("vector", 1.0))


def projections() -> Figure:
    """Energies and times, and a second model."""
    return plot.projections(cevns.experiment(CSI), overlay="b-l", overlay_parameters={"g": 6e-5, "mass": 10.0})


def projections_without_times() -> Figure:
    """A steady source."""
    return plot.projections(cevns.experiment("xenonnt-er-2022"), subtract=None)


def recoil_spectra() -> Figure:
    """Nuclear recoils."""
    return plot.recoil_spectra(cevns.experiment(LAR), {"B-L": ("b-l", {"g": 5e-5, "mass": 10.0})})


def regions() -> Figure:
    """A ring, and two pieces inside."""

    def ellipse(x: float, y: float, a: float, b: float) -> tuple[tuple[float, float], ...]:
        angles = np.linspace(0.0, 2.0 * np.pi, 81)
        return tuple(zip((x + a * np.cos(angles)).tolist(), (y + b * np.sin(angles)).tolist(), strict=True))

    ring = RegionResult(
        **FROM,
        model="charge-radius",
        experiments=(LAR,),
        parameters=("r2_nue", "r2_numu"),
        units=("cm^2", "cm^2"),
        fixed={},
        profiled=(),
        cl=0.90,
        dof=2,
        delta_chi2=4.61,
        ranges=((-8e-31, 4e-31), (-8e-31, 4e-31)),
        logarithmic=(False, False),
        pieces=((ellipse(-2e-31, -2e-31, 5e-31, 4e-31), ellipse(-2e-31, -2e-31, 3e-31, 2e-31)[::-1]),),
        best_fit=(2e-31, -2e-31),
    )
    pieces = tuple((ellipse(x, -2e-31, 6e-32, 9e-32),) for x in (-6e-31, 2e-31))
    return plot.regions([ring, replace(ring, experiments=(CSI,), pieces=pieces)])


def profiles() -> Figure:
    """Two parabolas, and two levels."""
    values = np.linspace(0.1, 0.4, 61)
    first, second = (
        ProfileResult(
            model="neutron-radius",
            experiments=(name,),
            parameter="R_n",
            unit="fm",
            fixed={},
            profiled={},
            values=tuple((20.0 * values).tolist()),
            chi2=tuple((((values - centre) / width) ** 2).tolist()),
            ndata=1,
            version="1",
        )
        for name, centre, width in ((CSI, 0.23, 0.03), (LAR, 0.28, 0.06))
    )
    levels = [
        IntervalResult(
            **FROM,
            model="neutron-radius",
            experiments=(CSI,),
            parameter="R_n",
            unit="fm",
            fixed={},
            cl=cl,
            dof=1,
            delta_chi2=rise,
            intervals=((4.0, 5.2),),
            best_fit=4.6,
        )
        for cl, rise in ((0.6827, 1.0), (0.90, 2.71))
    ]
    return plot.profiles([first, second], levels)


def critical_values() -> Figure:
    """A smooth critical value."""
    grid = np.linspace(0.0, 9e-5, 31)
    critical = 2.706 - np.exp(-((grid / 3e-5) ** 2))
    return plot.critical_values(
        [
            ToyIntervalResult(
                **FROM,
                model="b-l",
                experiments=(CSI,),
                parameter="g",
                unit="",
                fixed={"mass": 10.0},
                best_fit=1e-5,
                toys=1000,
                seed=1,
                chunk=250,
                pulls="profiled",
                centres=True,
                method="feldman-cousins",
                cl=0.90,
                intervals=((0.0, 4.5e-5),),
                upper_limit=4.5e-5,
                outer_limit=4.5e-5,
                upper_range=(4.4e-5, 4.6e-5),
                grid=tuple(grid.tolist()),
                q=tuple((2.71 * (grid / 4.5e-5) ** 4).tolist()),
                critical=tuple(critical.tolist()),
                errors=tuple((c - 0.2, c + 0.2) for c in critical.tolist()),
            )
        ]
    )


def corner() -> Figure:
    """A coupling with a logarithmic prior, and a pull that it is correlated with."""
    pytest.importorskip("corner", reason="needs the extra cevns[bayes]")
    rng = np.random.default_rng(1)
    pull = rng.normal(0.0, 0.1, 4000)
    draws = {"g": 3e-5 * np.exp(0.4 * rng.normal(size=4000) - 2.0 * pull), "csi_cevns": pull}
    priors = {"g": LogUniform(1e-6, 1e-3), "csi_cevns": Normal(0.0, 0.12)}
    weights, credibility = np.full(4000, 1.0 / 4000), (0.68, 0.90)
    result = PosteriorResult(
        model="b-l",
        experiments=(CSI,),
        parameters=("g",),
        fixed={"mass": 10.0},
        pulls="sampled",
        sampler="nested",
        seed=1,
        converged=True,
        unconverged="",
        evaluations=1,
        acceptance=1.0,
        log_evidence=None,
        log_evidence_error=None,
        credibility=credibility,
        marginals=tuple(
            marginal(
                name,
                "",
                priors[name],
                values,
                weights,
                credibility,
                effective_size=4000.0,
                r_hat=None,
                autocorrelation_time=None,
            )
            for name, values in draws.items()
        ),
        ndata=1,
        version="1",
        weights=weights,
        samples=draws,
    )
    return plot.corner(result, ["g", "csi_cevns"])


def forecast() -> Figure:
    """Two masses, against the mass of the target."""
    one = ForecastResult(
        **FROM,
        model="b-l",
        experiments=("coh-cryo-csi-1",),
        parameter="g",
        mass_MeV=1.0,
        cl=0.90,
        dof=2,
        delta_chi2=4.61,
        upper_limit=2e-5,
        outer_limit=2e-5,
        crossings=(2e-5,),
        best_fit=0.0,
    )
    kilograms = (10.0, 30.0, 100.0, 300.0)
    return plot.forecast(
        [
            replace(one, mass_MeV=mass, upper_limit=g * kg**-0.25, varied={"target.mass": f"{kg:g} kg"})
            for mass, g in ((1.0, 2e-5), (100.0, 8e-5))
            for kg in kilograms
        ]
    )


def reproduced() -> Figure:
    """Every kind of panel."""
    return plot.reproduced(FIGURE)


FIGURES: Final[Mapping[str, Callable[[], Figure]]] = MappingProxyType(
    {
        draw.__name__: draw
        for draw in (
            corner,
            critical_values,
            exclusion,
            forecast,
            profiles,
            projections,
            projections_without_times,
            recoil_spectra,
            regions,
            reproduced,
        )
    }
)
