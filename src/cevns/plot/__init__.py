"""Figures. Functions take results or experiments and return a matplotlib Figure; `save` writes it.

Importing this package loads matplotlib, but never pyplot: no window, no backend, no settings of the user are touched.
The library that `corner` draws with loads pyplot, when it is called.
"""

from cevns.interactions.muon_moment import muon_charge
from cevns.plot.corner import corner
from cevns.plot.critical import critical_values
from cevns.plot.exclusion import exclusion
from cevns.plot.forecast import forecast
from cevns.plot.planes import profiles, regions
from cevns.plot.projections import projections
from cevns.plot.recoil import recoil_spectra
from cevns.plot.reproduced import reproduced
from cevns.plot.style import save

__all__ = [
    "corner",
    "critical_values",
    "exclusion",
    "forecast",
    "muon_charge",
    "profiles",
    "projections",
    "recoil_spectra",
    "regions",
    "reproduced",
    "save",
]
