from __future__ import annotations

import pytest
from matplotlib.figure import Figure

import cevns
from cevns.io.symbols import typeset


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("eps_ee_uV", r"$\varepsilon_{ee}^{uV}$"),
        ("eps_etau_dT_im", r"$\mathrm{Im}\,\varepsilon_{e\tau }^{dT}$"),
        ("mu_numu", r"$\mu _{\nu_{\mu }}$"),
        ("C_qS", "$C_{qS}$"),
        ("Lambda_1", r"$\Lambda_{1}$"),
        ("sin2_2theta_mumu", r"$\sin^22\theta_{\mu \mu }$"),
        ("mu_mu4", r"$\mu_{\mu 4}$"),
        ("r2_nu", r"$\langle r^2_{\nu_{}}\rangle$"),
        ("sin2_theta_w", r"$\sin^2\theta_W$"),
        ("1e-10 mu_B", r"$10^{-10}$ $\mu_\mathrm{B}$"),
        ("chi2 and delta_chi2", r"$\chi^2$ and $\Delta\chi^2$"),
        ("g2 [GeV^-2]", r"$g^2$ [$\mathrm{GeV}^{-2}$]"),
        ("CEvNS of nubar_mu, nu_e", r"CEvNS of $\bar\nu_{\mu }$, $\nu_{e}$"),
        ("b-l; 90 %", "$B-L$; 90 %"),
        ("b-2le-lmu", r"$B-2L_{e}-L_{\mu }$"),
        ("by+lmu+ltau from CsI+LAr", r"$B_y+L_{\mu }+L_{\tau }$ from CsI+LAr"),
    ],
)
def test_names_become_symbols(text: str, expected: str) -> None:
    assert typeset(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CsI 2017",
        "steady state",
        "l-shell",
        "b-line",
        "le",
        "coherent-b-l",
        r"$\varepsilon_{ee}^{uV}$",
        "muons",
        "keV$_\\mathrm{ee}$",
    ],
)
def test_other_words_stay(text: str) -> None:
    assert typeset(text) == text


@pytest.mark.parametrize("name", cevns.MODEL_NAMES)
def test_every_parameter_can_be_drawn(name: str) -> None:
    """Those of two letters or more have a symbol; matplotlib refuses mathematics that it cannot read."""
    figure = Figure()
    for parameter in cevns.model(name).parameters:
        symbol = typeset(parameter.name)
        assert symbol.startswith("$") or parameter.name == "mass", parameter.name
        figure.text(0.5, 0.5, f"{symbol} [{typeset(parameter.unit)}]")
    figure.draw_without_rendering()
