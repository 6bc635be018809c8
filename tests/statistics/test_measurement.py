from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import cevns
from cevns import Experiment, InputError
from cevns.statistics import Gaussian, Measurement, Poisson, combine, measurement
from tests.statistics import by_hand


def random_pulls(data: Measurement, rng: np.random.Generator) -> np.ndarray:
    """Pulls within half of their constraints: expectations stay positive."""
    return 0.5 * data.sigmas * rng.uniform(-1.0, 1.0, len(data.sigmas))


def signals(*experiments: Experiment) -> np.ndarray:
    return np.concatenate([e.predict("b-l", g=6e-5, mass=10.0).cevns.ravel() for e in experiments])


@pytest.mark.parametrize("shared_parts", [(), ("sns_flux",)])
@pytest.mark.parametrize("name", by_hand.AT_THE_SNS)
def test_chi2_is_that_of_the_configuration(name: str, shared_parts: tuple[str, ...]) -> None:
    experiment = cevns.experiment(name)
    data = measurement(experiment, shared_parts)
    rng = np.random.default_rng(3)
    signal = signals(experiment)
    for _ in range(5):
        pulls = random_pulls(data, rng)
        named = dict(zip(data.pulls, pulls.tolist(), strict=True))
        expected = by_hand.expected_counts(experiment, signal.reshape(experiment.observed.shape), named)
        assert data.expected(signal, pulls) == pytest.approx(expected.ravel(), rel=1e-12)
        sigmas = {pull.name: pull.sigma for pull in experiment.config.nuisances}
        if shared_parts:
            norm, sigma = by_hand.flux_pull(experiment)
            sigmas |= {"sns_flux": 0.10, norm: np.sqrt(sigma**2 - 0.10**2)}
        chi2 = by_hand.statistic(experiment, expected) + by_hand.constraints(named, sigmas)
        assert data.chi2(signal, pulls) == pytest.approx(chi2, rel=1e-12)


def test_joint_chi2_with_shared_flux_is_that_of_the_configurations(csi: Experiment, lar: Experiment) -> None:
    """One flux for both experiments, constrained once."""
    data = combine([measurement(e, ["sns_flux"]) for e in (csi, lar)])
    pulls = random_pulls(data, np.random.default_rng(4))
    named = dict(zip(data.pulls, pulls.tolist(), strict=True))
    assert data.pulls.count("sns_flux") == 1
    sigmas = {pull.name: pull.sigma for e in (csi, lar) for pull in e.config.nuisances}
    sigmas |= {"sns_flux": 0.10, "csi_cevns": np.sqrt(0.12**2 - 0.01), "lar_cevns": np.sqrt(0.13**2 - 0.01)}
    chi2 = by_hand.constraints(named, sigmas)
    for experiment in (csi, lar):
        signal = experiment.predict("b-l", g=6e-5, mass=10.0).cevns
        chi2 += by_hand.statistic(experiment, by_hand.expected_counts(experiment, signal, named))
    assert data.chi2(signals(csi, lar), pulls) == pytest.approx(chi2, rel=1e-12)


def test_constraints_are_the_published_ones(csi: Experiment, lar: Experiment) -> None:
    sigmas = {}
    for experiment in (csi, lar):
        data = measurement(experiment)
        sigmas |= dict(zip(data.pulls, data.sigmas.tolist(), strict=True))
    norms = {name: sigma for name, sigma in sigmas.items() if sigma != 1.0}
    assert norms == {
        "csi_cevns": 0.12,
        "csi_beam_neutrons": 0.25,
        "csi_neutrino_induced_neutrons": 0.35,
        "csi_steady_state": 0.021,
        "lar_cevns": 0.13,
        "lar_prompt_neutrons": 0.32,
        "lar_steady_state": 0.0079,
    }
    assert len(sigmas) == 4 + 12


def test_statistics_of_the_experiments(csi: Experiment, lar: Experiment) -> None:
    poisson, gaussian = measurement(csi).statistic, measurement(lar).statistic
    assert isinstance(poisson, Poisson)
    assert isinstance(gaussian, Gaussian)
    assert gaussian.variance == pytest.approx(by_hand.variance(lar).ravel(), rel=1e-12)


def test_bin_without_counts_has_the_variance_of_one_count(lar: Experiment) -> None:
    empty = replace(lar, observed=np.zeros_like(lar.observed))
    assert measurement(empty).statistic.variance == pytest.approx(
        1.0 + lar.backgrounds["steady_state"].ravel() / 5.0, rel=1e-12
    )


def test_parts_add_in_quadrature(csi: Experiment) -> None:
    whole, split = measurement(csi), measurement(csi, ["sns_flux"])
    sigmas = dict(zip(split.pulls, split.sigmas.tolist(), strict=True))
    assert sigmas["sns_flux"] == 0.10
    assert np.hypot(sigmas["sns_flux"], sigmas["csi_cevns"]) == pytest.approx(0.12, rel=1e-12)
    assert len(split.pulls) == len(whole.pulls) + 1
    changes = dict(zip(split.pulls, split.signal_change, strict=True))
    assert np.array_equal(changes["sns_flux"], changes["csi_cevns"])


def test_part_that_is_the_whole_leaves_no_rest() -> None:
    nuisances = [{"name": "norm", "component": "cevns", "sigma": 0.1, "includes": {"sns_flux": 0.1}}]
    experiment = cevns.experiment("coherent-csi-2021", overrides={"nuisances": nuisances})
    assert measurement(experiment, ["sns_flux"]).pulls == ("sns_flux",)
    assert measurement(experiment).pulls == ("norm",)


def test_combination_places_bins_side_by_side(csi: Experiment, lar: Experiment) -> None:
    parts = [measurement(e) for e in (csi, lar)]
    both = combine(parts)
    assert both.bins == 99 + 120
    assert both.pulls == parts[0].pulls + parts[1].pulls
    assert np.array_equal(both.background, np.concatenate([p.background for p in parts]))
    assert not both.signal_change[:4, 99:].any()
    assert not both.background_change[4:, :99].any()
    assert combine(parts[:1]) is parts[0]


def test_combination_refuses_two_widths_of_one_pull(csi: Experiment, lar: Experiment) -> None:
    one, other = measurement(csi, ["sns_flux"]), measurement(lar, ["sns_flux"])
    wider = replace(other, sigmas=np.where(np.array(other.pulls) == "sns_flux", 0.2, other.sigmas))
    with pytest.raises(InputError, match=r"nuisances\.sns_flux\.sigma: got 0\.2; allowed: 0\.1"):
        combine([one, wider])


def test_neutrinos_are_all_parts_of_the_signal_and_cevns_is_one() -> None:
    """With electron scattering counted: 11 % on both parts, the quenching on nuclear recoils alone."""
    data = measurement(cevns.experiment("coherent-csi-2021/de-romeri-2023", electron_scattering=True))
    changes = data.signal_change.reshape(len(data.pulls), len(data.parts), data.bins)
    present = {name: changes[data.pulls.index(name)].any(axis=1) for name in ("csi_neutrinos", "csi_quenching")}
    parts = ("cevns", "electron_scattering")
    acts = {name: {part for part in parts if found[data.parts.index(part)]} for name, found in present.items()}
    assert acts == {"csi_neutrinos": set(parts), "csi_quenching": {"cevns"}}
    plain = measurement(cevns.experiment("coherent-csi-2021", electron_scattering=True))
    assert plain.signal_change[plain.pulls.index("csi_cevns")].all()
