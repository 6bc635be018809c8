"""Figures of profiles and regions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.patches import PathPatch

import cevns
from cevns import Experiment, InputError, RegionResult
from cevns.plot import profiles, regions


@pytest.fixture(scope="module")
def ring(lar: Experiment) -> RegionResult:
    ranges = {"eps_ee_uV": (-0.5, 0.9), "eps_mumu_uV": (-0.3, 0.7)}
    return cevns.region("nsi", lar, "eps_ee_uV", "eps_mumu_uV", ranges=ranges)


def test_region_has_its_hole(ring: RegionResult) -> None:
    (axes,) = regions([ring]).axes
    (patch,) = (one for one in axes.patches if isinstance(one, PathPatch))
    assert len(patch.get_path().vertices) >= sum(len(one) for one in ring.pieces[0])
    assert axes.get_xlim() == ring.ranges[0]
    assert axes.get_ylim() == ring.ranges[1]
    assert axes.get_xlabel() == r"$\varepsilon_{ee}^{uV}$"
    assert axes.get_legend().get_title().get_text() == "90 % CL, 2 dof"


def test_legend_says_what_is_different(ring: RegionResult) -> None:
    (axes,) = regions([ring, replace(ring, cl=0.6827), replace(ring, cl=0.6827, model="other")]).axes
    words = [text.get_text() for text in axes.get_legend().get_texts()]
    assert words == ["nsi; 90 % CL, 2 dof", "nsi; 68.27 % CL, 2 dof", "other; 68.27 % CL, 2 dof"]
    assert axes.get_legend().get_title().get_text() == ""


def test_logarithmic_axes(ring: RegionResult) -> None:
    positive = replace(ring, logarithmic=(True, False), ranges=((0.1, 0.9), (-0.3, 0.7)))
    (axes,) = regions([positive]).axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "linear")


def test_profiles_and_levels(csi: Experiment) -> None:
    curve = cevns.profile("weak-mixing-angle", csi, "sin2_theta_w", np.linspace(0.15, 0.35, 11))
    at_90 = cevns.intervals("weak-mixing-angle", csi, "sin2_theta_w", cl=0.90)
    (axes,) = profiles([curve], at_90).axes
    (line, level) = axes.lines
    np.testing.assert_allclose(line.get_ydata(), np.array(curve.chi2) - min(curve.chi2))
    assert level.get_ydata()[0] == at_90[0].delta_chi2
    assert axes.get_xlim() == (0.15, 0.35)
    assert [text.get_text() for text in axes.texts] == ["90 %"]
    assert axes.get_legend().get_title().get_text() == "90 % CL, 1 dof"
    (axes,) = profiles([curve]).axes
    assert axes.get_ylim() == (0.0, 10.0)
    assert axes.get_legend().get_title().get_text() == ""


def test_levels_of_profiles_are_told_with_their_degrees_of_freedom(csi: Experiment) -> None:
    curve = cevns.profile("weak-mixing-angle", csi, "sin2_theta_w", np.linspace(0.15, 0.35, 11))
    (at_90,) = cevns.intervals("weak-mixing-angle", csi, "sin2_theta_w", cl=0.90)
    levels = [at_90, at_90, replace(at_90, cl=0.6827, delta_chi2=1.0), replace(at_90, dof=2, delta_chi2=4.61)]
    (axes,) = profiles([curve], levels).axes
    assert axes.get_legend().get_title().get_text() == "68.27 %, 90 % CL, 1 dof; 90 % CL, 2 dof"


def test_unlike_results_are_refused(ring: RegionResult) -> None:
    with pytest.raises(InputError, match=r"^parameters: got"):
        regions([ring, replace(ring, parameters=("eps_ee_uV", "eps_ee_dV"))])
    with pytest.raises(InputError, match=r"^parameter: got"):
        profiles([])
