"""Statistics: expected counts in, a number out."""

from cevns.statistics.expectation import table_of_bins
from cevns.statistics.likelihood import Likelihood
from cevns.statistics.measurement import Measurement, combine, measurement
from cevns.statistics.numbers import Means, Numbers
from cevns.statistics.profiling import Profile, profile
from cevns.statistics.test_statistics import (
    Gaussian,
    MarginalisedOnOff,
    Poisson,
    ProfiledOnOff,
    Statistic,
)
from cevns.statistics.varied import profile_varied

__all__ = [
    "Gaussian",
    "Likelihood",
    "MarginalisedOnOff",
    "Means",
    "Measurement",
    "Numbers",
    "Poisson",
    "Profile",
    "ProfiledOnOff",
    "Statistic",
    "combine",
    "measurement",
    "profile",
    "profile_varied",
    "table_of_bins",
]
