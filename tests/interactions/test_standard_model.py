from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cevns.constants import FINE_STRUCTURE
from cevns.errors import InputError
from cevns.interactions import (
    StandardModel,
    WeakCouplings,
    radiative_couplings,
    tree_couplings,
)
from tests import textbook


def test_tree_couplings() -> None:
    couplings = tree_couplings()
    assert couplings.proton == (0.5 - 2 * 0.23857,) * 3
    assert couplings.neutron == -0.5


def test_radiative_couplings_to_the_printed_digit() -> None:
    couplings = radiative_couplings()
    assert [round(g, 4) for g in couplings.proton] == [0.0382, 0.0300, 0.0256]
    assert round(couplings.neutron, 4) == -0.5117


def test_couplings_without_zz_boxes_to_the_printed_digit() -> None:
    couplings = radiative_couplings(zz_boxes=False)
    assert [round(g, 4) for g in couplings.proton] == [0.0401, 0.0318, 0.0275]


def test_neutron_coupling_without_zz_boxes_is_not_the_printed_one() -> None:
    """The inputs give -0.509466; the text prints -0.5094, one unit of the last digit away."""
    neutron = radiative_couplings(zz_boxes=False).neutron
    assert neutron == pytest.approx(-0.509466, abs=5e-7)
    assert round(neutron, 4) != -0.5094
    assert neutron == pytest.approx(-0.5094, abs=1e-4)


def test_a_set_holds_the_printed_digits_as_they_are() -> None:
    assert StandardModel("atzori-corona-2022").weak_couplings == WeakCouplings((0.0401, 0.0318, 0.0275), -0.5094)


@pytest.mark.parametrize("zz_boxes", [True, False])
def test_families_differ_by_the_logarithm_of_their_charge_radii(zz_boxes: bool) -> None:
    """-2 phi_e + 2 phi_mu = (alpha/3 pi) ln(m_mu^2/m_e^2)."""
    electron, muon, _ = radiative_couplings(zz_boxes=zz_boxes).proton
    expected = FINE_STRUCTURE / (3 * math.pi) * math.log((textbook.MUON / textbook.ELECTRON) ** 2)
    assert electron - muon == pytest.approx(expected, rel=1e-10, abs=0.0)


@given(angle=st.floats(0.0, 1.0))
def test_weak_mixing_angle_moves_the_proton_alone(angle: float) -> None:
    tree, reference = tree_couplings(angle), tree_couplings()
    assert tree.proton[0] - reference.proton[0] == pytest.approx(-2.0 * (angle - 0.23857), abs=1e-15)
    assert tree.neutron == reference.neutron
    radiative, reference = radiative_couplings(sin2_theta_w=angle), radiative_couplings()
    assert radiative.proton[2] - reference.proton[2] == pytest.approx(-2.00126 * (angle - 0.23857), abs=1e-14)
    assert radiative.neutron == reference.neutron


@pytest.mark.parametrize("angle", [-0.01, 1.01, math.nan])
def test_refuses_an_angle_that_is_none(angle: float) -> None:
    with pytest.raises(InputError, match="sin2_theta_w"):
        tree_couplings(angle)


@pytest.mark.parametrize(
    ("name", "couplings"),
    [
        ("radiative", radiative_couplings()),
        ("radiative-without-zz-boxes", radiative_couplings(zz_boxes=False)),
        ("tree", tree_couplings()),
    ],
)
def test_sets_by_name(name: str, couplings: WeakCouplings) -> None:
    assert StandardModel(name).weak_couplings == couplings


def test_values_by_hand() -> None:
    by_hand = WeakCouplings((0.01, 0.02, 0.03), -0.5)
    assert StandardModel(by_hand).weak_couplings is by_hand


def test_refuses_an_unknown_set() -> None:
    with pytest.raises(InputError, match="couplings: got 'born'; allowed: one of: radiative"):
        StandardModel("born")
