from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cevns import Experiment
from cevns.detector import TabulatedEfficiency
from cevns.errors import InputError
from cevns.experiments import experiment_directory
from cevns.interactions import MEDIATOR_NAMES, LeptonicVector, LightScalar, LightVector, Model, StandardModel, as_model
from tests import textbook
from tests.probe import NEUTRON, PRINTED, PROTON
from tests.textbook import CrossSection, Detector, Target

STANDARD_MODEL = StandardModel(PRINTED)
WEAK = textbook.weak_charge(PROTON, NEUTRON)
LIKES_MUONS = {"e": 0.0, "mu": -3.0, "tau": 0.0}
"""Charges of B - 3 L_mu: an electron neutrino taken for a muon neutrino shows."""


def muonic(g: float, mass: float) -> textbook.Charge:
    return textbook.vector_charge(g**2, mass, (1 / 3, 1 / 3), LIKES_MUONS)


B_MINUS_3L_MU = Model("b-3lmu", (STANDARD_MODEL, LightVector({"B": 1.0, "mu": 3.0})))
SCALAR = Model("scalar alone", (LightScalar(),))

# The model for the package, its parameters, and the cross section from the formulas.
CASES: dict[str, tuple[Model, dict[str, float], CrossSection]] = {
    "standard model": (Model("sm", (STANDARD_MODEL,)), {}, textbook.vector(WEAK)),
    "vector, 1 MeV": (B_MINUS_3L_MU, {"g": 5e-5, "mass": 1.0}, textbook.vector(WEAK, muonic(5e-5, 1.0))),
    "vector, 1 keV": (B_MINUS_3L_MU, {"g": 5e-5, "mass": 1e-3}, textbook.vector(WEAK, muonic(5e-5, 1e-3))),
    "scalar, 3 MeV": (SCALAR, {"g": 2e-5, "mass": 3.0}, textbook.scalar(textbook.scalar_charge(4e-10, 3.0))),
}


@cache
def argon_detector() -> Detector:
    table = np.loadtxt(experiment_directory("coherent-lar-2020") / "efficiency.csv", delimiter=",", skiprows=1)
    return textbook.lar_detector(table[:, 0], table[:, 1])


CSI_MOLAR_MASS = 1e-3 * (132.905451958 + 126.904472592)
CSI_NUCLEI = 14.6 / CSI_MOLAR_MASS * textbook.AVOGADRO
CSI_FLUENCE = 0.0848 * 3.198e23 / (4.0 * np.pi * 1930.0**2)
ARGON_NUCLEI = 24.4 / (1e-3 * 39.96238312204) * textbook.AVOGADRO
ARGON_FLUENCE = 0.09 * 13.8e22 / (4.0 * np.pi * 2750.0**2)


def before_arrival(experiment: Experiment, nucleus: str, model: Model, parameters: dict[str, float]) -> np.ndarray:
    """Counts of one nucleus per energy bin, whenever they arrive."""
    signal = experiment.predict(model, **parameters).signal[experiment.nuclei.index(nucleus)]
    detected = experiment.arrival.sum(axis=-1)[:, None]
    return (signal.sum(axis=-1) / detected).sum(axis=0)


def check_counts(
    experiment: Experiment,
    nucleus: str,
    target: Target,
    detector: Detector,
    exposure: float,
    case: str,
    bins: list[int],
) -> None:
    model, parameters, cross_section = CASES[case]
    found = before_arrival(experiment, nucleus, model, parameters)
    edges = experiment.energy_edges
    for index in bins:
        low, high = float(edges[index]), float(edges[index + 1])
        expected = exposure * textbook.counts_per_nucleus(cross_section, target, detector, low, high)
        assert found[index] == pytest.approx(expected, rel=1e-8, abs=0.0), (nucleus, low)


@pytest.mark.parametrize("case", CASES)
def test_csi_counts_equal_nested_adaptive_quadrature(csi: Experiment, case: str) -> None:
    """The threshold bin, where the efficiency starts; the peak; the tail."""
    exposure = CSI_NUCLEI * CSI_FLUENCE
    check_counts(csi, "133Cs", textbook.CAESIUM, textbook.csi_detector(), exposure, case, [0, 1, 4, 8])
    check_counts(csi, "127I", textbook.IODINE, textbook.csi_detector(), exposure, case, [2])


