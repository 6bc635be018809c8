"""Reactors: yields, inverse beta decay per fission, flux, bands, and the shipped tables against the released ones."""

import pickle
import runpy
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad

from cevns.errors import InputError
from cevns.sources import Reactor, UncertainSource, reactor
from cevns.typing import FloatArray

ROOT = Path(__file__).resolve().parents[2]
DAY = 8.64e10
PLANT = Reactor(2960.0, 1039.0, DAY, {"U235": 0.56, "U238": 0.08, "Pu239": 0.30, "Pu241": 0.06})
FINE = np.linspace(0.005, 8.0, 16_000)


def fuel(isotope: str) -> Reactor:
    """One fission of an isotope per cm^2, without captures."""
    power = 1.602176634e-13 * reactor.FISSION_ENERGY[isotope] * 4.0 * np.pi
    return Reactor(power, 1.0, 1.0, {isotope: 1.0}, neutron_capture=0.0)


def integral(function: Callable[[FloatArray], FloatArray], low: float, high: float) -> float:
    """Trapezoids of 0.5 keV."""
    energy = FINE[np.abs(2.0 * FINE - low - high) <= high - low + 1e-9]
    return float(np.trapezoid(function(energy), energy))


def inverse_beta_decay(energy: FloatArray) -> FloatArray:
    """Cross section [cm^2]: equation 25 of A. Strumia and F. Vissani, Phys. Lett. B 564 (2003) 42."""
    positron = np.maximum(energy - 1.293, 0.511)
    log = np.log(energy)
    power = -0.07056 + 0.02018 * log - 0.001953 * log**3
    return np.asarray(1e-43 * np.sqrt(positron**2 - 0.511**2) * positron * energy**power)


def per_fission_detected(isotope: str) -> float:
    """Inverse-beta-decay cross section per fission [cm^2]."""
    source = fuel(isotope)
    return float(source.fluence[0]) * integral(
        lambda energy: source.spectrum(energy)[0] * inverse_beta_decay(energy), 1.8, 8.0
    )


@pytest.mark.parametrize(
    ("isotope", "published"), [("U235", 6.69e-43), ("U238", 10.10e-43), ("Pu239", 4.40e-43), ("Pu241", 6.03e-43)]
)
def test_inverse_beta_decay_per_fission(isotope: str, published: float) -> None:
    """Huber-Mueller as in C. Giunti, Phys. Lett. B 764 (2017) 145; we leave out 0.4 to 1 % above 8 MeV."""
    assert per_fission_detected(isotope) == pytest.approx(published, rel=0.02)


def test_inverse_beta_decay_of_a_power_reactor_is_above_what_was_measured() -> None:
    """Daya Bay, Phys. Rev. Lett. 116 (2016) 061801: 5.92(14)e-43 cm^2 per fission, 0.946(22) of Huber-Mueller."""
    fractions = {"U235": 0.561, "U238": 0.076, "Pu239": 0.307, "Pu241": 0.056}
    expected = sum(share * per_fission_detected(isotope) for isotope, share in fractions.items())
    assert 0.946 * expected == pytest.approx(5.92e-43, rel=0.023)


def test_flux_next_to_a_power_plant() -> None:
    """2.96 GW / 204.7 MeV = 9.03e19 fissions per second; 4 pi (10.39 m)^2 = 1.3566e7 cm^2; 6.83 antineutrinos each."""
    per_second = PLANT.fluence[0] / 86400.0
    energy = 0.56 * 202.36 + 0.08 * 205.99 + 0.30 * 211.12 + 0.06 * 214.26
    assert per_second == pytest.approx(2.96e9 / (energy * 1.602176634e-13) / 1.35656e7 * 6.83, rel=1e-3)
    assert per_second == pytest.approx(4.8e13, rel=0.07)  # quoted for Dresden-II
    assert PLANT.path == (1039.0, 0.0)


@pytest.mark.parametrize("below", reactor.BELOW)
def test_a_flux_sets_the_number_of_all_antineutrinos(below: str) -> None:
    given = replace(PLANT, flux=4.8e13, below=below)
    assert given.fluence == pytest.approx([4.8e13 * 86400.0], rel=1e-12)
    energy = np.linspace(0.02, 8.0, 50)
    np.testing.assert_allclose(given.spectrum(energy), replace(PLANT, below=below).spectrum(energy), rtol=1e-12)


def test_each_capture_makes_two_antineutrinos_below_1_3_mev() -> None:
    fuel_alone = replace(PLANT, neutron_capture=0.0)
    fissions = fuel_alone.fluence[0] / sum(
        share * fuel(isotope).fluence[0] for isotope, share in PLANT.fission_fractions.items()
    )
    assert PLANT.fluence[0] - fuel_alone.fluence[0] == pytest.approx(1.2 * fissions, rel=1e-5)
    assert replace(PLANT, neutron_capture=0.6).fluence == PLANT.fluence
    above = np.linspace(1.3, 8.0, 50)
    np.testing.assert_allclose(
        PLANT.spectrum(above) * PLANT.fluence, fuel_alone.spectrum(above) * fuel_alone.fluence, rtol=1e-12
    )


