"""Results of every kind, with numbers that are easy to follow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cevns import FitResult, IntervalResult, LimitResult, PosteriorResult, ProfileResult, RegionResult
from cevns.inference import ToyIntervalResult
from cevns.inference.bayes import Marginal
from cevns.publications import FigureData
from cevns.publications.figures import (
    Axis,
    Component,
    Curve,
    CurvesPanel,
    ExclusionCurve,
    ExclusionPanel,
    HistogramPanel,
    Level,
    Region,
    RegionPanel,
)

EXPERIMENTS = ("coherent-csi-2021", "coherent-lar-2020")
_LIMIT = LimitResult(
    *("universal", EXPERIMENTS, "g", 10.0, 0.9545, 2, 6.18, 2e-5, 2e-5, (2e-5,), 0.0, 100.25, 219, "1.2.3"),
)
LIMITS = (
    _LIMIT,
    replace(_LIMIT, mass_MeV=1e3, upper_limit=5e-4, outer_limit=2e-3, crossings=(5e-4, 1.5e-3, 2e-3)),
    replace(_LIMIT, experiments=EXPERIMENTS[:1]),
)
_INTERVAL = IntervalResult(
    *("charge-radius", EXPERIMENTS, "r2_numu", "cm^2", {"r2_nue": 0.0, "r2_emu": 1e-33}, 0.9, 1, 2.71),
    *(((-6e-31, -5e-31), (-5e-32, 4e-32)), -3e-33, 189.5, 219, "1.2.3"),
)
INTERVALS = (
    _INTERVAL,
    replace(_INTERVAL, fixed={"r2_nue": 2e-32, "r2_emu": 1e-33}, intervals=((-6e-31, 4e-32),)),
)
TOYS = ToyIntervalResult(
    *("b-l", EXPERIMENTS[:1], "g", "", {"mass": 10.0}, 1e-5, 84.2, 99, 100, 1, 25, "profiled", True, "1.2.3"),
    *("feldman-cousins", 0.9, ((0.0, 2e-5),), 2e-5, None, (1.9e-5, None)),
    *((0.0, 2e-5, 3e-5), (0.1, 2.6, 5.0), (1.9, 2.6, 2.7), ((1.8, 2.0), (2.5, 2.8), (2.5, 2.9))),
)
FIT = FitResult(
    *("weak-mixing-angle", EXPERIMENTS[:1], {}, {"sin2_theta_w": 0.25, "csi_cevns": -0.01}),
    *({"sin2_theta_w": 0.02, "csi_cevns": 0.1}, 84.5, 99, True, "1.2.3"),
)
LEVEL = Level(0.9, 2, 4.61)
_ANGLES = np.append(np.linspace(0.0, 2.0 * np.pi, 24, endpoint=False), 0.0)
_CIRCLE = tuple(zip(np.cos(_ANGLES).tolist(), np.sin(_ANGLES).tolist(), strict=True))
FIGURE = FigureData(
    *("1711.09773", "figure-6", "What it shows"),
    (
        CurvesPanel(
            *("profile", Axis("sin2_theta_w"), Axis("delta_chi2"), (0.2, 0.3)),
            curves=(Curve("CsI", (0.0, 1.5)), Curve("LAr", (1.0, 0.5))),
            levels=(LEVEL,),
        ),
        HistogramPanel(
            *("counts", Axis("photoelectrons"), Axis("counts"), (0.0, 2.0, 6.0), (5.0, -1.0), (2.0, 1.0)),
            components=(Component("CEvNS", (4.5, 0.5)),),
            data_label="residuals",
        ),
        ExclusionPanel(
            *("limits", Axis("mass", label="M", unit="MeV"), Axis("g")),
            (ExclusionCurve("CsI", (1.0, 10.0), ((1e-5,), (1e-4, 2e-4, 3e-4))),),
            LEVEL,
        ),
        RegionPanel(
            *("plane", Axis("mu_nue", unit="1e-10 mu_B", span=(-2.0, 2.0)), Axis("mu_numu", span=(-2.0, 2.0))),
            regions=(Region("circle", (((_CIRCLE,),),)),),
            levels=(LEVEL,),
        ),
    ),
)

PROFILE = ProfileResult(
    model="charge-radius",
    experiments=EXPERIMENTS,
    parameter="r2_numu",
    unit="cm^2",
    fixed={"r2_nue": 0.0},
    profiled={"r2_emu": (0.0, 1e-32)},
    values=(-1e-32, 1e-32),
    chi2=(190.0, 191.5),
    ndata=219,
    version="1.0",
)
REGION = RegionResult(
    model="magnetic-moment",
    experiments=EXPERIMENTS,
    parameters=("mu_nue", "mu_numu"),
    units=("mu_B", "mu_B"),
    fixed={"mu_nutau": 0.0},
    profiled=(),
    cl=0.9,
    dof=2,
    delta_chi2=4.61,
    ranges=((0.0, 4e-9), (0.0, 4e-9)),
    logarithmic=(False, False),
    pieces=(
        (
            ((0.0, 0.0), (3e-9, 0.0), (0.0, 3e-9), (0.0, 0.0)),
            ((1e-9, 1e-9), (1.2e-9, 1e-9), (1e-9, 1.2e-9), (1e-9, 1e-9)),
        ),
    ),
    best_fit=(2e-9, 0.0),
    chi2_min=189.0,
    ndata=219,
    version="1.0",
)
POSTERIOR = PosteriorResult(
    model="magnetic-moment",
    experiments=EXPERIMENTS,
    parameters=("mu_nue",),
    fixed={"mu_numu": 0.0, "mu_nutau": 1e-9},
    pulls="sampled",
    sampler="nested",
    seed=3,
    converged=True,
    unconverged="",
    evaluations=4000,
    acceptance=0.25,
    log_evidence=-98.5,
    log_evidence_error=0.1,
    credibility=(0.68, 0.9),
    marginals=(
        Marginal(
            *("mu_nue", "mu_B", "log:1e-11:1e-8", 2e-9, 1e-9, 1.5e-9, ((5e-10, 2.5e-9), (2e-10, 3e-9))),
            *((((1e-9, 2e-9),), ((1e-10, 3e-10), (6e-10, 2.5e-9))), 500.0, None, None),
        ),
        Marginal(
            *("csi_cevns", "", "normal:0:0.1", -0.05, 0.09, -0.04, ((-0.14, 0.04), (-0.2, 0.1))),
            *((((-0.13, 0.05),), ((-0.19, 0.11),)), 600.0, None, None),
        ),
    ),
    ndata=219,
    version="1.0",
)
