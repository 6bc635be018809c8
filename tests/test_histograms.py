"""Counts as histograms of the package hist."""

from __future__ import annotations

import numpy as np
import pytest

import cevns
from cevns import InputError
from cevns.histograms import histogram


def test_axes_values_and_variances() -> None:
    counts = np.arange(6.0).reshape(2, 3)
    made = histogram(counts, {"energy": (np.array([0.0, 1.0, 2.0, 4.0]), "PE")}, variances=counts + 1, components="ab")
    assert made.axes.name == ("component", "energy")
    assert made.axes["energy"].label == "energy [PE]"
    assert list(made.axes["component"]) == ["a", "b"]
    np.testing.assert_array_equal(made.axes["energy"].edges, [0, 1, 2, 4])
    np.testing.assert_array_equal(made.values(flow=True), counts)
    np.testing.assert_array_equal(made.variances(), counts + 1)
    np.testing.assert_array_equal(made["b", :].values(), [3, 4, 5])


def test_several_points_are_refused(csi: cevns.Experiment) -> None:
    with pytest.raises(InputError, match=r"counts: got 'an array of shape .*one parameter point"):
        csi.predict("b-l", g=[0.0, 1e-5], mass=10.0).hist()
    with pytest.raises(InputError, match="one parameter point"):
        csi.recoil_hist("b-l", np.array([1.0, 2.0]), g=[0.0, 1e-5], mass=10.0)


@pytest.mark.parametrize("electron_scattering", [False, True])
def test_a_prediction_has_all_components_and_their_sum(electron_scattering: bool) -> None:
    csi = cevns.experiment("coherent-csi-2021", electron_scattering=electron_scattering)
    prediction = csi.predict("b-l", g=5e-5, mass=10.0)
    made = prediction.hist()
    for name, counts in prediction.components.items():
        np.testing.assert_array_equal(made[name, :, :].values(), counts)
    assert list(made.axes["component"]) == list(prediction.components)
    np.testing.assert_allclose(made.project("energy", "time").values(), prediction.total, rtol=1e-13)
    assert not made.variances().any()
    assert [made.axes[name].label for name in ("energy", "time")] == ["energy [PE]", "time [us]"]


def test_observed_counts_have_poisson_variances(lar: cevns.Experiment) -> None:
    made = lar.observed_hist()
    np.testing.assert_array_equal(made.values(), lar.observed)
    np.testing.assert_array_equal(made.variances(), lar.observed)
    assert made.axes["energy"].label == "energy [keVee]"
    np.testing.assert_array_equal(made.axes["time"].edges, lar.time_edges)


def test_recoils_in_a_bin_are_the_integral_of_the_spectrum(csi: cevns.Experiment) -> None:
    made = csi.recoil_hist("sm", np.array([2.0, 3.0, 7.0]))
    assert made.axes.name == ("component", "recoil")
    for (low, high), found in zip(((2.0, 3.0), (3.0, 7.0)), made["nu_mu/127I", :].values(), strict=True):
        energy = np.linspace(low, high, 4001)
        rate = csi.recoil_spectrum("sm", energy)[csi.nuclei.index("127I"), csi.flavours.index("nu_mu")]
        assert found == pytest.approx(np.trapezoid(rate, energy), rel=1e-6)


def test_recoils_of_all_energies_are_independent_of_the_bins(csi: cevns.Experiment) -> None:
    """Also where a spectrum ends within a bin."""
    coarse, fine = (csi.recoil_hist("sm", np.linspace(0.0, 60.0, n + 1)).sum().value for n in (30, 3000))
    assert coarse == pytest.approx(fine, rel=1e-5)


@pytest.mark.parametrize("edges", [[1.0], [2.0, 1.0], [-1.0, 1.0], [1.0, np.inf], [[1.0, 2.0]]])
def test_wrong_edges(edges: list[float], csi: cevns.Experiment) -> None:
    with pytest.raises(InputError, match=r"edges: got .*increasing recoil energies"):
        csi.recoil_hist("sm", np.array(edges))
