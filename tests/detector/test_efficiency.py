from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cevns.detector import ExponentialDecay, Sigmoid, TabulatedEfficiency
from cevns.errors import InputError

CSI = Sigmoid(scale=1.32045, slope=0.285979, midpoint=10.8646, offset=-0.333322)


def test_csi_efficiency_by_hand() -> None:
    """At the midpoint half the scale plus the offset; far above, the sum of both."""
    found = CSI(np.array([10.8646, 1e3]))
    np.testing.assert_allclose(found, [1.32045 / 2 - 0.333322, 1.32045 - 0.333322], rtol=1e-14)


def test_csi_efficiency_starts_at_7_photoelectrons() -> None:
    (zero,) = CSI.breakpoints
    assert zero == pytest.approx(7.0682, abs=1e-4)
    below, above = CSI(np.array([zero - 1e-6, zero + 1e-6]))
    assert below == 0.0
    assert 0.0 < above < 1e-5
    np.testing.assert_array_equal(CSI(np.linspace(0.0, zero, 50)[:-1]), 0.0)


@given(
    scale=st.floats(0.1, 2.0),
    slope=st.floats(0.05, 2.0),
    midpoint=st.floats(0.0, 30.0),
    depth=st.floats(0.01, 0.9),
)
def test_breakpoint_is_where_the_curve_crosses_zero(scale: float, slope: float, midpoint: float, depth: float) -> None:
    offset = -depth * scale
    (zero,) = Sigmoid(scale, slope, midpoint, offset).breakpoints
    assert scale / (1.0 + np.exp(-slope * (zero - midpoint))) + offset == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("offset", [0.0, 0.1, -2.0])
def test_a_curve_of_one_sign_has_no_breakpoint(offset: float) -> None:
    assert Sigmoid(1.0, 0.3, 10.0, offset).breakpoints == ()


def test_a_curve_below_zero_is_zero() -> None:
    np.testing.assert_array_equal(Sigmoid(1.0, 0.3, 10.0, -2.0)(np.array([0.0, 10.0, 100.0])), 0.0)


def test_table_is_zero_below_linear_inside_and_constant_above() -> None:
    table = TabulatedEfficiency(np.array([1.0, 3.0, 4.0]), np.array([0.2, 0.6, 0.5]))
    signals = np.array([0.0, 0.999, 1.0, 2.0, 3.5, 4.0, 100.0])
    np.testing.assert_allclose(table(signals), [0.0, 0.0, 0.2, 0.4, 0.55, 0.5, 0.5], rtol=1e-14)
    assert table.breakpoints == (1.0, 3.0, 4.0)


@pytest.mark.parametrize(
    ("signal", "efficiency", "field"),
    [
        ([1.0, 2.0], [0.5], "efficiency"),
        ([[1.0, 2.0]], [[0.5, 0.5]], "efficiency"),
        ([1.0, 1.0], [0.5, 0.5], r"efficiency\.signal"),
        ([2.0, 1.0], [0.5, 0.5], r"efficiency\.signal"),
        ([1.0, np.nan], [0.5, 0.5], r"efficiency\.signal"),
        ([1.0, 2.0], [0.5, 1.5], "efficiency"),
        ([1.0, 2.0], [-0.5, 0.5], "efficiency"),
        ([1.0, 2.0], [np.nan, 0.5], "efficiency"),
    ],
)
def test_table_refuses_impossible_values(signal: list[float], efficiency: list[float], field: str) -> None:
    with pytest.raises(InputError, match=f"^{field}: got"):
        TabulatedEfficiency(np.array(signal), np.array(efficiency))


def test_decay_is_one_and_then_falls() -> None:
    decay = ExponentialDecay(start=0.52, rate=0.0494)
    times = np.array([0.0, 0.52, 1.52, 6.0])
    np.testing.assert_allclose(decay(times), [1.0, 1.0, np.exp(-0.0494), np.exp(-0.0494 * 5.48)], rtol=1e-14)
    assert decay.breakpoints == (0.52,)
