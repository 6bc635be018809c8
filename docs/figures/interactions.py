"""What each family of interactions does in the CsI detector of 2021.

Strengths are at the end of their 90 % interval (one parameter, CsI 2021 and LAr 2020 together), unless a label says
otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from matplotlib.figure import Figure

import cevns
from cevns.io.symbols import typeset
from cevns.plot import recoil_spectra, reproduced
from cevns.plot.style import LINES, house_style, new_figure, number
from cevns.publications import FigureData
from cevns.publications.figures import Axis
from cevns.publications.panels import profiles

CL = 0.90


@cache
def data() -> tuple[cevns.Experiment, cevns.Experiment]:
    """CsI and argon."""
    return cevns.experiment("coherent-csi-2021"), cevns.experiment("coherent-lar-2020")


def bound(model: str, parameter: str, **fixed: float) -> float:
    """Upper end of the lowest interval that reaches above zero."""
    (found,) = cevns.intervals(model, data(), parameter, cl=CL, **fixed)
    return next(high for _, high in found.intervals if high > 0.0)


def at_bound(model: str, parameter: str, text: str = "", **fixed: float) -> tuple[str, tuple[str, dict[str, float]]]:
    """A curve at the bound: its label, the model and its parameters."""
    value = bound(model, parameter, **fixed)
    unit = cevns.model(model).parameter(parameter).unit
    label = f"{typeset(parameter)} = {number(float(f'{value:.2g}'))} {typeset(unit)}".rstrip()
    return f"{text}{label}", (model, {parameter: value, **fixed})


def recoils(*curves: tuple[str, tuple[str, Mapping[str, float]]], lowest_recoil: float = 1.0) -> Figure:
    """Recoil spectra before the detector, and their ratio to the Standard Model."""
    return recoil_spectra(data()[0], dict(curves), lowest_recoil=lowest_recoil)


def rises(*panels: tuple[Axis, str, tuple[str, ...]]) -> Figure:
    """Delta chi^2 of parameters of a model, on one axis for each panel."""
    drawn = [
        profiles(x, {name: (cevns.Likelihood(model, data()), name) for name in names}, cl=(0.6827, CL), title=model)
        for x, model, names in panels
    ]
    return reproduced(FigureData("", "", "", tuple(drawn)))


def standard_model_parameters() -> Figure:
    """The weak mixing angle and the neutron radius."""
    angle, radius = Axis("sin2_theta_w", span=(0.15, 0.35)), Axis("R_n", unit="fm", span=(4.0, 7.0))
    return rises((angle, "weak-mixing-angle", (angle.name,)), (radius, "neutron-radius", (radius.name,)))


def vector_mediators() -> Figure:
    """Light and heavy, constructive and destructive."""
    cases = (("b-l", "$B-L$", 1.0), ("b-l", "$B-L$", 1e3), ("universal", "universal", 10.0))
    return recoils(*(at_bound(name, "g", f"{text}, {number(mass)} MeV, ", mass=mass) for name, text, mass in cases))


def scalar_mediator() -> Figure:
    """Three masses."""
    return recoils(*(at_bound("scalar", "g", f"{number(mass)} MeV, ", mass=mass) for mass in (1.0, 30.0, 1e3)))


def nsi() -> Figure:
    """Couplings of u quarks: two that interfere, one that changes the flavour."""
    axis = Axis("eps", r"$\varepsilon$", span=(-0.25, 0.55))
    return rises((axis, "nsi", ("eps_ee_uV", "eps_mumu_uV", "eps_emu_uV")))


def generalised() -> Figure:
    """Scalar, vector and tensor."""
    return recoils(*(at_bound("ngi", name) for name in ("C_qS", "C_qV", "C_qT")))


def magnetic_moments() -> Figure:
    """Moments of nu_e and of nu_mu."""
    curves = (at_bound("magnetic-moment", name) for name in ("mu_nue", "mu_numu"))
    return recoils(*curves, lowest_recoil=0.05)


def charge_radii_and_millicharges() -> Figure:
    """Both interfere, but only radii have a second interval in reach."""
    radius = Axis("r2", r"$\langle r^2 \rangle$", "1e-32 cm^2", (-80.0, 30.0), 1e-32)
    charge = Axis("q", "$q$", "1e-8 e", (-20.0, 20.0), 1e-8)
    return rises((radius, "charge-radius", ("r2_nue", "r2_numu")), (charge, "millicharge", ("q_nue", "q_numu")))


def sterile() -> Figure:
    """Half of the largest mixing, for all flavours, at three splittings."""

    def curve(splitting: float) -> tuple[str, tuple[str, Mapping[str, float]]]:
        label = rf"$\sin^22\theta$ = 0.5, $\Delta m^2$ = {number(splitting)} eV$^2$"
        return label, ("universal-sterile", {"sin2_2theta": 0.5, "dm2": splitting})

    return recoils(*map(curve, (1.0, 2.4, 8.0)))


def dipole_portal() -> Figure:
    """Three masses of the heavy neutrino."""
    portal = "dipole-portal"
    return recoils(*(at_bound(portal, "mu_mu4", f"{number(m4)} MeV, ", m4=m4) for m4 in (1.0, 10.0, 30.0)))


def electron_scattering() -> Figure:
    """Counts of nuclei and electrons in photoelectrons."""
    csi = cevns.experiment("coherent-csi-2021", electron_scattering=True)
    standard = csi.predict("sm")
    moment, charge = 4e-9, 5e-10
    curves = {
        "nuclei, SM": standard.cevns,
        "electrons, SM": standard.electron_scattering,
        rf"electrons, {typeset('mu_nue')} = {number(moment)} {typeset('mu_B')}": csi.predict(
            "magnetic-moment", mu_nue=moment
        ).electron_scattering,
        rf"electrons, {typeset('q_nue')} = {number(charge)} $e$": csi.predict(
            "millicharge", q_nue=charge
        ).electron_scattering,
    }
    with house_style():
        figure = new_figure(2.9)
        axes = figure.subplots()
        widths = csi.energy_edges[1:] - csi.energy_edges[:-1]
        for (label, counts), (colour, dashes) in zip(curves.items(), LINES, strict=False):
            density = counts.sum(axis=1) / widths
            axes.stairs(density, csi.energy_edges, baseline=None, color=colour, linestyle=dashes, label=label, lw=1.2)
        axes.set(xlabel="reconstructed energy [PE]", ylabel="counts / PE", yscale="log")
        axes.set_xlim(csi.energy_edges[0], csi.energy_edges[-1])
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure


FIGURES: Mapping[str, Callable[[], Figure]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        standard_model_parameters,
        vector_mediators,
        scalar_mediator,
        nsi,
        generalised,
        magnetic_moments,
        charge_radii_and_millicharges,
        sterile,
        dipole_portal,
        electron_scattering,
    )
}
