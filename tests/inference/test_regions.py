"""Regions against closed forms, intervals, and chi^2 itself."""

from __future__ import annotations

import numpy as np
import pytest

import cevns
from cevns import Experiment, InputError, Likelihood, NumericalError, RegionResult
from cevns.inference import delta_chi2, regions
from cevns.interactions import ChargeRadius, MagneticMoment, Model, StandardModel, tree_couplings

COUNTING = "coherent-csi-2017-counting"


@pytest.fixture(scope="module")
def counting() -> Experiment:
    return cevns.experiment(COUNTING)


@pytest.fixture(scope="module")
def moments(csi: Experiment) -> RegionResult:
    return cevns.region("magnetic-moment", csi, "mu_nue", "mu_numu")


def corners(found: RegionResult) -> np.ndarray:
    """Those that are not where the ranges end."""
    every = np.array([corner for piece in found.pieces for ring in piece for corner in ring])
    (x_low, x_high), (y_low, y_high) = found.ranges
    return every[(every > (x_low, y_low)).all(axis=1) & (every < (x_high, y_high)).all(axis=1)]


def test_edges_have_the_level(moments: RegionResult, csi: Experiment) -> None:
    x, y = corners(moments).T
    chi2 = Likelihood("magnetic-moment", csi)(mu_nue=x, mu_numu=y)
    assert len(x) > 300
    np.testing.assert_allclose(chi2 - moments.chi2_min, moments.delta_chi2, atol=1.1e-4 * moments.delta_chi2)
    assert moments.delta_chi2 == delta_chi2(0.90, 2)


def test_extents_are_intervals_with_the_other_profiled(moments: RegionResult, csi: Experiment) -> None:
    """The projection of a region is the interval of the same level."""
    (extents,) = moments.extents()
    for name, other, extent in zip(moments.parameters, moments.parameters[::-1], extents, strict=True):
        (found,) = cevns.intervals("magnetic-moment", csi, name, cl=0.90, dof=2, profiled=[other])
        ((low, high),) = found.intervals
        assert extent == pytest.approx((low, high), rel=2e-3, abs=1e-12)


def test_two_moments_of_one_bin_are_an_ellipse(counting: Experiment) -> None:
    """N = N_SM + a mu_e^2 + b mu_mu^2: the level is one of N, which the interval of either moment gives."""
    model = Model("moments", (StandardModel(tree_couplings(0.2312)), MagneticMoment()))
    found = cevns.region(model, counting, "mu_nue", "mu_numu")
    ends = [cevns.intervals(model, counting, name, cl=0.90, dof=2)[0].intervals[0][1] for name in ("mu_nue", "mu_numu")]
    x, y = corners(found).T
    np.testing.assert_allclose((x / ends[0]) ** 2 + (y / ends[1]) ** 2, 1.0, rtol=1e-3)
    assert found.area == pytest.approx(np.pi * ends[0] * ends[1] / 4.0, rel=1e-3)


def test_pieces_holes_and_mask(lar: Experiment) -> None:
    """Argon leaves a ring in the plane of two couplings: inside, as without neutrinos, too few events."""
    found = cevns.region("nsi", lar, "eps_ee_uV", "eps_mumu_uV")
    ((_, hole),) = found.pieces
    middle = np.array(hole).mean(axis=0)
    assert not found.mask(*middle)
    lattice = np.meshgrid(*(np.linspace(*ends, 801) for ends in found.ranges))
    sides = [high - low for low, high in found.ranges]
    # Half the cells that the edges pass through are counted: an error of a few thousandths.
    assert found.area == pytest.approx(found.mask(*lattice).mean() * sides[0] * sides[1], rel=1e-2)
    assert found.mask(0.0, 0.0)
    x = np.linspace(*found.ranges[0], 41)[:, None]
    y = np.linspace(*found.ranges[1], 31)
    chi2 = Likelihood("nsi", lar)(eps_ee_uV=x, eps_mumu_uV=y)
    rise = chi2 - found.chi2_min - found.delta_chi2
    clear = np.abs(rise) > 0.05
    assert np.array_equal(found.mask(x, y)[clear], (rise < 0.0)[clear])


