"""Draw docs/figures/rn-nsi.png and nsi-global.png, and print the numbers of docs/global-fits.md.

Usage: python docs/figures/make_global_fits.py [DIRECTORY]
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import cevns
from cevns import RegionResult
from cevns.constants import FERMI_CONSTANT
from cevns.inference.curves import lowest
from cevns.interactions import LightVector, Model, NeutronRadius, NonStandardInteractions, StandardModel
from cevns.plot.frame import draw_pieces
from cevns.plot.style import LINES, house_style, save
from cevns.typing import FloatArray

SHARED = ("sns_flux", "reactor_spectrum")
CSI, LAR, REACTORS = "coherent-csi-2021", "coherent-lar-2020", ("dresden-ii", "conus-plus")
PION_FORECASTS, REACTOR_FORECASTS = ("ge-sns", "xe-ess"), ("conus-like", "nugen-like")
STEPS: Mapping[str, Sequence[str]] = {
    "CsI": (CSI,),
    "CsI, Ge, Xe": (CSI, *PION_FORECASTS),
    "CsI, reactors": (CSI, *REACTORS),
    "CsI, Ge, Xe, reactors": (CSI, *PION_FORECASTS, *REACTORS),
    "and reactor forecasts": (CSI, *PION_FORECASTS, *REACTORS, *REACTOR_FORECASTS),
}
PLANES: Mapping[str, Sequence[str]] = {
    "CsI": (CSI,),
    "CsI, Ar": (CSI, LAR),
    "reactors": REACTORS,
    "CsI, Ar, reactors": (CSI, LAR, *REACTORS),
}
RADIUS_ERROR = 0.05
"""Relative, of Ge and Xe at pion sources: one pull for each moves protons and neutrons."""
RADII, EPSILONS = (3.0, 9.0), (-0.6, 0.9)
LMA_DARK = {"u": (-1.192, -0.802), "d": (-1.232, -1.111)}
"""eps_ee - eps_mumu of the LMA-Dark solution, two standard deviations (Esteban et al., JHEP 08 (2018) 180, Table 1)."""
DIFFERENCES, MUONS = np.linspace(-1.4, 0.8, 221), np.linspace(-0.7, 1.7, 481)
MASSES = np.geomspace(0.1, 1e4, 21)


def chosen(name: str) -> cevns.Experiment:
    """An experiment; nuclei of forecasts at pion sources have a radius with an error of their own."""
    one = cevns.experiment(name)
    if name not in PION_FORECASTS:
        return one
    nuisances = [pull.model_dump(exclude_none=True) for pull in one.config.nuisances]
    radius = {"name": f"{name}_radius", "varies": {"kind": "nuclear-radius"}, "sigma": RADIUS_ERROR}
    return cevns.experiment(name, {"nuisances": [*nuisances, radius]})


def fitted(model: str | Model, names: Sequence[str]) -> cevns.Likelihood:
    """The likelihood of some experiments with what they have in common."""
    experiments = [chosen(name) for name in names]
    common = {part for one in experiments for pull in one.config.nuisances for part in pull.parts}
    return cevns.Likelihood(model, experiments, shared=[name for name in SHARED if name in common])


def plane(model: str | Model, names: Sequence[str], x: str, y: str, ranges: dict[str, tuple[float, float]]) -> RegionResult:
    """Region of two parameters at 90 %."""
    whole = fitted(model, names)
    return cevns.region(whole.model, whole.experiments, x, y, ranges=ranges, shared=whole.shared)


def radius_and_nsi(coupling: str) -> dict[str, RegionResult]:
    """R_n of Cs and I, which no other nucleus has, against an NSI coupling, step by step."""
    model = Model("radius and nsi", (StandardModel(), NeutronRadius(), NonStandardInteractions()))
    ranges = {"R_n": RADII, coupling: EPSILONS}
    return {step: plane(model, names, "R_n", coupling, ranges) for step, names in STEPS.items()}


def heavy(names: Sequence[str], quark: str) -> FloatArray:
    """Rise of chi^2 at differences eps_ee - eps_mumu, the other combination profiled."""
    electron, muon = (f"eps_{family}{family}_{quark}V" for family in ("e", "mu"))
    chi2 = fitted("nsi", names)(**{electron: DIFFERENCES[:, None] + MUONS, muon: MUONS})
    _, profile = lowest(MUONS, chi2)
    return profile - profile.min()


def in_range(quark: str, rise: FloatArray) -> float:
    """Smallest rise of chi^2 where the LMA-Dark solution is."""
    low, high = LMA_DARK[quark]
    return float(np.interp(np.linspace(low, high, 201), DIFFERENCES, rise).min())


def light(names: Sequence[str], quark: str) -> FloatArray:
    """The same for a mediator of each mass: couplings that have these values forward, where the Sun is sensitive."""
    low, high = LMA_DARK[quark]
    differences = np.concatenate([np.linspace(low, high, 9), np.linspace(-0.6, 0.6, 25)])[:, None]
    muons = np.linspace(-3.0, 4.0, 701)
    electrons = differences + muons
    best = np.full((len(MASSES), *electrons.shape), np.inf)
    strength = np.sqrt(np.sqrt(2.0) * FERMI_CONSTANT)
    for sign_e in (-1.0, 1.0):
        for sign_mu in (-1.0, 1.0):
            row, column = np.nonzero((sign_e * electrons >= 0.0) & (sign_mu * (muons + 0.0 * electrons) >= 0.0))
            if not row.size:
                continue
            quarks = (1.0, 0.0) if quark == "u" else (0.0, 1.0)
            vectors = (
                LightVector({family: -sign}, quarks, label=family, electron=0.0)
                for family, sign in (("e", sign_e), ("mu", sign_mu))
            )
            whole = fitted(Model("two vectors", (StandardModel(), *vectors)), names)
            mass = MASSES[:, None]
            best[:, row, column] = whole(
                g_e=strength * mass * np.sqrt(np.abs(electrons[row, column])),
                g_mu=strength * mass * np.sqrt(np.abs(muons[column])),
                mass_e=mass,
                mass_mu=mass,
            )
    return best[:, :9].min(axis=(1, 2)) - best.min(axis=(1, 2))


if __name__ == "__main__":
    import time
    t = time.time()
    for c in ("eps_ee_uV", "eps_ee_dV"):
        for k, r in radius_and_nsi(c).items():
            print(c, k, r.area, r.extents(), r.best_fit, r.chi2_min, time.time() - t, flush=True)
    for k, n in PLANES.items():
        r = plane("nsi", n, "eps_ee_uV", "eps_ee_dV", {"eps_ee_uV": (-1.0, 1.0), "eps_ee_dV": (-1.0, 1.0)})
        print(k, r.area, len(r.pieces), r.extents(), time.time() - t, flush=True)
    for k in ("CsI, Ar", "CsI, Ar, reactors", "CsI"):
        for q in "ud":
            h = heavy(PLANES[k], q)
            print(k, q, in_range(q, h), np.sqrt(in_range(q, h)), DIFFERENCES[h.argmin()], time.time() - t, flush=True)
