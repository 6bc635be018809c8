"""What data sets say together; the numbers of docs/global-fits.md are printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import cevns
from cevns import RegionResult
from cevns.constants import FERMI_CONSTANT
from cevns.inference.toys.curves import lowest
from cevns.interactions import LightVector, Model, StandardModel
from cevns.plot.frame import draw_pieces
from cevns.plot.style import LINES, house_style, new_figure
from cevns.publications.comparisons import EPSILONS, RADII, fitted, radius_and_nsi
from cevns.typing import FloatArray

CSI, LAR, REACTORS = "coherent-csi-2021", "coherent-lar-2020", ("dresden-ii", "conus-plus")
PLANES: Mapping[str, Sequence[str]] = {
    "CsI": (CSI,),
    "CsI, Ar": (CSI, LAR),
    "reactors": REACTORS,
    "CsI, Ar, reactors": (CSI, LAR, *REACTORS),
}
WINDOW = (-1.0, 1.0)
LMA_DARK = {"u": (-1.192, -0.802), "d": (-1.232, -1.111)}
"""eps_ee - eps_mumu of the LMA-Dark solution, two standard deviations (Esteban et al., JHEP 08 (2018) 180, Table 1)."""
DIFFERENCES, MUONS = np.linspace(-1.4, 0.8, 221), np.linspace(-0.7, 1.7, 481)
MASSES, COUPLINGS = np.geomspace(1.0, 1e3, 25), 20.0 * np.sinh(np.linspace(-7.0, 7.0, 561)) / np.sinh(7.0)


def plane(whole: cevns.Likelihood, x: str, y: str, ranges: dict[str, tuple[float, float]]) -> RegionResult:
    """Region of two parameters at 90 %."""
    return cevns.region(whole.model, whole.experiments, x, y, ranges=ranges, shared=whole.shared)


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
    """Rise of chi^2 above the Standard Model for a vector of each mass, smallest where the LMA-Dark solution is.

    Its couplings have the values of eps forward, which is what matter in the Sun feels whatever the mass.
    """
    muons = COUPLINGS[None, :]
    electrons = np.linspace(*LMA_DARK[quark], 7)[:, None] + muons
    muons = np.broadcast_to(muons, electrons.shape)
    quarks = (1.0, 0.0) if quark == "u" else (0.0, 1.0)
    unit = np.sqrt(np.sqrt(2.0) * FERMI_CONSTANT) * MASSES[:, None]
    lowest_chi2 = np.full(len(MASSES), np.inf)
    for signs in product((-1.0, 1.0), repeat=2):
        here = (np.sign(electrons) == signs[0]) & (np.sign(muons) == signs[1])
        if not here.any():
            continue
        vectors = [
            LightVector({family: -sign}, quarks, label=family, electron=0.0)
            for family, sign in zip(("e", "mu"), signs, strict=True)
        ]
        couplings = {
            f"g_{family}": unit * np.sqrt(np.abs(eps[here])) for family, eps in (("e", electrons), ("mu", muons))
        }
        whole = fitted(Model("two vectors", (StandardModel(), *vectors)), names)
        chi2 = whole(**couplings, mass_e=MASSES[:, None], mass_mu=MASSES[:, None])
        lowest_chi2 = np.minimum(lowest_chi2, chi2.min(axis=1))
    return lowest_chi2 - fitted("sm", names)()


def draw_radius(axes: Axes, coupling: str, label: str) -> None:
    """Regions of the radius and a coupling; the Standard Model is a line of radii that nobody knows."""
    ranges = {"R_n": RADII, coupling: EPSILONS}
    for (step, whole), (colour, dashes) in zip(radius_and_nsi().items(), LINES, strict=False):
        found = plane(whole, "R_n", coupling, ranges)
        draw_pieces(axes, found.pieces, colour, dashes, step)
        print(f"{coupling:9s}  {step:24s}  area {found.area:.3f} fm  {spans(found)}")
    axes.axhline(0.0, color="grey", lw=0.6)
    axes.set(xlabel=r"$R_n$ of Cs and I [fm]", ylabel=label, xlim=(4.0, RADII[1]), ylim=(-0.4, 0.7))


def draw_plane(axes: Axes) -> None:
    """Couplings of electron neutrinos to u and d."""
    names = ("eps_ee_uV", "eps_ee_dV")
    for (label, experiments), (colour, dashes) in zip(PLANES.items(), LINES, strict=False):
        found = plane(fitted("nsi", experiments), *names, dict.fromkeys(names, WINDOW))
        draw_pieces(axes, found.pieces, colour, dashes, label)
        print(f"u-d plane  {label:24s}  area {found.area:.3f}")
    axes.set(xlabel=r"$\epsilon_{ee}^{uV}$", ylabel=r"$\epsilon_{ee}^{dV}$", xlim=WINDOW, ylim=WINDOW)


def draw_dark(heavy_axes: Axes, light_axes: Axes) -> None:
    """The difference of the couplings that LMA-Dark needs: contact interactions, then mediators."""
    for quark, (colour, _) in zip(LMA_DARK, LINES, strict=False):
        heavy_axes.axvspan(*LMA_DARK[quark], color=colour, alpha=0.2, lw=0)
        for experiments, dashes in (("CsI, Ar", "--"), ("CsI, Ar, reactors", "-")):
            label = f"{quark}: {experiments}"
            rise, of_mass = heavy(PLANES[experiments], quark), light(PLANES[experiments], quark)
            heavy_axes.plot(DIFFERENCES, rise, color=colour, ls=dashes, label=label)
            light_axes.plot(MASSES, of_mass, color=colour, ls=dashes)
            smallest, excluded = in_range(quark, rise), MASSES[np.flatnonzero(of_mass < 4.0)[-1] + 1]
            print(f"LMA-Dark  {label:20s}  {smallest:.1f}, {np.sqrt(smallest):.1f} sigma; from {excluded:.0f} MeV on")
    heavy_axes.set(xlabel=r"$\epsilon_{ee}^{qV} - \epsilon_{\mu\mu}^{qV}$", ylabel=r"$\Delta\chi^2$", ylim=(0, 90))
    light_axes.axhline(4.0, color="grey", lw=0.6)
    light_axes.set(xlabel="mass of the mediator [MeV]", ylabel=r"$\chi^2 - \chi^2_{\rm SM}$ of LMA-Dark", xscale="log")


def spans(found: RegionResult) -> str:
    """Where the pieces are."""
    return "; ".join(f"{x[0]:.2f} to {x[1]:.2f} fm, {y[0]:.3f} to {y[1]:.3f}" for x, y in found.extents())


def radius() -> Figure:
    """The radius of CsI against couplings of u, then of d."""
    with house_style():
        figure = new_figure(3.4, columns=2)
        left, right = figure.subplots(1, 2)
        draw_radius(left, "eps_ee_uV", r"$\epsilon_{ee}^{uV}$")
        draw_radius(right, "eps_ee_dV", r"$\epsilon_{ee}^{dV}$")
        left.legend(fontsize=7)
    return figure


def couplings() -> Figure:
    """Couplings of electron neutrinos to quarks, and LMA-Dark."""
    with house_style():
        figure = new_figure(3.2, columns=3)
        first, second, third = figure.subplots(1, 3)
        draw_plane(first)
        draw_dark(second, third)
        first.legend(fontsize=7)
        second.legend(fontsize=7)
    return figure
