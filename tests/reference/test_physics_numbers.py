"""Numbers from the literature that the whole chain has to give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cevns
from cevns import Experiment
from cevns.detector.response import composite_gauss_legendre
from cevns.interactions import Model, StandardModel, model, tree_couplings
from cevns.kinematics import maximum_recoil
from cevns.nuclear import Nucleus, isotope, nucleus
from cevns.sources.pion_decay_at_rest import ENDPOINT, PROMPT_ENERGY
from tests.probe import one_neutrino_per_cm2, rates_of

PUBLISHED_SETTINGS = model("sm", couplings="radiative-without-zz-boxes")


def flux_averaged_cross_section(target: Nucleus) -> float:
    """Mean over the three components of pion decay at rest, tree level [1e-40 cm^2]."""
    mass = target.isotope.mass
    limits = maximum_recoil(np.array([PROMPT_ENERGY, ENDPOINT]), mass)
    recoil, weights = composite_gauss_legendre(np.array([0.0, *limits]), 40)
    spectrum = rates_of(one_neutrino_per_cm2(), target).recoil_spectrum(
        Model("sm", (StandardModel("tree"),)), recoil, {}
    )
    return float((spectrum @ weights).mean() * 1e40)


@pytest.mark.parametrize(
    ("name", "radii", "expected", "tolerance"),
    [
        ("133Cs", (4.821, 5.01), 191.0, 1e-3),
        ("127I", (4.766, 4.94), 173.4, 1e-3),
        ("40Ar", (3.448, 3.448), 18.15, 1e-3),
        ("74Ge", (None, None), 61.6, 1e-2),
        ("23Na", (None, None), 5.60, 1e-2),
    ],
)
def test_flux_averaged_cross_section(
    name: str, radii: tuple[float | None, float | None], expected: float, tolerance: float
) -> None:
    """Helm form factor; neutron radii of the older COHERENT re-analyses (the newer ones give 1.1 to 1.3 % less).

    Where no radii come with the number, charge radii are taken, and 1 % is what that leaves open.
    """
    proton, neutron = radii
    target = nucleus(isotope(name), proton_radius=proton, neutron_radius=neutron)
    assert flux_averaged_cross_section(target) == pytest.approx(expected, rel=tolerance)


def test_csi_2021_expects_316_events(csi: Experiment) -> None:
    """JHEP 05 (2022) 109, with its neutron radii and weak couplings."""
    assert csi.predict(PUBLISHED_SETTINGS).cevns.sum() == pytest.approx(316.0, rel=0.02, abs=0.0)


def test_csi_2021_is_within_the_uncertainty_of_the_collaboration(csi: Experiment) -> None:
    """Phys. Rev. Lett. 129 (2022) 081801: 333 +- 11 (theory) +- 42 (experiment), with a smaller neutron radius."""
    assert csi.predict(PUBLISHED_SETTINGS).cevns.sum() == pytest.approx(333.0, abs=43.0)


def test_csi_2017_expects_168_events() -> None:
    """Papoulias and Kosmas, Phys. Rev. D 97 (2018) 033003: counting, tree level with sin^2 theta_W = 0.2312."""
    counting = cevns.experiment("coherent-csi-2017-counting")
    assert counting.predict(StandardModel(tree_couplings(0.2312))).cevns.sum() == pytest.approx(
        168.0, rel=0.005, abs=0.0
    )


def test_argon_2020_expects_133_events(lar: Experiment) -> None:
    """JHEP 05 (2022) 109; the release has 128 +- 17."""
    assert lar.predict(PUBLISHED_SETTINGS).cevns.sum() == pytest.approx(133.0, rel=0.03, abs=0.0)


def test_argon_energy_spectrum_is_the_released_one(lar: Experiment, shared: Path) -> None:
    """Counts in the first four bins, which hold all but 0.1 of 128 events; the release has its own form factor."""
    energy, _, _, counts = np.loadtxt(shared / "data/coherent_lar_2020/cevnspdf.txt", unpack=True)
    centres = np.unique(energy)
    np.testing.assert_allclose(centres, 0.5 * (lar.energy_edges[1:] + lar.energy_edges[:-1]))
    released = np.array([counts[energy == centre].sum() for centre in centres])
    assert released.sum() == pytest.approx(128.0, abs=0.01)
    ours = lar.predict(PUBLISHED_SETTINGS).cevns.sum(axis=-1)
    np.testing.assert_allclose(ours[:4], released[:4], rtol=0.08)
    assert ours[4:].sum() < 0.5


def test_argon_arrival_times_are_the_released_ones(lar: Experiment, shared: Path) -> None:
    """Counts per time bin, as close as the energy spectrum."""
    _, _, time, counts = np.loadtxt(shared / "data/coherent_lar_2020/cevnspdf.txt", unpack=True)
    centres = np.unique(time)
    np.testing.assert_allclose(centres, 0.5 * (lar.time_edges[1:] + lar.time_edges[:-1]), atol=1e-9)
    released = np.array([counts[time == centre].sum() for centre in centres])
    np.testing.assert_allclose(lar.predict(PUBLISHED_SETTINGS).cevns.sum(axis=0), released, rtol=0.08)
