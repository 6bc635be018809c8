from __future__ import annotations

from typing import Literal

import mpmath as mp
import numpy as np
import pytest

from cevns.constants import MUON_MASS
from cevns.errors import InputError
from cevns.interactions.muon_moment import MUON_MOMENT_BANDS, muon_moment, muon_moment_couplings

Kind = Literal["vector", "scalar"]
KINDS: tuple[Kind, ...] = ("vector", "scalar")
MASSES = [1e-3, 0.1, 1.0, 10.0, 50.0, MUON_MASS, 500.0, 1e4, 1e5]


def exact_moment(mass: float, kind: Kind) -> float:
    """One-loop integral for unit coupling; peaks of width M/m_mu at x = 0 and (m_mu/M)^2 at x = 1 get points there."""
    with mp.workdps(30):
        ratio2 = (mp.mpf(mass) / mp.mpf(MUON_MASS)) ** 2
        numerator = {"vector": lambda x: 2 * x**2 * (1 - x), "scalar": lambda x: x**2 * (2 - x)}[kind]
        near_zero = [mp.sqrt(ratio2) * scale for scale in (0.1, 1, 10)]
        near_one = [1 - scale / ratio2 for scale in (0.1, 1, 10, 100)]
        points = [0, *sorted(p for p in (*near_zero, *near_one, mp.mpf("0.5")) if 0 < p < 1), 1]
        loop = mp.quad(lambda x: numerator(x) / (x**2 + (1 - x) * ratio2), points)
        return float(loop / (8 * mp.pi**2))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mass", MASSES)
def test_loop_equals_arbitrary_precision_quadrature(mass: float, kind: Kind) -> None:
    assert float(muon_moment(1.0, mass, kind)) == pytest.approx(exact_moment(mass, kind), rel=1e-9, abs=0.0)


def test_light_vector_gives_the_schwinger_term() -> None:
    """M -> 0: g^2/(8 pi^2), which is alpha/(2 pi) for g = e; 3 g^2/(16 pi^2) for a scalar."""
    assert float(muon_moment(0.3, 1e-6, "vector")) == pytest.approx(0.09 / (8 * np.pi**2), rel=1e-6, abs=0.0)
    assert float(muon_moment(0.3, 1e-6, "scalar")) == pytest.approx(3 * 0.09 / (16 * np.pi**2), rel=1e-6, abs=0.0)


def test_heavy_mediators_decouple() -> None:
    """M -> inf: g^2 m^2/(12 pi^2 M^2) for a vector, g^2 m^2/(8 pi^2 M^2) (ln(M^2/m^2) - 7/6) for a scalar."""
    mass = 1e5
    ratio2 = (MUON_MASS / mass) ** 2
    assert float(muon_moment(1.0, mass, "vector")) == pytest.approx(ratio2 / (12 * np.pi**2), rel=1e-4, abs=0.0)
    scalar = ratio2 / (8 * np.pi**2) * (-np.log(ratio2) - 7.0 / 6.0)
    assert float(muon_moment(1.0, mass, "scalar")) == pytest.approx(scalar, rel=1e-4, abs=0.0)


@pytest.mark.parametrize("kind", KINDS)
def test_arrays_broadcast_and_the_coupling_enters_squared(kind: Kind) -> None:
    g, mass = np.array([[1e-4], [2e-4]]), np.array([1.0, 10.0, 100.0])
    grid = muon_moment(g, mass, kind)
    assert grid.shape == (2, 3)
    np.testing.assert_allclose(grid[1], 4.0 * grid[0], rtol=1e-14)
    assert np.all(np.diff(grid, axis=1) < 0)


def test_bands_of_2021_and_2025() -> None:
    bands = {name: (band.value, band.error) for name, band in MUON_MOMENT_BANDS.items()}
    assert bands == {"2021": (251e-11, 59e-11), "2025": (38e-11, 63e-11)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("band", "sigmas"), [("2021", 1.0), ("2021", 2.0), ("2025", 2.0)])
def test_couplings_put_the_moment_on_the_ends_of_the_band(kind: Kind, band: str, sigmas: float) -> None:
    mass = np.array([0.1, 10.0, 1e3])
    low, high = muon_moment_couplings(mass, band, kind, sigmas=sigmas)
    chosen = MUON_MOMENT_BANDS[band]
    np.testing.assert_allclose(muon_moment(high, mass, kind), chosen.value + sigmas * chosen.error, rtol=1e-13)
    lowest = max(chosen.value - sigmas * chosen.error, 0.0)
    np.testing.assert_allclose(muon_moment(low, mass, kind), lowest, rtol=1e-13, atol=0.0)


def test_only_the_older_band_asks_for_a_mediator() -> None:
    mass = np.array([10.0])
    assert muon_moment_couplings(mass, "2021", "vector")[0] == pytest.approx(4e-4, rel=0.5, abs=0.0)
    assert muon_moment_couplings(mass, "2025", "vector")[0] == 0.0


def test_refuses_unknown_names() -> None:
    with pytest.raises(InputError, match="kind: got 'tensor'; allowed: one of: vector, scalar"):
        muon_moment(1.0, 1.0, "tensor")
    with pytest.raises(InputError, match="band: got '2006'; allowed: one of: 2021, 2025"):
        muon_moment_couplings(np.array([1.0]), "2006", "vector")
