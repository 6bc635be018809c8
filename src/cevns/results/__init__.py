"""Results: immutable values with their provenance; JSON out and in, and a readable face."""

from cevns.results.base import Record, Result, common_fields, version
from cevns.results.fits import FitResult, rounded
from cevns.results.forecasts import ForecastResult, MuonBandResult
from cevns.results.levels import IntervalResult, LimitResult
from cevns.results.planes import ProfileResult, RegionResult, Ring

__all__ = [
    "FitResult",
    "ForecastResult",
    "IntervalResult",
    "LimitResult",
    "MuonBandResult",
    "ProfileResult",
    "Record",
    "RegionResult",
    "Result",
    "Ring",
    "common_fields",
    "rounded",
    "version",
]
