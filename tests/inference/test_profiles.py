"""Profiles of chi^2 along one parameter."""

from __future__ import annotations

import numpy as np
import pytest

import cevns
from cevns import Experiment, InputError, Likelihood, ProfileResult


def test_profile_is_chi2(csi: Experiment) -> None:
    values = [0.2, 0.22, 0.25]
    found = cevns.profile("weak-mixing-angle", csi, "sin2_theta_w", values)
    np.testing.assert_array_equal(found.chi2, Likelihood("weak-mixing-angle", csi)(sin2_theta_w=np.array(values)))
    assert ProfileResult.from_json(found.to_json()) == found
    assert [row["sin2_theta_w"] for row in found.rows()] == values
    assert min(row["delta_chi2"] for row in found.rows()) == 0.0


def test_default_values_hold_three_sigma(csi: Experiment) -> None:
    found = cevns.profile("weak-mixing-angle", csi, "sin2_theta_w")
    rise = np.array(found.chi2) - min(found.chi2)
    assert 9.0 < rise[0] < 9.0 * 1.3**2
    assert 9.0 < rise[-1] < 9.0 * 1.3**2


def test_default_values_stay_within_bounds(csi: Experiment) -> None:
    found = cevns.profile("universal-magnetic-moment", csi, "mu_nu")
    assert found.values[0] == 0.0
    assert found.unit == "mu_B"


def test_another_parameter_profiled(lar: Experiment) -> None:
    """Against the minimum on a grid."""
    values = np.linspace(-0.2, 0.4, 7)
    found = cevns.profile("nsi", lar, "eps_ee_uV", values, profiled=["eps_mumu_uV"])
    others = np.linspace(-0.5, 0.8, 2601)[:, None]
    grid = Likelihood("nsi", lar)(eps_ee_uV=values, eps_mumu_uV=others)
    np.testing.assert_allclose(found.chi2, grid.min(axis=0), atol=1e-4)
    there = Likelihood("nsi", lar)(eps_ee_uV=values, eps_mumu_uV=np.array(found.profiled["eps_mumu_uV"]))
    np.testing.assert_allclose(there, found.chi2, atol=1e-6)
    assert "eps_mumu_uV" in next(iter(found.rows()))


@pytest.mark.parametrize("values", [[0.2], [0.3, 0.2], [[0.1, 0.2]], [0.1, 2.0]])
def test_wrong_values(values: list[float], csi: Experiment) -> None:
    with pytest.raises(InputError, match=r"^sin2_theta_w: got"):
        cevns.profile("weak-mixing-angle", csi, "sin2_theta_w", values)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [({"g": 1e-5, "mass": 1.0}, "g"), ({"mass": [1.0, 2.0]}, "mass"), ({"mass": 1.0, "profiled": ["g"]}, "profiled")],
)
def test_wrong_parameters(arguments: dict[str, object], field: str, csi: Experiment) -> None:
    with pytest.raises(InputError, match=f"^{field}: got"):
        cevns.profile("b-l", csi, "g", [1e-6, 1e-5], **arguments)
