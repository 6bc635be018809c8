"""Tabulated sources: moments against quadrature, jumps, lines, and oscillation on the way."""

import pickle

import numpy as np
import pytest
from scipy.integrate import quad

from cevns.errors import InputError
from cevns.sources import NeutrinoFlavour, TabulatedSource, UniformTimes, oscillating_moments

FLAVOURS = (NeutrinoFlavour("nubar_e", "e", antineutrino=True), NeutrinoFlavour("nu_mu", "mu", antineutrino=False))
ENERGY = np.array([0.01, 0.3, 0.31, 2.0, 2.0, 5.0, 8.0])
FLUX = np.array([[0.0, 4.0, 1.0, 3.0, 2.0, 0.5, 0.0], [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]])
SOURCE = TabulatedSource(FLAVOURS, ENERGY, FLUX, {1: {0.8613: 6.0, 9.0: 2.0}}, (1e3, 0.0))


def test_fluence_counts_continuum_and_lines() -> None:
    first = 0.5 * (0.29 * 4.0 + 0.01 * 5.0 + 1.69 * 4.0 + 3.0 * 2.5 + 3.0 * 0.5)
    assert SOURCE.fluence == pytest.approx([first, 7.99 + 8.0])
    assert SOURCE.lines == {1: {0.8613: pytest.approx(6.0 / 15.99), 9.0: pytest.approx(2.0 / 15.99)}}


@pytest.mark.parametrize("lowest", [1e-4, 0.01, 0.02, 0.3, 0.305, 1.7, 2.0, 4.999, 7.99])
@pytest.mark.parametrize("component", [0, 1])
def test_moments_are_the_integrals_of_the_spectrum(lowest: float, component: int) -> None:
    found = SOURCE.moments(np.array([lowest]))[:, component, 0]
    for k in range(3):
        expected, _ = quad(
            lambda energy, k=k: SOURCE.spectrum(np.array([energy]))[component, 0] * energy**-k,
            max(lowest, ENERGY[0]),
            ENERGY[-1],
            points=[e for e in np.unique(ENERGY) if e > lowest],
            epsrel=1e-13,
            limit=200,
        )
        expected += sum(
            share * (lowest <= energy) * energy**-k for energy, share in SOURCE.lines.get(component, {}).items()
        )
        assert found[k] == pytest.approx(expected, rel=1e-10, abs=0.0)


def test_beyond_the_last_energy_only_a_line_is_left() -> None:
    moments = SOURCE.moments(np.array([8.5, 9.5]))
    np.testing.assert_array_equal(moments[:, 0], 0.0)
    assert moments[:, 1, 0] == pytest.approx(SOURCE.lines[1][9.0] * 9.0 ** -np.arange(3))
    np.testing.assert_array_equal(moments[:, 1, 1], 0.0)


def test_points_have_their_own_lowest_energies() -> None:
    lowest = np.array([0.1, 0.5, 3.0])
    together = SOURCE.moments(lowest[:, None, None] * np.array([1.0, 1.1]))
    assert together.shape == (3, 3, 2, 2)
    for point, value in enumerate(lowest):
        np.testing.assert_array_equal(together[:, point], SOURCE.moments(value * np.array([1.0, 1.1])))


def test_breakpoints_are_all_knots_or_those_chosen_with_lines_and_the_end() -> None:
    assert SOURCE.energy_breakpoints == (0.01, 0.3, 0.31, 0.8613, 2.0, 5.0, 8.0, 9.0)
    few = TabulatedSource(FLAVOURS, ENERGY, FLUX, {1: {0.8613: 6.0}}, energy_breakpoints=(2.0,))
    assert few.energy_breakpoints == (0.8613, 2.0, 8.0)


def test_fast_oscillation_halves_moments() -> None:
    lowest = np.array([0.02, 0.5, 3.0])
    np.testing.assert_allclose(
        oscillating_moments(SOURCE, lowest, np.array(1e6)), SOURCE.moments(lowest) / 2.0, rtol=1e-9
    )


def test_goes_to_other_processes_after_use() -> None:
    lowest = np.array([0.02, 0.5])
    expected = SOURCE.moments(lowest)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(SOURCE)).moments(lowest), expected)


@pytest.mark.parametrize(
    ("energy", "flux", "field"),
    [
        (ENERGY[::-1], FLUX, "source.energy"),
        (ENERGY - 0.01, FLUX, "source.energy"),
        (ENERGY, FLUX[:1], "source.flux"),
        (ENERGY, -FLUX, "source.flux"),
        (ENERGY, FLUX * np.nan, "source.flux"),
    ],
)
def test_bad_tables_are_refused(energy: np.ndarray, flux: np.ndarray, field: str) -> None:
    with pytest.raises(InputError, match=field):
        TabulatedSource(FLAVOURS, energy, flux)


def test_a_steady_source_shines_evenly() -> None:
    fractions = UniformTimes(2, 10.0).fractions(np.array([0.0, 2.5, 10.0]))
    np.testing.assert_allclose(fractions, [[0.25, 0.75]] * 2)
