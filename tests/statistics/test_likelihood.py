from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cevns
from cevns import Experiment, InputError, Likelihood
from tests.experiments.editing import copy_experiment, edit_config
from tests.statistics import by_hand
from tests.statistics.by_hand import MEDIATORS

# chi^2 of converged points differs by rounding only.
ROUNDING = 1e-8


def test_standard_model_chi2(csi: Experiment, lar: Experiment) -> None:
    """About 85 for the 99 bins of CsI (JHEP 05 (2022) 109); the digits are ours, default couplings."""
    assert Likelihood("sm", csi)() == pytest.approx(84.268, abs=1e-3)
    assert Likelihood("sm", lar)() == pytest.approx(105.399, abs=1e-3)
    published = cevns.model("sm", couplings="atzori-corona-2022")
    assert Likelihood(published, csi)() == pytest.approx(85.0, abs=1.0)


def test_goodness_of_fit_of_the_standard_model(csi: Experiment, lar: Experiment) -> None:
    """Both data sets are described: chi^2 within three standard deviations, sqrt(2 ndata), of the number of bins."""
    for experiment in (csi, lar):
        likelihood = Likelihood("sm", experiment)
        assert abs(likelihood() - likelihood.ndata) < 3.0 * np.sqrt(2.0 * likelihood.ndata)


def test_standard_model_is_every_mediator_without_coupling(csi: Experiment, lar: Experiment) -> None:
    expected = Likelihood("sm", [csi, lar])()
    for model in MEDIATORS:
        assert Likelihood(model, [csi, lar])(g=0.0, mass=10.0) == pytest.approx(float(expected), abs=ROUNDING), model


def test_background_alone_is_excluded(csi: Experiment) -> None:
    """COHERENT reports 11.6 sigma; without a signal chi^2 rises by more than a hundred."""
    nothing = cevns.experiment("coherent-csi-2021", overrides={"source.protons_on_target": 1.0})
    assert Likelihood("sm", nothing)() - Likelihood("sm", csi)() > 100.0


def test_grid_is_the_loop(csi: Experiment, lar: Experiment) -> None:
    likelihood = Likelihood("universal", [csi, lar], shared=["sns_flux"])
    couplings, masses = np.geomspace(1e-6, 1e-3, 7), np.geomspace(1.0, 1e4, 5)
    grid = likelihood(g=couplings[:, None], mass=masses)
    assert grid.shape == (7, 5)
    for i, j in np.ndindex(7, 5):
        assert grid[i, j] == pytest.approx(float(likelihood(g=couplings[i], mass=masses[j])), abs=ROUNDING)


def test_parameters_broadcast(csi: Experiment) -> None:
    likelihood = Likelihood("b-l", csi)
    assert likelihood(g=1e-5, mass=10.0).shape == ()
    assert likelihood(g=[1e-5, 2e-5], mass=10.0).shape == (2,)
    assert likelihood(g=1e-5, mass=[[1.0], [2.0], [3.0]]).shape == (3, 1)
    assert likelihood(g=np.zeros((2, 1, 4)), mass=np.ones((3, 1))).shape == (2, 3, 4)
    along = likelihood(g=[1e-5, 1e-4], mass=[1.0, 100.0])
    crossed = likelihood(g=[[1e-5], [1e-4]], mass=[1.0, 100.0])
    assert along == pytest.approx(np.diag(crossed), abs=ROUNDING)


