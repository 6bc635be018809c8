"""The symbols that stand for names of parameters, neutrinos and units."""

from __future__ import annotations

import re
from typing import Final

_FAMILY: Final = "(?:e|mu|tau)"
_SYMBOLS: Final = (
    (f"eps_({_FAMILY}{{2}})_([ud][VT])", r"\varepsilon_{%s}^{%s}"),
    (f"eps_({_FAMILY}{{2}})_([ud][VT])_im", r"\mathrm{Im}\,\varepsilon_{%s}^{%s}"),
    ("([CD])_([qude][SPVAT])", "%s_{%s}"),
    (f"(mu|q)_nu({_FAMILY}?)", r"%s_{\nu_{%s}}"),
    (f"mu_({_FAMILY}?)4", r"\mu_{%s4}"),
    ("([lL]ambda|zeta)_([123]{1,2})", r"\%s_{%s}"),
    (f"q_({_FAMILY}{{2}})", "q_{%s}"),
    (f"r2_nu({_FAMILY}?)", r"\langle r^2_{\nu_{%s}}\rangle"),
    (f"r2_({_FAMILY}{{2}})", r"\langle r^2_{%s}\rangle"),
    (f"nu_({_FAMILY})", r"\nu_{%s}"),
    (f"nubar_({_FAMILY})", r"\bar\nu_{%s}"),
    ("sin2_theta_w", r"\sin^2\theta_W"),
    ("sin2_2theta", r"\sin^22\theta"),
    ("sin2_2theta_(ee|mumu)", r"\sin^22\theta_{%s}"),
    ("dm2", r"\Delta m^2"),
    ("m4", "m_4"),
    ("epsilon", r"\varepsilon"),
    ("g_nu", r"g_\nu"),
    ("chi2", r"\chi^2"),
    ("delta_chi2", r"\Delta\chi^2"),
    ("(R_n|g|M)", "%s"),
    ("g2", "g^2"),
    ("mu_B", r"\mu_\mathrm{B}"),
    (r"([a-zA-Z]+)\^(-?\d+)", r"\mathrm{%s}^{%s}"),
    (r"1e(-?\d+)", "10^{%s}"),
)
"""Pattern of a whole word, and its symbol with a place for each group."""
_CHARGES: Final = re.compile(rf"(?<![\w\\^{{-])(?:by?|l{_FAMILY})(?:[+-]\d?l{_FAMILY}?)+(?![\w-])")
"""Name of a light vector by its charges, such as b-2le-lmu."""


def typeset(text: str) -> str:
    r"""A text with symbols in place of the names of parameters, neutrinos and units.

    >>> typeset("r2_numu of CsI"), typeset("1e-32 cm^2")
    ('$\\langle r^2_{\\nu_{\\mu }}\\rangle$ of CsI', '$10^{-32}$ $\\mathrm{cm}^{2}$')
    >>> typeset("b-2le-lmu from CsI")
    '$B-2L_{e}-L_{\\mu }$ from CsI'
    """
    text = _CHARGES.sub(lambda name: _charges(name[0]), text)
    return re.sub(r"(?<![\w\\^{])[A-Za-z\d_^-]+", lambda word: _symbol(word[0]), text)


def _charges(name: str) -> str:
    names = {"b": "B", "by": "B_y", "l": "L", "le": "L_{e}", "lmu": r"L_{\mu }", "ltau": r"L_{\tau }"}
    return f"${re.sub('[a-z]+', lambda charge: names[charge[0]], name)}$"


def _symbol(word: str) -> str:
    for pattern, template in _SYMBOLS:
        if found := re.fullmatch(pattern, word):
            parts = tuple(re.sub("mu|tau", r"\\\g<0> ", part) for part in found.groups())
            return f"${template % parts}$"
    return word