def test_logarithmic_axes(csi: Experiment) -> None:
    """A limit on g at each mass, for the minimum over all masses."""
    ranges = {"mass": (1.0, 1e3, "log"), "g": (1e-6, 1e-1, "log")}
    found = cevns.region("b-l", csi, "mass", "g", ranges=ranges)
    assert found.logarithmic == (True, True)
    likelihood = Likelihood("b-l", csi)
    for mass in (3.0, 50.0, 700.0):
        g = np.geomspace(1e-6, 1e-1, 400)
        inside = likelihood(g=g, mass=mass) < found.chi2_min + found.delta_chi2
        assert np.count_nonzero(found.mask(np.array(mass), g) != inside) <= 1


def test_other_parameters_profiled(counting: Experiment) -> None:
    """Profiling a third moment that one bin cannot tell apart opens nothing: moments only add events."""
    model = Model("moments", (StandardModel(tree_couplings(0.2312)), MagneticMoment(), ChargeRadius(universal=True)))
    ranges = {"mu_nue": (0.0, 1e-8), "mu_numu": (0.0, 1e-8)}
    alone = cevns.region(model, counting, "mu_nue", "mu_numu", ranges=ranges)
    wider = cevns.region(model, counting, "mu_nue", "mu_numu", ranges=ranges, profiled={"r2_nu": (-3e-31, 0.0)})
    inside = tuple(np.array(alone.pieces[0][0]).mean(axis=0))
    assert wider.mask(*inside)
    x, y = corners(wider).T
    radii = np.linspace(-3e-31, 0.0, 601)[:, None]
    chi2 = Likelihood(model, counting)(mu_nue=x, mu_numu=y, r2_nu=radii).min(axis=0)
    np.testing.assert_allclose(chi2 - wider.chi2_min, wider.delta_chi2, atol=2e-3 * wider.delta_chi2)


def test_json_and_rows(moments: RegionResult) -> None:
    assert RegionResult.from_json(moments.to_json()) == moments
    rows = list(moments.rows())
    assert rows[0].keys() == {"piece", "ring", "mu_nue [mu_B]", "mu_numu [mu_B]"}
    assert len(rows) == sum(len(ring) for piece in moments.pieces for ring in piece)
    assert "mu_nue [mu_B] in [0, " in str(moments)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"y": "mu_nue"}, "y"),
        ({"y": "mu_nux"}, "parameter"),
        ({"mu_numu": 1e-9}, "mu_numu"),
        ({"mu_nutau": [0.0, 1e-9]}, "mu_nutau"),
        ({"ranges": {"mu_nutau": (0.0, 1e-9)}}, "ranges"),
        ({"ranges": {"mu_nue": (1e-9, 0.0)}}, "range of mu_nue"),
        ({"ranges": {"mu_nue": (0.0, 1e-8, "log")}}, "range of mu_nue"),
        ({"ranges": {"mu_nue": (0.0, 1e-8, "logarithmic")}}, "range of mu_nue"),
        ({"ranges": {"mu_nue": (0.0,)}}, "range of mu_nue"),
        ({"ranges": {"mu_nue": (-1e-9, 1e-8)}}, "mu_nue"),
        ({"profiled": ["mu_nue"]}, "profiled"),
        ({"cl": 1.5}, "cl"),
    ],
)
def test_wrong_input(arguments: dict[str, object], field: str, counting: Experiment) -> None:
    given = {"y": "mu_numu", **arguments}
    with pytest.raises(InputError, match=f"^{field}: got"):
        cevns.region("magnetic-moment", counting, "mu_nue", **given)


def test_a_mass_needs_a_range(counting: Experiment) -> None:
    with pytest.raises(InputError, match=r"^ranges: got {}; allowed: two numbers for mass"):
        cevns.region("b-l", counting, "mass", "g")


def test_minima_that_never_end_are_an_error(counting: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    """No region at the level of a minimum that is not the lowest."""
    monkeypatch.setattr(regions, "refined", lambda _, values, level, __: values - level)
    with pytest.raises(NumericalError, match="lower and lower minima"):
        cevns.region(
            "magnetic-moment", counting, "mu_nue", "mu_numu", ranges={"mu_nue": (0, 1e-8), "mu_numu": (0, 1e-8)}
        )
