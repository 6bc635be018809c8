from __future__ import annotations

import numpy as np
import pytest

from cevns.detector import LinearQuenching, QuenchingBetween, Sigmoid, TabulatedEfficiency, between
from cevns.errors import InputError

SIGNALS = np.array([1.0, 2.0])


@pytest.mark.parametrize(("position", "expected"), [(0.0, 2.0), (1.0, 2.6), (-1.0, 1.8), (0.5, 2.25)])
def test_between_models_the_energy_follows_a_parabola(position: float, expected: float) -> None:
    """2 + 0.4 p + 0.2 p^2 keVee of 10 keV, from factors 0.18, 0.20 and 0.26."""
    models = (LinearQuenching(factor) for factor in (0.20, 0.26, 0.18))
    assert QuenchingBetween(*models, position)(np.array([0.01]))[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("position", "midpoint"), [(0.0, 10.0), (1.0, 12.0), (-1.0, 9.0), (0.5, 10.875)])
def test_between_sigmoids_each_parameter_follows_a_parabola(position: float, midpoint: float) -> None:
    """10 + 1.5 p + 0.5 p^2."""
    nominal, up, down = (Sigmoid(1.0, 0.3, middle) for middle in (10.0, 12.0, 9.0))
    assert between(nominal, up, down, position) == Sigmoid(1.0, 0.3, pytest.approx(midpoint))


def test_between_tables_efficiencies_follow_a_parabola_and_stay_below_one() -> None:
    nominal, up, down = (TabulatedEfficiency(SIGNALS, np.array([0.5, last])) for last in (0.8, 0.9, 0.7))
    found = between(nominal, up, down, 3.0)
    assert isinstance(found, TabulatedEfficiency)
    np.testing.assert_allclose(found.efficiency, [0.5, 1.0])


@pytest.mark.parametrize(
    "up",
    [
        TabulatedEfficiency(SIGNALS, SIGNALS / 2.0),
        Sigmoid(1.0, 0.3, 10.0, steps=((5.0, 0.5),)),
    ],
)
def test_variants_are_of_one_kind(up: Sigmoid | TabulatedEfficiency) -> None:
    nominal = Sigmoid(1.0, 0.3, 10.0)
    with pytest.raises(InputError, match=r"^efficiency: got 'variants'"):
        between(nominal, up, nominal, 0.5)