@pytest.mark.parametrize("case", CASES)
def test_argon_counts_equal_nested_adaptive_quadrature(lar: Experiment, case: str) -> None:
    exposure = ARGON_NUCLEI * ARGON_FLUENCE
    check_counts(lar, "40Ar", textbook.ARGON, argon_detector(), exposure, case, [0, 1, 2])


@pytest.mark.parametrize("name", ["csi", "lar"])
@pytest.mark.parametrize(
    ("model", "parameters"),
    [
        ("sm", {}),
        ("b-l", {"g": 5e-5, "mass": 0.1}),
        ("lmu-ltau", {"g": 1e-3, "mass": 5.0}),
        ("scalar", {"g": 1e-5, "mass": 30.0}),
    ],
)
def test_recoil_spectrum_through_the_response_gives_the_counts(
    name: str, model: str, parameters: dict[str, float], request: pytest.FixtureRequest
) -> None:
    """dR/dT on a plain fine grid; the step at the end of the nu_mu line is what limits it."""
    experiment: Experiment = request.getfixturevalue(name)
    top = {"csi": 47.2, "lar": 149.6}[name]
    edges = np.linspace(0.02, top, 4001)
    middle = 0.5 * (edges[1:] + edges[:-1])
    spectrum = experiment.recoil_spectrum(model, middle, **parameters)
    assert spectrum.shape == (len(experiment.nuclei), 3, len(middle))
    counts = spectrum @ (experiment.rates.response.matrix(1e-3 * middle) * np.diff(edges)[:, None])
    by_time = counts[..., None] * experiment.arrival[:, None, :]
    predicted = experiment.predict(model, **parameters).signal
    for component in (0, 2):
        counted = predicted[:, component] > 1e-6
        np.testing.assert_allclose(by_time[:, component][counted], predicted[:, component][counted], rtol=1e-6)
    total = by_time.sum(axis=(0, 1))
    np.testing.assert_allclose(total.sum(), predicted.sum(), rtol=1e-5)


def test_a_copy_with_another_response_forgets_that_of_the_original(lar: Experiment) -> None:
    model = as_model("sm")
    before = lar.rates.form(model, {}).counts({})
    everything = replace(lar.rates.response, efficiency=TabulatedEfficiency(np.zeros(1), np.ones(1)))
    assert replace(lar.rates, response=everything).form(model, {}).counts({}).sum() > 1.1 * before.sum()


def test_recoil_spectrum_is_per_kev_and_ends_at_the_kinematic_limit(lar: Experiment) -> None:
    spectrum = lar.recoil_spectrum("sm", np.array([147.0, 149.7]))
    assert np.all(spectrum[..., 1] == 0.0)
    assert np.all(spectrum[0, [0, 2], 0] > 0.0)
    model, _, cross_section = CASES["standard model"]
    rates = textbook.recoil_rates(cross_section, textbook.ARGON, 0.02)
    expected = 1e-3 * ARGON_NUCLEI * ARGON_FLUENCE * np.array(rates)
    np.testing.assert_allclose(lar.recoil_spectrum(model, np.array([20.0]))[0, :, 0], expected, rtol=1e-10)


@pytest.mark.parametrize("recoil", [[0.0, 1.0], [-1.0], [np.nan], [np.inf], [[1.0]], 1.0])
def test_recoil_spectrum_refuses_energies_that_are_none(lar: Experiment, recoil: object) -> None:
    with pytest.raises(InputError, match=r"recoil_energy: got .*a list of positive energies \[keV\]"):
        lar.recoil_spectrum("sm", recoil)


@pytest.mark.parametrize("name", ["b-3le", "universal", "lmu-ltau", "scalar"])
def test_a_grid_of_parameters_equals_a_loop_over_them(csi: Experiment, name: str) -> None:
    g, mass = np.array([[0.0], [3e-5], [2e-4]]), np.array([1e-2, 1.0, 30.0, 1e4])
    grid = csi.predict(name, g=g, mass=mass)
    assert grid.signal.shape == (3, 4, 2, 3, 9, 11)
    assert grid.total.shape == (3, 4, 9, 11)
    for i, row in enumerate(g.ravel()):
        for j, column in enumerate(mass):
            one = csi.predict(name, g=row, mass=column)
            assert one.total.shape == (9, 11)
            np.testing.assert_allclose(grid.signal[i, j], one.signal, rtol=1e-12)


