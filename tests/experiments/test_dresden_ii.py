"""Dresden-II against the files of its release, by quadrature, and against the exact fit of its background."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from iminuit import Minuit
from scipy.special import ndtr

import cevns
from cevns import Experiment
from cevns.io.releases import import_release

DAYS = 96.4
ON_OFF, PHOTONEUTRON = "dresden-ii/on-off", "dresden-ii/photoneutron"
START = (13.93, 141.8, 0.2550, 1474.0, 1.2923, 0.06946)
"""Flat, amplitude, decay length, area, energy and width: where the background of dresden-ii is expanded."""
Array = np.ndarray


@pytest.fixture(scope="module", params=["dresden-ii", PHOTONEUTRON])
def on(request: pytest.FixtureRequest) -> Experiment:
    return cevns.experiment(request.param)


def background(edges: Array, parameters: Array, ratio: float = 0.16) -> Array:
    """Counts per day: flat + exponential + L1, L2 (0.008 of L1) and M."""
    flat, amplitude, decay, area, energy, width = parameters
    exponential = -amplitude * decay / 0.01 * np.diff(np.exp(-edges / decay))
    peaks = ((1.0, energy, width), (0.008, 1.142, width), (ratio, 0.158, 0.0685))
    total = flat * np.diff(edges) / 0.01 + exponential
    return total + area * sum(part * np.diff(ndtr((edges - at) / wide)) for part, at, wide in peaks)


def test_counts_are_the_released_rates(shared: Path) -> None:
    energy, rate, error, off, off_error = np.loadtxt(shared / "data/dresden2_2022/data_release.txt").T
    one, difference = cevns.experiment("dresden-ii"), cevns.experiment(ON_OFF)
    assert (one.energy_edges[1:] + one.energy_edges[:-1]) / 2.0 == pytest.approx(energy, abs=1e-9)
    assert one.observed[:, 0] == pytest.approx(DAYS * rate, rel=1e-9)
    assert one.errors[:, 0] == pytest.approx(DAYS * error, rel=1e-9)
    assert difference.observed[:, 0] == pytest.approx(DAYS * (rate - off), rel=1e-8, abs=1e-6)
    assert difference.errors[:, 0] == pytest.approx(DAYS * np.sqrt(error**2 + off_error**2), rel=1e-9)


def test_other_bins_hold_the_same_counts(shared: Path, tmp_path: Path) -> None:
    """Merged from the release: counts and backgrounds add, errors in quadrature, and the fit is as good."""
    edges = np.round(np.arange(0.2, 1.51, 0.02), 2)
    made = import_release("dresden-ii", shared / "data/dresden2_2022", tmp_path, energy_edges=edges.tolist())
    coarse, fine = cevns.experiment(made), cevns.experiment("dresden-ii")
    assert coarse.observed[:, 0] == pytest.approx(fine.observed.reshape(-1, 2).sum(axis=1), rel=1e-9)
    assert coarse.errors[:, 0] ** 2 == pytest.approx((fine.errors**2).reshape(-1, 2).sum(axis=1), rel=1e-8)
    for name, counts in fine.backgrounds.items():
        assert coarse.backgrounds[name][:, 0] == pytest.approx(counts.reshape(-1, 2).sum(axis=1), rel=1e-6, abs=1e-6)
    assert float(cevns.Likelihood("sm", coarse)()) < 65.0 + 3.0 * np.sqrt(130.0)


def test_quenching_factors_are_those_released(shared: Path) -> None:
    table = np.loadtxt(shared / "data/dresden2_2022/QF_Fef_YBe.txt")
    for name, column in (("dresden-ii", 1), (PHOTONEUTRON, 2)):
        quenching = cevns.experiment(name).rates.response.quenching
        expected = table[1:, column] * table[1:, 0]
        assert quenching(1e-3 * table[1:, 0]) == pytest.approx(expected, rel=1e-9)


def test_rates_are_per_10_ev_and_day_in_the_detector(shared: Path) -> None:
    """The efficiencies that the statistical errors imply, R/(error^2 t), are below one and rise towards a plateau."""
    _, rate, error, off, off_error = np.loadtxt(shared / "data/dresden2_2022/data_release.txt").T
    for efficiency in (rate / (error**2 * DAYS), off / (off_error**2 * 25.0)):
        assert 0.003 < efficiency.min() < 0.01
        assert 0.4 < efficiency.max() < 0.5
        assert np.argmin(efficiency) == 0


def test_background_columns_are_the_formula(on: Experiment) -> None:
    """And the relative changes are its derivatives."""
    edges = on.energy_edges
    total = sum(counts[:, 0] for counts in on.backgrounds.values()) / DAYS
    assert total == pytest.approx(background(edges, np.array(START)), rel=1e-8)
    steps = {"epithermal_decay": (2, 0.2550, "epithermal"), "l1_energy": (4, 1e-3, "electron_capture")}
    steps["l1_width"] = (5, 0.01 * 0.06946, "electron_capture")
    for shape, (index, unit, component) in steps.items():
        up, down = np.array(START), np.array(START)
        up[index] += 1e-3 * unit
        down[index] -= 1e-3 * unit
        expected = (background(edges, up) - background(edges, down)) / 2e-3
        found = (on.shapes[shape] * on.backgrounds[component])[:, 0] / DAYS
        assert found == pytest.approx(expected, abs=1e-5 * np.abs(expected).max()), shape
    m_shell = (on.shapes["m_shell"] * on.backgrounds["electron_capture"])[:, 0] / DAYS
    expected = background(edges, np.array(START), 0.17) - background(edges, np.array(START))
    assert m_shell * 0.01 / 0.16 == pytest.approx(expected, abs=1e-6)


def exact_chi2(on: Experiment) -> Callable[[Array], float]:
    """chi^2 of a signal (bin) by MINUIT over all parameters of the background, M to L1, and the flux."""
    edges, counts, errors = on.energy_edges, on.observed[:, 0], on.errors[:, 0]

    def smallest(signal: Array) -> float:
        def chi2(pulls: Array) -> float:
            shape = np.array(START) * (1.0 + pulls[:6] / 100.0)
            expected = DAYS * background(edges, shape, 0.16 + 0.03 * pulls[6]) + signal * (1.0 + 0.03 * pulls[7])
            return float(np.sum(((counts - expected) / errors) ** 2) + pulls[6] ** 2 + pulls[7] ** 2)

        minuit = Minuit(chi2, np.zeros(8))
        minuit.errordef, minuit.tol = Minuit.LEAST_SQUARES, 1e-3
        minuit.migrad()
        assert minuit.valid
        return float(minuit.fval)

    return smallest


@pytest.mark.parametrize(
    ("model", "name", "fixed", "largest", "accuracy"),
    [
        ("magnetic-moment", "mu_nue", {}, 5e-10, 0.1),
        ("universal", "g", {"mass": 1.0}, 7e-6, 0.1),
        ("millicharge", "q_nue", {}, 1.7e-11, 0.6),
    ],
)
def test_first_order_is_enough(
    on: Experiment, model: str, name: str, fixed: dict[str, float], largest: float, accuracy: float
) -> None:
    """The free shapes of the background, expanded, against the exact fit: Delta chi^2 up to 10, as documented."""
    likelihood = cevns.Likelihood(model, on)
    values = np.linspace(0.0, largest, 13)
    (signals,) = likelihood.signals(**{name: values}, **fixed)
    exact_fit = exact_chi2(on)
    exact = np.array([exact_fit(signal) for signal in signals])
    expanded = likelihood(**{name: values}, **fixed)
    assert expanded[0] == pytest.approx(exact[0], abs=0.12)
    rise = exact - exact.min()
    assert rise.max() > 3.0
    within = rise < 10.0
    assert (expanded - expanded.min())[within] == pytest.approx(rise[within], abs=accuracy)


def test_cevns_by_quadrature() -> None:
    """The last bin of the signal region, from cross section, quenching table and resolution, by two integrals."""
    on = cevns.experiment("dresden-ii", {"detector.electron_recoils": "rejected"})
    low, high = 0.29, 0.30
    energies = np.linspace(1e-3, 2.0, 4000)
    rate = on.recoil_spectrum("sm", energies).sum(axis=(0, 1))
    ionisation = on.rates.response.quenching(1e-3 * energies)
    sigma = np.sqrt(0.0685**2 + 0.0180444**2 * ionisation)
    seen = (ndtr((high - ionisation) / sigma) - ndtr((low - ionisation) / sigma)) * (ionisation >= 0.00296)
    expected = np.trapezoid(rate * seen, energies)
    index = int(np.argmin(np.abs(on.energy_edges - low)))
    assert on.predict("sm").cevns[index, 0] == pytest.approx(expected, rel=1e-3)


def test_recoils_per_day_by_hand() -> None:
    """Per kg and day above 0.2 keV of recoil: flux times cross section, in the limit of point-like nuclei.

    dsigma/dT = G_F^2 M/(4 pi) Q_w^2 (1 - M T/(2 E^2)) with Q_w = N - (1 - 4 s^2) Z, integrated over T analytically.
    """
    on = cevns.experiment("dresden-ii", {"target.mass": "1 kg"})
    source, threshold = on.rates.source, 2e-4
    energies = np.linspace(2.0, 8.0, 20001)
    spectrum = source.fluence[0] * source.spectrum(energies)[0] / DAYS
    expected = 0.0
    for nucleons, abundance in {70: 0.2052, 72: 0.2745, 73: 0.0776, 74: 0.3652, 76: 0.0775}.items():
        mass = nucleons * 931.4
        weak = (nucleons - 32.0) - (1.0 - 4.0 * 0.23857) * 32.0
        strength = 1.1663788e-11**2 * mass / (4.0 * np.pi) * weak**2 * 1.97327e-11**2
        top = np.maximum(2.0 * energies**2 / (mass + 2.0 * energies), threshold)
        inside = (top - threshold) - mass * (top**2 - threshold**2) / (4.0 * energies**2)
        expected += abundance * 6.02214e26 / 72.63 * strength * np.trapezoid(spectrum * inside, energies)
    recoils = np.geomspace(0.2, 2.5, 8000)
    found = np.trapezoid(on.recoil_spectrum("sm", recoils)[: len(on.nuclei)].sum(axis=(0, 1)), recoils) / DAYS
    # Form factor and radiative corrections: a few percent.
    assert found == pytest.approx(expected, rel=0.04)


def test_the_data_want_the_standard_model() -> None:
    """Published: a preference for the signal, of the size expected with the iron filter."""
    on, off = cevns.experiment("dresden-ii"), cevns.experiment(ON_OFF)
    with_signal = float(cevns.Likelihood("sm", on)())
    nothing = exact_chi2(on)(np.zeros(130))
    assert nothing - with_signal > 6.0
    assert with_signal < 130.0
    assert float(cevns.Likelihood("sm", off)()) < 130.0


def test_millicharges_are_those_published_but_for_the_background() -> None:
    """De Romeri et al. quote [-9.3, 9.5]e-12 e at 90 %: ours is wider by what `docs/experiments.md` says."""
    (found,) = cevns.intervals("millicharge", cevns.experiment("dresden-ii"), "q_nue")
    ((low, high),) = found.intervals
    assert (low / -9.3e-12, high / 9.5e-12) == pytest.approx((1.39, 1.38), abs=0.02)
