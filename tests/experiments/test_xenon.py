"""Electron recoils of solar neutrinos in xenon: XENONnT and LZ."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2 as chi2_distribution

import cevns
from cevns.experiments import Experiment
from cevns.experiments.tables import read_columns
from cevns.nuclear import Electrons

XENONNT = "xenonnt-er-2022"
RUNS = {"lz-er": ("WS2022", 60.0), "lz-er-2024": ("WS2024", 220.0)}
NAMES = (XENONNT, *RUNS)


@pytest.fixture(params=NAMES)
def xenon(request: pytest.FixtureRequest) -> Experiment:
    return cevns.experiment(request.param)


def columns(name: str) -> dict[str, np.ndarray]:
    return read_columns(cevns.experiments.experiment_directory(name) / "bins.csv")


def fixed(name: str) -> Experiment:
    """Without pulls."""
    return cevns.experiment(name, {"nuisances": []})


def in_bins(experiment: Experiment, edges: np.ndarray) -> np.ndarray:
    """Standard Model events in other bins of the reconstructed energy."""
    response = replace(experiment.rates.response, edges=edges)
    rates = replace(experiment.rates, response=response)
    return rates.form(cevns.model("sm"), {}).counts({}).sum(axis=(0, 1))


def test_exposures() -> None:
    """1.16 t yr, and 5.5 t for 60 and 220 days."""
    target, source = (getattr(cevns.experiment(XENONNT).config, block) for block in ("target", "source"))
    days = source.live_time / 86400e6
    assert target.mass * days / 365.25 == pytest.approx(1160.0, rel=3e-3)
    for name, (_, live) in RUNS.items():
        config = cevns.experiment(name).config
        assert (config.target.mass, config.source.live_time / 86400e6) == (5500.0, pytest.approx(live))


def test_nuclear_recoils_are_not_counted(xenon: Experiment) -> None:
    prediction = xenon.predict("sm")
    assert not prediction.cevns.any()
    assert prediction.electron_scattering.min() > 0.0
    assert xenon.parts == ("electron_scattering",)
    assert xenon.flavours == ("nu_e", "nu_mu", "nu_tau")


def test_shells_of_xenon_are_stripped_one_after_the_other(xenon: Experiment) -> None:
    """All but K and L electrons at 2 keV, all but K at 20 keV, all above 34.6 keV."""
    electrons = xenon.rates.electrons
    assert electrons is not None
    numbers = electrons.number(np.array([2e-3, 20e-3, 40e-3]))
    assert numbers / numbers[-1] == pytest.approx([44 / 54, 52 / 54, 1.0])


def test_events_of_xenonnt_are_those_that_xenon_quotes() -> None:
    """300 +- 30 from 1 to 140 keV; at 30 keV and above the efficiency is constant."""
    experiment = cevns.experiment(XENONNT)
    low, high = in_bins(experiment, np.array([1.0, 30.0, 140.0]))
    assert low == pytest.approx(80.0, abs=0.1)
    assert low + high == pytest.approx(313.3, abs=0.2)
    assert abs(low + high - 300.0) < 30.0


def test_rate_by_hand() -> None:
    """pp neutrinos off 52 free electrons at 20 keV, where all but K electrons count, beside a rate done by hand.

    dR/dT = N_e G_F^2 m_e/(2 pi) int dE phi(E) sum_l P_l [(gV+gA)^2 + (gV-gA)^2 (1-T/E)^2 - (gV^2-gA^2) m_e T/E^2].
    """
    experiment = cevns.experiment(XENONNT, {"source.fluxes": dict.fromkeys(OTHERS, 0.0)})
    recoil, electron, fermi, hbar_c = 20e-3, 0.51099895, 1.1663788e-11, 1.973269804e-11
    energy = np.linspace(0.5 * (recoil + np.sqrt(recoil**2 + 2 * electron * recoil)), 0.4235, 20001)
    # Fluxes of 5.98e10 with the allowed shape: E^2 p_e E_e F, here from the source itself, normalised by it.
    source = experiment.rates.source
    flux = source.spectrum(energy) * source.fluence[:, None]
    angle = 0.23857
    couplings = [(0.5 + 2 * angle, 0.5), (-0.5 + 2 * angle, -0.5), (-0.5 + 2 * angle, -0.5)]
    rate = 0.0
    for (vector, axial), of_flavour in zip(couplings, flux, strict=True):
        matrix = (vector + axial) ** 2 + (vector - axial) ** 2 * (1 - recoil / energy) ** 2
        matrix -= (vector**2 - axial**2) * electron * recoil / energy**2
        rate += np.trapezoid(of_flavour * matrix, energy)
    atoms = 4370.0 / 131.293e-3 * 6.02214076e23
    per_mev = 52 * atoms * fermi**2 * electron / (2 * np.pi) * hbar_c**2 * rate
    found = experiment.recoil_spectrum("sm", np.array([20.0])).sum()
    # Radiative corrections to the couplings are a few per mille of the rate.
    assert found == pytest.approx(per_mev * 1e-3, rel=0.01)
    assert source.fluence.sum() == pytest.approx(5.98e10 * 97.1 * 86400, rel=1e-3)


OTHERS = ("pep", "hep", "7Be", "8B", "13N", "15O", "17F")


@pytest.mark.parametrize("name", NAMES)
def test_background_is_the_fit_less_the_prediction(name: str) -> None:
    """The neutrinos of the table are those of the package, so that the Standard Model gives what was fitted."""
    table, experiment = columns(name), cevns.experiment(name)
    predicted = experiment.predict("sm").electron_scattering[:, 0]
    np.testing.assert_allclose(table["solar_neutrinos"], predicted, rtol=0.0, atol=6e-4)
    np.testing.assert_allclose(table["background"], table["fitted"] - table["solar_neutrinos"], rtol=1e-9)
    np.testing.assert_allclose(experiment.predict("sm").total[:, 0], table["fitted"], rtol=0.0, atol=6e-4)


@pytest.mark.parametrize(("name", "rise"), [(XENONNT, 11.5), ("lz-er", 3.9), ("lz-er-2024", 11.6)])
def test_the_fit_contains_the_neutrinos(name: str, rise: float) -> None:
    """On top of the whole fit they make every data set worse, by three sigma or two."""
    once = fixed(name)
    twice = replace(once, backgrounds={"background": columns(name)["fitted"][:, None]})
    single, double = (cevns.Likelihood("sm", each)() for each in (once, twice))
    assert double - single == pytest.approx(rise, abs=0.1)
    # The fit describes the data.
    assert 0.005 < chi2_distribution.sf(single, once.observed.size) < 0.995


def test_lz_neutrinos_beside_those_that_lz_quotes() -> None:
    """LZ: 27.1 +- 1.6 in a window that ends at about 15 keVee, with bound electrons that scatter 23 to 25 % less."""
    (ours,) = in_bins(cevns.experiment("lz-er"), np.array([1.0, 15.0]))
    assert ours == pytest.approx(33.9, abs=0.1)
    assert 0.75 * ours < 27.1 < 0.85 * ours


def raw(shared: Path, file: str, delimiter: str | None = None) -> np.ndarray:
    return np.loadtxt(shared / "data" / file, delimiter=delimiter)


def test_xenonnt_bins_hold_the_released_events(shared: Path) -> None:
    """Counted one at a time; B0 summed over its ten steps in each bin."""
    experiment, table = cevns.experiment(XENONNT), columns(XENONNT)
    events = raw(shared, "xenonnt_er_2022/data_unbinned_1to30kev.txt").tolist()
    counted = [sum(low <= energy < high for energy in events) for low, high in pairwise(experiment.energy_edges)]
    assert sum(counted) == len(events) == 433
    assert experiment.observed[:, 0].tolist() == counted
    centres, rate = raw(shared, "xenonnt_er_2022/bkg_model.txt").T
    fitted = [1.16 * 0.1 * rate[(centres > low) & (centres < low + 1)].sum() for low in table["energy_low"]]
    np.testing.assert_allclose(table["fitted"], fitted, rtol=1e-6)


@pytest.mark.parametrize("name", RUNS)
def test_lz_bins_hold_the_copied_histograms(name: str, shared: Path) -> None:
    """By the energy of each row, which in one file is read off a figure to 0.04 keV."""
    table, run = columns(name), RUNS[name][0]
    for column, file, delimiter in (
        ("observed", f"{run}_data_hist_data.txt", None),
        ("fitted", f"BKG_FIT_{run}.csv", ","),
    ):
        rows = {int(energy): value for energy, value in raw(shared, f"lz_er/{file}", delimiter)}
        assert len(rows) == 20
        np.testing.assert_allclose(table[column], [rows[low] for low in table["energy_low"].astype(int)], rtol=1e-9)
    assert table["energy_low"].tolist() == list(range(1, 16))


def test_lz_histogram_does_not_fall_with_the_efficiency(shared: Path) -> None:
    """Why the window ends at 16 keVee: three points of efficiency out of four are lost above, and no events."""
    for run, _ in RUNS.values():
        energy, efficiency = raw(shared, f"lz_er/{run}_1DROI_eff_data.txt").T
        fitted = raw(shared, f"lz_er/BKG_FIT_{run}.csv", ",")[:, 1]
        plateau, end = (efficiency[np.isclose(energy, at)][0] for at in (14.5, 19.5))
        assert end < 0.65 * plateau
        assert fitted[19] > 0.99 * fitted[14]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("model", "value"), [("magnetic-moment", {"mu_nue": 1e-11}), ("millicharge", {"q_numu": 1e-12})]
)
def test_photon_exchange_grows_towards_low_energies(name: str, model: str, value: dict[str, float]) -> None:
    """1/T and 1/T^2 beside a Standard Model that is flat, for the same electrons and the same efficiency."""
    experiment = cevns.experiment(name)
    excess = experiment.predict(model, **value).total / experiment.predict("sm").electron_scattering
    standard = experiment.predict("sm").total / experiment.predict("sm").electron_scattering
    relative = (excess - standard)[:, 0]
    assert np.all(np.diff(relative) < 0.0)
    assert relative[-1] > 0.0


# Regression: 90 % limits with the recipe of the package.
MOMENTS = {XENONNT: 7.46e-12, "lz-er": 1.489e-11, "lz-er-2024": 1.230e-11}


@pytest.mark.parametrize("name", NAMES)
def test_universal_moment(name: str) -> None:
    """The collaborations: 6.4e-12 (XENONnT), 1.36e-11 (LZ, WS2022), with likelihoods of their own."""
    (found,) = cevns.intervals("universal-magnetic-moment", [cevns.experiment(name)], "mu_nu", cl=0.90)
    assert found.intervals[-1][1] == pytest.approx(MOMENTS[name], rel=1e-3)


def test_moments_by_flavour_follow_the_composition_at_earth() -> None:
    """The moment of all flavours is that of each with its share of the neutrinos, so 1/mu^2 add up."""
    experiment = cevns.experiment(XENONNT)
    limit = {
        name: cevns.intervals(model, [experiment], name, cl=0.90)[0].intervals[-1][1]
        for model, name in (
            ("magnetic-moment", "mu_nue"),
            ("magnetic-moment", "mu_numu"),
            ("magnetic-moment", "mu_nutau"),
            ("universal-magnetic-moment", "mu_nu"),
        )
    }
    parts = sum(limit[name] ** -2 for name in ("mu_nue", "mu_numu", "mu_nutau"))
    assert parts == pytest.approx(limit["mu_nu"] ** -2, rel=0.01)


def test_free_electrons_scatter_more() -> None:
    experiment = cevns.experiment(XENONNT)
    electrons = experiment.rates.electrons
    assert electrons is not None
    free = replace(experiment.rates, electrons=Electrons((0.0,), (sum(electrons.numbers),)))
    events = replace(experiment, rates=free).predict("sm").electron_scattering.sum()
    assert events == pytest.approx(84.8, abs=0.1)
