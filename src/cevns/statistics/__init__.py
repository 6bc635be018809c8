"""Statistics: expected counts in, a number out."""

from cevns.statistics.likelihood import Likelihood
from cevns.statistics.measurement import Measurement, combine, measurement
from cevns.statistics.profiling import Profile, profile
from cevns.statistics.test_statistics import Gaussian, Poisson, Statistic

__all__ = [
    "Gaussian",
    "Likelihood",
    "Measurement",
    "Poisson",
    "Profile",
    "Statistic",
    "combine",
    "measurement",
    "profile",
]