def test_fissions_and_captures_make_the_spectrum_of_kopeikin() -> None:
    """Where captures are a fifth of all, two antineutrinos for each of 0.6 per fission are needed."""
    other = replace(PLANT, below="kopeikin")
    energy = np.array([0.7, 0.9, 1.0, 1.5, 1.7])
    ratio = PLANT.spectrum(energy) * PLANT.fluence / (other.spectrum(energy) * other.fluence)
    np.testing.assert_allclose(ratio, 1.0, atol=0.06)


@pytest.mark.parametrize("below", reactor.BELOW)
@pytest.mark.parametrize("lowest", [1e-3, 0.0107, 0.31, 1.99, 2.0, 5.678, 7.99])
def test_moments_are_the_integrals_of_the_spectrum(below: str, lowest: float) -> None:
    source = replace(PLANT, below=below)
    knots = np.unique(source.table.energy)
    pieces = np.concatenate([[max(lowest, knots[0])], knots[knots > lowest]])
    for power, found in enumerate(source.moments(np.array([lowest]))[:, 0, 0]):
        # The upper end of a piece belongs to the next one where the spectrum jumps.
        expected = sum(
            quad(lambda e, power=power: source.spectrum(np.array([e]))[0, 0] * e**-power, low, high - 1e-13)[0]
            for low, high in pairwise(pieces)
        )
        assert found == pytest.approx(expected, rel=1e-10, abs=0.0)


def test_the_band_above_2_mev_is_that_of_the_publications() -> None:
    """At 4 MeV: 2.14 (U235), 8.15 (U238), 3.43 (Pu239), 2.57 % (Pu241) of 0.29357, 0.451, 0.195292, 0.281813."""
    assert isinstance(PLANT, UncertainSource)
    high, low = np.array([4.0]), np.array([1.9])
    up = PLANT.varied("spectrum", 1.0)
    ratio = up.spectrum(high) * up.fluence / (PLANT.spectrum(high) * PLANT.fluence)
    parts = np.array([0.56 * 0.29357, 0.08 * 0.451, 0.30 * 0.195292, 0.06 * 0.281813])
    assert ratio == pytest.approx(1.0 + parts @ [0.02142, 0.0815, 0.03428, 0.02569] / parts.sum(), abs=1e-5)
    assert up.spectrum(low) * up.fluence == pytest.approx(PLANT.spectrum(low) * PLANT.fluence, rel=1e-12)


@pytest.mark.parametrize("source", [PLANT, replace(PLANT, below="kopeikin", flux=4.8e13)])
def test_the_band_below_2_mev_is_5_percent(source: Reactor) -> None:
    energy = np.array([0.02, 0.3, 1.2, 1.99, 2.01, 5.0])
    down = source.varied("low_energy", -2.0)
    ratio = down.spectrum(energy) * down.fluence / (source.spectrum(energy) * source.fluence)
    assert ratio[0] == pytest.approx([0.9, 0.9, 0.9, 0.9, 1.0, 1.0], rel=1e-12)


def test_integrals_over_recoils_are_split_at_published_energies() -> None:
    assert set(np.arange(2.0, 8.1, 0.25)) | {0.25, 1.0, 1.5} < set(PLANT.energy_breakpoints)
    assert len(PLANT.energy_breakpoints) < 100


def test_reactors_go_to_other_processes() -> None:
    PLANT.moments(np.array([0.1]))
    copy = pickle.loads(pickle.dumps(PLANT))
    assert copy == PLANT
    np.testing.assert_array_equal(copy.moments(np.array([0.1, 3.0])), PLANT.moments(np.array([0.1, 3.0])))


def test_fractions_with_three_digits_are_scaled_to_one() -> None:
    rounded = {isotope: 1.001 * share for isotope, share in PLANT.fission_fractions.items()}
    assert replace(PLANT, fission_fractions=rounded).fluence == pytest.approx(PLANT.fluence, rel=1e-12)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fission_fractions": {"U235": 0.9}}, r"source.fission_fractions: got 'a sum of 0.9'; allowed: .* sum to 1"),
        ({"fission_fractions": {"U235": 0.5, "Pu240": 0.5}}, "got 'Pu240'; allowed: one of: U235, U238, Pu239, Pu241"),
        ({"fission_fractions": {"U235": 1.1, "U238": -0.1}}, "source.fission_fractions.U235: got 1.1; .* from 0 to 1"),
        ({"fission_fractions": {"U238": -0.1, "U235": 1.1}}, "source.fission_fractions.U238: got -0.1"),
        ({"fission_fractions": {"U235": np.nan}}, "source.fission_fractions.U235: got nan"),
        ({"thermal_power": 0.0}, "source.thermal_power: got 0.0; allowed: a positive number"),
        ({"distance": -1.0}, "source.distance: got -1.0"),
        ({"live_time": np.inf}, "source.live_time: got inf"),
        ({"flux": -1.0}, "source.flux: got -1.0"),
        ({"above": "daya-bay"}, "source.above: got 'daya-bay'; allowed: one of: huber-mueller"),
        ({"below": "estienne"}, "source.below: got 'estienne'; allowed: one of: vogel-engel, kopeikin"),
        ({"neutron_capture": -0.6}, "source.neutron_capture: got -0.6; allowed: .* not negative"),
        ({"below": "kopeikin", "neutron_capture": 0.6}, "source.neutron_capture: got 0.6; allowed: .* part of"),
    ],
)
def test_bad_input_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        replace(PLANT, **changes)