@pytest.mark.parametrize("chunk", [1, 7, 31, 1000])
def test_chunks_leave_no_seam(csi: Experiment, lar: Experiment, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    """31 points in chunks of 7: the last one is short; so are the batches of masses."""
    likelihood = Likelihood("b-le-2lmu", [csi, lar])
    couplings, masses = np.geomspace(1e-6, 1e-2, 31), np.geomspace(0.01, 1e4, 31)
    expected = [float(likelihood(g=g, mass=m)) for g, m in zip(couplings, masses, strict=True)]
    monkeypatch.setattr("cevns.statistics.likelihood._CHUNK", chunk)
    monkeypatch.setattr("cevns.predict._BATCH", max(chunk // 2, 1))
    assert likelihood(g=couplings, mass=masses) == pytest.approx(expected, abs=ROUNDING)
    along_coupling = likelihood(g=couplings, mass=10.0)
    assert along_coupling[-1] == pytest.approx(float(likelihood(g=couplings[-1], mass=10.0)), abs=ROUNDING)
    signals = likelihood.signals(g=couplings, mass=masses)
    assert [s.shape for s in signals] == [(31, 99), (31, 120)]
    assert signals[1][-1] == pytest.approx(likelihood.signals(g=couplings[-1], mass=masses[-1])[1], rel=1e-12)


def test_signals_are_the_prediction(csi: Experiment, lar: Experiment) -> None:
    couplings = np.array([[0.0], [3e-5]])
    masses = np.array([1.0, 10.0, 100.0])
    for experiment, signal in zip(
        (csi, lar), Likelihood("b-3le", [csi, lar]).signals(g=couplings, mass=masses), strict=True
    ):
        expected = experiment.predict("b-3le", g=couplings, mass=masses).cevns
        assert signal == pytest.approx(expected.reshape(2, 3, -1), rel=1e-12)


def test_experiments_with_pulls_of_their_own_add_up(csi: Experiment, lar: Experiment) -> None:
    point = {"g": [1e-5, 5e-5, 2e-4], "mass": 20.0}
    both = Likelihood("b-l", [csi, lar])
    assert [group for group, _ in both.groups] == [(0,), (1,)]
    expected = Likelihood("b-l", csi)(**point) + Likelihood("b-l", lar)(**point)
    assert both(**point) == pytest.approx(expected, abs=ROUNDING)
    assert both.ndata == 219


def test_order_of_experiments_is_irrelevant(csi: Experiment, lar: Experiment) -> None:
    point = {"g": [1e-5, 5e-5, 2e-4], "mass": 20.0}
    for shared in ((), ("sns_flux",)):
        one, other = (Likelihood("b-l", order, shared=shared) for order in ([csi, lar], [lar, csi]))
        assert one(**point) == pytest.approx(other(**point), abs=ROUNDING)
        pulls = [likelihood.profiled(**point).pulls for likelihood in (one, other)]
        assert set(pulls[0]) == set(pulls[1])
        for name, values in pulls[0].items():
            assert values == pytest.approx(pulls[1][name], abs=1e-5), name


@pytest.mark.parametrize("name", by_hand.AT_THE_SNS)
def test_splitting_a_pull_changes_nothing_by_itself(name: str) -> None:
    """Two parts in quadrature, both free, are the whole: the split matters only once the other experiment shares it."""
    experiment = cevns.experiment(name)
    point = {"g": [0.0, 1e-5, 5e-5, 2e-4], "mass": 20.0}
    whole, split = (Likelihood("b-l", experiment, shared=shared).profiled(**point) for shared in ((), ("sns_flux",)))
    assert split.chi2 == pytest.approx(whole.chi2, abs=ROUNDING)
    norm, _ = by_hand.flux_pull(experiment)
    assert split.pulls["sns_flux"] + split.pulls[norm] == pytest.approx(whole.pulls[norm], abs=1e-6)


def test_shared_flux_ties_the_experiments(csi: Experiment, lar: Experiment) -> None:
    apart = Likelihood("b-l", [csi, lar])
    together = Likelihood("b-l", [csi, lar], shared=["sns_flux"])
    assert Likelihood("b-l", [csi, lar], shared="sns_flux").shared == together.shared
    assert [group for group, _ in together.groups] == [(0, 1)]
    assert together.pulls.count("sns_flux") == 1
    assert len(together.pulls) == len(apart.pulls) + 1
    # A common excess in both experiments is one common flux: cheaper than two coincidences.
    excess = {"g": 1e-4, "mass": 10.0}
    assert together(**excess) < apart(**excess) - 0.1


def test_same_pull_in_two_experiments_is_one_pull(tmp_path: Path, csi: Experiment, lar: Experiment) -> None:
    """A second run of the same detector: equal names mean the same nuisance."""
    directory = copy_experiment("coherent-csi-2021", tmp_path)
    edit_config(directory, lambda document: document.update(name="second-run"))
    second = cevns.experiment(directory)
    joint = Likelihood("sm", [csi, lar, second])
    assert [group for group, _ in joint.groups] == [(0, 2), (1,)]
    assert joint.pulls.count("csi_cevns") == 1
    assert joint() > 2.0 * Likelihood("sm", csi)() + Likelihood("sm", lar)() - ROUNDING - 2.0
    assert joint() != pytest.approx(2.0 * float(Likelihood("sm", csi)()) + float(Likelihood("sm", lar)()), abs=1e-3)


@pytest.mark.parametrize("names", [[], ["coherent-csi-2021", "coherent-csi-2021"]])
def test_experiments_each_once(names: Sequence[str]) -> None:
    with pytest.raises(InputError, match=r"experiments: got \[.*\]; allowed: one or more experiments, each once"):
        Likelihood("sm", [cevns.experiment(name) for name in names])


def test_one_experiment_needs_no_list(csi: Experiment) -> None:
    assert Likelihood("sm", csi)() == Likelihood("sm", (csi,))()


@pytest.mark.parametrize("shared", ["flux", "csi_cevns"])
def test_unknown_shared_part(csi: Experiment, shared: str) -> None:
    with pytest.raises(InputError, match=f"shared: got '{shared}'; allowed: one of: sns_flux"):
        Likelihood("sm", csi, shared=[shared])


def test_nothing_to_share() -> None:
    bare = cevns.experiment("coherent-csi-2021", overrides={"nuisances": []})
    with pytest.raises(InputError, match="shared: got 'sns_flux'; allowed: nothing"):
        Likelihood("sm", bare, shared=["sns_flux"])


@pytest.mark.parametrize(
    ("parameters", "field", "allowed"),
    [
        ({"g": 1e-5}, "mass", "a value of this parameter"),
        ({"g": 1e-5, "mass": 10.0, "charge": 1.0}, "parameter", "one of: g, mass"),
        ({"g": -1e-5, "mass": 10.0}, "g", "from 0"),
        ({"g": [1e-5, float("nan")], "mass": 10.0}, "g", "finite numbers"),
        ({"g": 1e-5, "mass": -10.0}, "mass", "from 0 to inf [MeV]"),
        ({"g": "strong", "mass": 10.0}, "g", "finite numbers"),
        ({"g": [], "mass": 10.0}, "g", "at least one value"),
    ],
)
def test_wrong_parameters(csi: Experiment, parameters: dict[str, object], field: str, allowed: str) -> None:
    with pytest.raises(InputError) as caught:
        Likelihood("b-l", csi)(**parameters)
    assert caught.value.field == field
    assert allowed in caught.value.allowed


def test_citations_of_model_and_data(csi: Experiment, lar: Experiment) -> None:
    citations = Likelihood("b-l", [csi, lar]).citations
    assert len(set(citations)) == len(citations)
    assert set(csi.citations) | set(lar.citations) <= set(citations)
    assert "Freedman:1973yd" in citations


def test_likelihoods_and_experiments_are_printed_in_one_line(csi: Experiment, lar: Experiment) -> None:
    assert repr(csi) == ("<Experiment coherent-csi-2021: pion-decay-at-rest, 14.6 kg of CsI, 9 x 11 bins, 1578 counts>")
    assert repr(cevns.experiment("conus-like")).endswith("16 x 1 bins, forecast of 18136.1 counts>")
    assert repr(Likelihood("b-l", [csi, lar], shared=["sns_flux"])) == (
        "<Likelihood of b-l from coherent-csi-2021, coherent-lar-2020: 219 bins, 17 pulls, sns_flux in common>"
    )


def test_an_experiment_is_not_given_by_name(csi: Experiment) -> None:
    name: Any = csi.name
    with pytest.raises(InputError, match="experiments: got 'coherent-csi-2021'; allowed: experiments, as"):
        Likelihood("sm", name)