def test_a_grid_of_recoil_spectra_equals_a_loop(csi: Experiment) -> None:
    g, mass, recoil = np.array([[1e-5], [1e-4]]), np.array([0.1, 1.0, 10.0]), np.array([1.0, 5.0, 20.0, 40.0])
    grid = csi.recoil_spectrum("b-l", recoil, g=g, mass=mass)
    assert grid.shape == (2, 3, 2, 3, 4)
    for i in range(2):
        for j in range(3):
            one = csi.recoil_spectrum("b-l", recoil, g=g[i, 0], mass=mass[j])
            np.testing.assert_allclose(grid[i, j], one, rtol=1e-12)


def test_more_points_than_a_batch_keep_their_order(lar: Experiment) -> None:
    mass = np.geomspace(1e-2, 1e3, 1100)
    many = lar.predict("b-l", g=1e-4, mass=mass).cevns
    assert many.shape == (1100, 12, 10)
    for index in (0, 511, 512, 513, 1023, 1024, 1099):
        np.testing.assert_allclose(many[index], lar.predict("b-l", g=1e-4, mass=mass[index]).cevns, rtol=1e-12)


@pytest.mark.parametrize("parameters", [{"g": [0.0, 0.0], "mass": 1.0}, {"g": 0.0, "mass": [1.0, 2.0]}])
def test_points_without_coupling_keep_their_axis(lar: Experiment, parameters: dict[str, object]) -> None:
    total = lar.predict("b-l", **parameters).total
    np.testing.assert_array_equal(total, [lar.predict("sm").total] * 2)


def test_a_scan_over_the_coupling_at_one_mass(lar: Experiment) -> None:
    g = np.linspace(0.0, 1e-3, 7)
    counts = lar.predict("universal", g=g, mass=10.0).cevns.sum(axis=(-2, -1))
    # Two charges in one channel: a quadratic in g^2, fixed by three points.
    coefficients = np.polyfit(g[:3] ** 2, counts[:3], 2)
    np.testing.assert_allclose(np.polyval(coefficients, g**2), counts, rtol=1e-9)


@pytest.mark.parametrize("name", ["csi", "lar"])
@pytest.mark.parametrize("model", MEDIATOR_NAMES)
def test_no_coupling_is_the_standard_model_exactly(name: str, model: str, request: pytest.FixtureRequest) -> None:
    experiment: Experiment = request.getfixturevalue(name)
    for mass in (1e-3, 1.0, 1e5):
        without = experiment.predict(model, g=0.0, mass=mass).signal
        np.testing.assert_array_equal(without, experiment.predict("sm").signal)


@pytest.mark.parametrize("name", ["csi", "lar"])
def test_components_sum_to_the_total(name: str, request: pytest.FixtureRequest) -> None:
    experiment: Experiment = request.getfixturevalue(name)
    prediction = experiment.predict("b-l", g=[1e-5, 1e-4], mass=1.0)
    components = prediction.components
    signal = [f"{flavour}/{nucleus}" for nucleus in experiment.nuclei for flavour in ("nu_e", "nu_mu", "nubar_mu")]
    assert list(components) == [*signal, *experiment.backgrounds]
    np.testing.assert_allclose(sum(components.values()), prediction.total, rtol=1e-13)
    np.testing.assert_allclose(sum(components[part] for part in signal), prediction.cevns, rtol=1e-13)
    backgrounds = sum(experiment.backgrounds.values())
    np.testing.assert_allclose(prediction.total - prediction.cevns, [backgrounds, backgrounds], rtol=1e-9, atol=1e-12)


def test_prompt_and_delayed_components_follow_their_arrival(csi: Experiment) -> None:
    """nu_mu come first: most of them before 1 us, of the others after."""
    components = csi.predict("sm").components
    early = slice(0, int(np.searchsorted(csi.time_edges, 1.0)))
    for nucleus in csi.nuclei:
        shares = {
            flavour: components[f"{flavour}/{nucleus}"][:, early].sum() / components[f"{flavour}/{nucleus}"].sum()
            for flavour in csi.flavours
        }
        assert shares["nu_mu"] > 0.9
        assert shares["nu_e"] == pytest.approx(shares["nubar_mu"], abs=0.02)
        assert shares["nu_e"] < 0.4


