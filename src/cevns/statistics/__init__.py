"""Statistics: expected counts in, a number out."""

from cevns.statistics.likelihood import Likelihood
from cevns.statistics.measurement import Measurement, combine, measurement
from cevns.statistics.profiling import Profile, profile
from cevns.statistics.test_statistics import Gaussian, MarginalisedOnOff, Poisson, ProfiledOnOff, Statistic

__all__ = [
    "Gaussian",
    "Likelihood",
    "MarginalisedOnOff",
    "Measurement",
    "Poisson",
    "Profile",
    "ProfiledOnOff",
    "Statistic",
    "combine",
    "measurement",
    "profile",
]
