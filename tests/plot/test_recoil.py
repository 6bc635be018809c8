from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import cevns
from cevns import Experiment
from cevns.errors import InputError
from cevns.plot import recoil_spectra
from cevns.plot.recoil import highest_recoil
from tests.plot.drawn import assert_presentable, legend_of

MODELS = {
    "B-L": ("b-l", {"g": 1e-4, "mass": 10.0}),
    "universal": ("universal", {"g": 1e-4, "mass": 10.0}),
    "scalar": ("scalar", {"g": 1e-5, "mass": 1.0}),
}


@pytest.mark.parametrize("name", ["csi", "lar"])
def test_lines_are_the_spectra_and_their_ratio(name: str, request: pytest.FixtureRequest) -> None:
    experiment: Experiment = request.getfixturevalue(name)
    figure = recoil_spectra(experiment, MODELS)
    upper, lower = figure.axes
    assert_presentable(figure)
    assert upper.get_ylabel() == "d$R$/d$T$ [events / keV]"
    assert lower.get_xlabel() == r"recoil energy $T$ [keV$_\mathrm{nr}$]"
    assert lower.get_ylabel() == "ratio to SM"
    assert (upper.get_xscale(), upper.get_yscale()) == ("log", "log")
    assert legend_of(upper) == ["SM", *MODELS]
    energy = upper.lines[0].get_xdata()
    standard = experiment.recoil_spectrum("sm", energy).sum(axis=(0, 1))
    for spectrum, ratio, (model, values) in zip(upper.lines, lower.lines, (("sm", {}), *MODELS.values()), strict=True):
        expected = experiment.recoil_spectrum(model, energy, **values).sum(axis=(0, 1))
        np.testing.assert_allclose(spectrum.get_ydata(), expected)
        np.testing.assert_allclose(ratio.get_ydata(), expected / standard)


def test_axis_ends_just_below_the_end_point_of_the_lightest_nucleus(csi: Experiment) -> None:
    """2 E^2/(M + 2 E) with E = m_mu/2 and M = 118.18 GeV of 127I."""
    energy = recoil_spectra(csi, {}).axes[0].lines[0].get_xdata()
    end_point = 1e3 * 2.0 * 52.83**2 / (118.18e3 + 2.0 * 52.83)
    assert energy[0] == pytest.approx(0.1)
    assert 0.97 * end_point < energy[-1] < end_point
    assert np.all(csi.recoil_spectrum("sm", np.array([1.001 * end_point])) == 0.0)


def test_standard_model_alone(lar: Experiment) -> None:
    figure = recoil_spectra(lar, {}, lowest_recoil=1.0)
    assert_presentable(figure)
    (axes,) = figure.axes
    assert legend_of(axes) == ["SM"]


@pytest.mark.parametrize(("g", "scale"), [(1e-5, "linear"), (1e-4, "log")])
def test_ratios_over_more_than_a_decade_are_logarithmic(csi: Experiment, g: float, scale: str) -> None:
    """At T = 1 keV, q^2 = 2 M T = 240 MeV^2: g^2 of 1e-10 changes the charge by 0.1, and 1e-8 by ten times itself."""
    figure = recoil_spectra(csi, {"B-L": ("b-l", {"g": g, "mass": 1.0})}, lowest_recoil=1.0)
    assert_presentable(figure)
    assert figure.axes[1].get_yscale() == scale


@pytest.mark.parametrize("lowest", [0.0, -1.0, 1e3, float("nan")])
def test_start_of_the_axis_outside_the_spectrum_is_refused(csi: Experiment, lowest: float) -> None:
    with pytest.raises(InputError, match="lowest_recoil"):
        recoil_spectra(csi, {}, lowest_recoil=lowest)


def test_several_values_of_a_parameter_are_refused(csi: Experiment) -> None:
    with pytest.raises(InputError, match="one number for each"):
        recoil_spectra(csi, {"B-L": ("b-l", {"g": [1e-4, 1e-5], "mass": 1.0})})


def test_more_models_than_colours_are_drawn(lar: Experiment) -> None:
    many = {f"{mass} MeV": ("b-l", {"g": 1e-5, "mass": float(mass)}) for mass in range(1, 9)}
    assert len(recoil_spectra(lar, many).axes[0].lines) == 9


def test_electron_recoils_alone_end_where_electrons_do() -> None:
    """2 E^2/(m_e + 2 E) of the most energetic solar neutrinos, of hep."""
    experiment = cevns.experiment("lz-er")
    energy = max(experiment.rates.source.energy_breakpoints)
    assert highest_recoil(experiment) == pytest.approx(2e3 * energy**2 / (0.51099895 + 2 * energy))
    figure = recoil_spectra(experiment, {})
    assert figure.axes[-1].get_xlabel() == "recoil energy $T$ [keV]"


def test_labels_of_an_axis_of_a_decade_do_not_overlap() -> None:
    figure = recoil_spectra(cevns.experiment("conus-like"), {})
    (axes,) = figure.axes
    figure.draw_without_rendering()
    labels = [label for label in axes.get_xticklabels(which="both") if label.get_text()]
    boxes = sorted((label.get_window_extent() for label in labels), key=lambda box: box.x0)
    assert len(boxes) > 2
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