def test_an_interaction_on_its_own_goes_on_top_of_the_standard_model(lar: Experiment) -> None:
    vector = LeptonicVector("mu", "tau")
    np.testing.assert_array_equal(
        lar.predict(vector, g=1e-3, mass=10.0).cevns, lar.predict("lmu-ltau", g=1e-3, mass=10.0).cevns
    )
    alone = lar.predict(Model("alone", (vector,)), g=1e-3, mass=10.0).components
    assert alone["nu_e/40Ar"].sum() == 0.0
    assert alone["nu_mu/40Ar"].sum() > 0.0


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"g": 1e-4}, "mass"),
        ({"mass": 1.0}, "g"),
        ({"g": -1e-4, "mass": 1.0}, "g"),
        ({"g": [1e-4, np.nan], "mass": 1.0}, "g"),
        ({"g": 1e-4, "mass": 1.0, "m": 1.0}, "parameter"),
    ],
)
def test_predict_refuses_missing_impossible_and_unknown_parameters(
    csi: Experiment, parameters: dict[str, object], field: str
) -> None:
    with pytest.raises(InputError, match=f"^{field}: got"):
        csi.predict("b-l", **parameters)


@pytest.mark.parametrize("name", ["csi", "lar"])
@settings(max_examples=60)
@given(data=st.data())
def test_counts_are_finite_and_never_negative(name: str, data: st.DataObject, request: pytest.FixtureRequest) -> None:
    """Over the whole range of masses and couplings; a warning is an error here."""
    experiment: Experiment = request.getfixturevalue(name)
    model = data.draw(st.sampled_from(MEDIATOR_NAMES), "model")
    mass = 10.0 ** data.draw(st.floats(-3.0, 5.0), "log mass")
    g = data.draw(st.one_of(st.floats(0.0, 1.0), st.floats(-8.0, 0.0).map(lambda x: 10.0**x)), "g")
    signal = experiment.predict(model, g=g, mass=mass).signal
    assert np.all(np.isfinite(signal))
    assert np.all(signal >= 0.0)


@pytest.mark.parametrize("name", ["csi", "lar"])
@pytest.mark.parametrize("model", ["universal", "by+lmu+ltau", "lmu-ltau"])
def test_counts_stay_positive_where_the_amplitudes_cancel(
    name: str, model: str, request: pytest.FixtureRequest
) -> None:
    """Along the coupling that leaves the fewest events, at any mass."""
    experiment: Experiment = request.getfixturevalue(name)
    mass = np.geomspace(1e-3, 1e5, 9)
    g = np.geomspace(1e-6, 1.0, 400)[:, None] * np.maximum(mass / 50.0, 1.0)
    signal = experiment.predict(model, g=g, mass=mass).signal
    assert np.all(signal >= 0.0)
    fewest = signal.sum(axis=(-4, -3, -2, -1)).min(axis=0)
    standard_model = experiment.predict("sm").signal.sum()
    assert np.all(fewest < 0.9 * standard_model)


def test_energy_bins_add_up_to_a_wide_one(csi: Experiment) -> None:
    """The same detector with one bin: nothing is lost at the edges."""
    model, parameters, cross_section = CASES["standard model"]
    total = before_arrival(csi, "133Cs", model, parameters).sum()
    detector, edges = textbook.csi_detector(), csi.energy_edges
    by_hand = [textbook.counts_per_nucleus(cross_section, textbook.CAESIUM, detector, a, b) for a, b in pairwise(edges)]
    whole = textbook.counts_per_nucleus(cross_section, textbook.CAESIUM, detector, float(edges[0]), float(edges[-1]))
    assert sum(by_hand) == pytest.approx(whole, rel=1e-8, abs=0.0)
    assert total == pytest.approx(CSI_NUCLEI * CSI_FLUENCE * whole, rel=1e-8, abs=0.0)


def test_a_prediction_is_printed_in_one_line(csi: Experiment) -> None:
    """In a notebook it is looked at without thinking: names and sums, no arrays."""
    printed = repr(csi.predict("sm"))
    assert printed.startswith("<Prediction in 9 x 11 bins: cevns 3")
    assert printed.endswith("neutrino_induced_neutrons 5.6, steady_state 1295.0>")
    several = csi.predict("b-l", g=[1e-5, 2e-5], mass=10.0)
    assert repr(several).startswith("<Prediction of shape (2, 9, 11): cevns, beam_neutrons, ")
