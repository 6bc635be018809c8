"""Detectors: from recoil energy and arrival time to what is recorded."""

from cevns.detector.efficiency import Curve, ExponentialDecay, Sigmoid, TabulatedEfficiency
from cevns.detector.quenching import (
    LindhardQuenching,
    LinearQuenching,
    PolynomialQuenching,
    Quenching,
    ScaledQuenching,
    TabulatedQuenching,
)
from cevns.detector.resolution import (
    GammaResolution,
    GaussianResolution,
    GaussianSumResolution,
    NoResolution,
    PoissonResolution,
)
from cevns.detector.response import DetectorResponse, Efficiency, Resolution
from cevns.detector.variants import QuenchingBetween, between

__all__ = [
    "Curve",
    "DetectorResponse",
    "Efficiency",
    "ExponentialDecay",
    "GammaResolution",
    "GaussianResolution",
    "GaussianSumResolution",
    "LindhardQuenching",
    "LinearQuenching",
    "NoResolution",
    "PoissonResolution",
    "PolynomialQuenching",
    "Quenching",
    "QuenchingBetween",
    "Resolution",
    "ScaledQuenching",
    "Sigmoid",
    "TabulatedEfficiency",
    "TabulatedQuenching",
    "between",
]
