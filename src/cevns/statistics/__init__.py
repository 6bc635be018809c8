"""Statistics: expected counts in, a number out."""

from cevns.statistics.chi2 import Gaussian, Poisson, Statistic
from cevns.statistics.expectation import table_of_bins
from cevns.statistics.likelihood import Likelihood
from cevns.statistics.measurement import Measurement, combine, measurement
from cevns.statistics.numbers import Means, Numbers
from cevns.statistics.on_off import MarginalisedOnOff, ProfiledOnOff
from cevns.statistics.profiling import Profile, profile
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