def test_only_known_uncertainties_vary() -> None:
    with pytest.raises(InputError, match=r"source.uncertainty: got 'power'; allowed: one of: spectrum, low_energy"):
        PLANT.varied("power", 1.0)


@pytest.fixture(scope="module")
def raw(request: pytest.FixtureRequest) -> Path:
    """The released spectra."""
    directory = request.getfixturevalue("shared") / "data" / "reactor"
    assert isinstance(directory, Path)
    return directory


def test_shipped_tables_are_made_from_the_released_ones(raw: Path) -> None:
    script = runpy.run_path(str(ROOT / "tools" / "make_reactor_spectra.py"))
    for name, make in script["TABLES"].items():
        shipped = Path(reactor.__file__).with_name("reactor_spectra") / f"{name}.csv"
        assert shipped.read_text(encoding="utf-8") == make(raw)


@pytest.mark.parametrize("isotope", list(reactor.FISSION_ENERGY))
def test_spectra_are_the_released_ones(raw: Path, isotope: str) -> None:
    """Yield and mean energy to five digits; above 2 MeV also at each of 121 energies and half-way between."""
    source = fuel(isotope)
    low, low_flux = np.loadtxt(raw / f"spectraMeV{isotope}.txt").T
    # At 2 MeV the file is on the spectrum above; the table of the publication ends with other numbers.
    low_flux[low == 2.0] = {"U235": 1.26, "U238": 1.50, "Pu239": 1.08, "Pu241": 1.32}[isotope]
    grid = np.loadtxt(raw / "dayabay_hm" / f"reactor_antineutrino_spectra_hm_{isotope}.tsv", skiprows=1)
    high, high_flux = grid[(grid[:, 0] > 1.999) & (grid[:, 0] < 8.001)].T

    def released(energy: FloatArray) -> FloatArray:
        below = np.interp(energy, low, low_flux, left=0.0)
        return np.where(energy < 2.0, below, np.exp(np.interp(energy, high, np.log(high_flux))))

    def ours(energy: FloatArray) -> FloatArray:
        return np.asarray(source.spectrum(energy)[0] * source.fluence[0])

    np.testing.assert_allclose(ours(high[1:]), high_flux[1:], rtol=2e-6)
    half_way = (high[1:] + high[:-1]) / 2.0
    np.testing.assert_allclose(ours(half_way), released(half_way), rtol=1e-4)
    for weight in (np.ones_like, np.asarray):
        expected, found = (integral(lambda e, f=f, w=weight: f(e) * w(e), 0.005, 8.0) for f in (released, ours))
        assert found == pytest.approx(expected, rel=1e-5)


def test_spectrum_of_captures_is_the_digitised_one(raw: Path) -> None:
    energy, density = np.loadtxt(raw / "spectraMeVU238Ncapture.txt").T
    captures, none = (replace(PLANT, neutron_capture=number) for number in (1.0, 0.0))
    order = np.argsort(energy, kind="stable")
    shape = captures.spectrum(energy)[0] * captures.fluence[0] - none.spectrum(energy)[0] * none.fluence[0]
    shape *= 2.0 / (captures.fluence[0] - none.fluence[0])
    area = np.trapezoid(density[order], energy[order])
    np.testing.assert_allclose(shape, 2.0 * density / area, atol=0.011 * 2.0 * density.max() / area)


def test_kopeikin_is_the_released_total(raw: Path) -> None:
    energy, density, _ = np.loadtxt(raw / "kopeikin_spectrum.txt").T
    low = energy < 2.0
    source = replace(PLANT, below="kopeikin")
    found = source.spectrum(energy[low])[0]
    np.testing.assert_allclose(found / found[-1], density[low] / density[low][-1], rtol=1e-12)
    changed = replace(source, fission_fractions={"U235": 1.0}, flux=1e13).spectrum(energy[low])[0]
    np.testing.assert_allclose(changed / changed[-1], found / found[-1], rtol=1e-12)
