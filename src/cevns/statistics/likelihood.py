"""The likelihood of a model given experiments: parameters in, profiled chi^2 out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cevns.errors import InputError, NumericalError
from cevns.experiments import Experiment
from cevns.interactions import Interaction, Model, as_model, common_shape
from cevns.predict import RateForm
from cevns.statistics.measurement import Measurement, combine, measurement, shared_widths
from cevns.statistics.signal import JointSignal, Signal, Templates
from cevns.statistics.signal import parts as signal_parts
from cevns.statistics.varied import Setting, profile_varied
from cevns.typing import FloatArray

_CHUNK = 384
"""Parameter points profiled at once, at most.

Many enough that calls of NumPy cost little beside what they compute, few enough to fit the cache; the memory is bounded
whatever the size of a scan.
"""

_REMEMBERED = 4096
"""Points of masses and the like, times nodes of pulls, whose counts are kept from one call to the next."""


@dataclass(frozen=True)
class ProfiledPoints:
    """The likelihood at parameter points, pulls profiled.

    Attributes
    ----------
    chi2 : array
        Of the broadcast shape of the parameters.
    pulls : mapping of str to array
        Best pulls, each of the same shape.
    """

    chi2: FloatArray
    pulls: Mapping[str, FloatArray]


@dataclass(frozen=True, eq=False)
class Likelihood:
    """chi^2 of one or several experiments as a function of model parameters.

    Parameters
    ----------
    model : str, Interaction or Model
        What is tested.
    experiments : Experiment or sequence of Experiment
        One, or several whose chi^2 add.
    shared : sequence of str
        Parts of nuisances that the experiments have in common, such as ``"sns_flux"``; none by default.

    Raises
    ------
    InputError
        If there is no experiment, one is given twice, or a shared name is unknown.
    """

    model: Model
    experiments: tuple[Experiment, ...]
    shared: tuple[str, ...]
    _kept: dict[str, Any]

    def __init__(
        self,
        model: str | Interaction | Model,
        experiments: Experiment | Sequence[Experiment],
        *,
        shared: Sequence[str] = (),
    ) -> None:
        """Check the arguments."""
        experiments = (experiments,) if isinstance(experiments, Experiment | str) else tuple(experiments)
        for one in experiments:
            if not isinstance(one, Experiment):
                raise InputError("experiments", one, "experiments, as cevns.experiment(name) gives them")
        data = {experiment.config.name for experiment in experiments}
        if not experiments or len(data) < len(experiments):
            names = [experiment.name for experiment in experiments]
            raise InputError(
                "experiments", names, "one or more experiments, each once and in one analysis, with a name of its own"
            )
        shared = (shared,) if isinstance(shared, str) else tuple(shared)
        known = shared_widths(experiments)
        for name in shared:
            if name not in known:
                raise InputError("shared", name, known or "nothing (no nuisance of these experiments can be shared)")
        object.__setattr__(self, "model", as_model(model))
        object.__setattr__(self, "experiments", experiments)
        object.__setattr__(self, "shared", shared)
        object.__setattr__(self, "_kept", {})

    @property
    def subject(self) -> str:
        """Model and experiments, for messages."""
        return f"{self.model.name} from {', '.join(one.name for one in self.experiments)}"

    def __repr__(self) -> str:
        """One line, without the arrays."""
        shared = "".join(f", {name} in common" for name in self.shared)
        return f"<Likelihood of {self.subject}: {self.ndata} bins, {len(self.pulls)} pulls{shared}>"

    def __reduce__(self) -> tuple[partial[Likelihood], tuple[Model, tuple[Experiment, ...]]]:
        """Pickle by the arguments: what was computed on the way is computed again."""
        return partial(Likelihood, shared=self.shared), (self.model, self.experiments)

    @cached_property
    def groups(self) -> tuple[tuple[tuple[int, ...], Measurement], ...]:
        """Experiments that have pulls in common, by index, with their measurement; groups profile independently."""
        widths = shared_widths(self.experiments)
        single = [measurement(experiment, self.shared, widths) for experiment in self.experiments]
        members: list[set[int]] = []
        for index, one in enumerate(single):
            linked = [g for g in members if any(set(one.pulls) & set(single[i].pulls) for i in g)]
            members = [g for g in members if g not in linked] + [{index}.union(*linked)]
        ordered = sorted(tuple(sorted(g)) for g in members)
        return tuple((group, combine([single[i] for i in group])) for group in ordered)

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        """What profiling needs to know of the pulls of each group."""
        return tuple(Setting(data) for _, data in self.groups)

    @cached_property
    def _templates(self) -> tuple[Templates, ...]:
        return tuple(Templates(experiment) for experiment in self.experiments)

    @property
    def pulls(self) -> tuple[str, ...]:
        """Names of the nuisance parameters."""
        return tuple(name for _, group in self.groups for name in group.pulls)

    @property
    def ndata(self) -> int:
        """Number of bins."""
        return sum(experiment.observed.size for experiment in self.experiments)

    @property
    def citations(self) -> tuple[str, ...]:
        """INSPIRE keys of the model and of the data."""
        keys = (*self.model.citations, *(key for e in self.experiments for key in e.citations))
        return tuple(dict.fromkeys(keys))

    @property
    def alone(self) -> tuple[Likelihood, ...]:
        """The likelihood of each experiment alone; none if there is no other."""
        return tuple(Likelihood(self.model, one) for one in self.experiments) if len(self.experiments) > 1 else ()

    def __call__(self, **parameters: object) -> FloatArray:
        """Profiled chi^2, of the broadcast shape of the parameters; see `profiled`."""
        return self.profiled(**parameters).chi2

    def profiled(self, **parameters: object) -> ProfiledPoints:
        """Profiled chi^2 and best pulls.

        Parameters
        ----------
        **parameters
            Model parameters: numbers or arrays that broadcast. There is no loop over points, only over chunks of them.

        Raises
        ------
        InputError
            If a parameter is unknown, missing or out of range.
        NumericalError
            If the pulls of a point did not converge; the message names the point.
        """
        values = self.model.complete(parameters)
        shape = common_shape(values)
        chi2 = np.zeros(int(np.prod(shape)))
        pulls = np.zeros((len(self.pulls), chi2.size))
        for points, signals in self._signals(values, shape):
            first = 0
            for (group, data), setting in zip(self.groups, self.settings, strict=True):
                result = profile_varied(data, _joint(data, [signals[i] for i in group]), setting)
                if not result.converged.all():
                    worst = points[int(np.flatnonzero(~result.converged)[0])]
                    at = {k: float(np.broadcast_to(v, shape).ravel()[worst]) for k, v in values.items()}
                    raise NumericalError(f"profiling of the pulls did not converge at {at} for {self.model.name}")
                chi2[points] += result.chi2
                pulls[first : first + len(data.pulls), points] = result.pulls.T
                first += len(data.pulls)
        return ProfiledPoints(
            chi2.reshape(shape),
            {name: row.reshape(shape) for name, row in zip(self.pulls, pulls, strict=True)},
        )

    def signals(self, **parameters: object) -> list[FloatArray]:
        """Expected neutrino events of each experiment, shape (parameters..., bin), without pulls."""
        values = self.model.complete(parameters)
        shape = common_shape(values)
        chunks = [[signal.neutrinos for signal in signals] for _, signals in self._signals(values, shape)]
        return [np.concatenate(each).reshape(*shape, -1) for each in zip(*chunks, strict=True)]

    def joint_signals(self, **parameters: object) -> list[JointSignal]:
        """Signal of each group of experiments, in the order of `groups`, at the flattened points of the parameters."""
        values = self.model.complete(parameters)
        chunks = [signals for _, signals in self._signals(values, common_shape(values))]
        whole = [
            Signal(each[0].templates, np.concatenate([s.spectra for s in each])) for each in zip(*chunks, strict=True)
        ]
        return [_joint(data, [whole[i] for i in group]) for group, data in self.groups]

    def parts(self, pulls: Mapping[str, FloatArray], **parameters: object) -> list[dict[str, FloatArray]]:
        """Expected counts of each experiment that depend on the point, at values of the pulls that vary them.

        Parameters
        ----------
        pulls : mapping of str to array
            Values by name, zero if absent; they broadcast against the parameters.
        **parameters
            Model parameters.

        Returns
        -------
        list of dict
            For each experiment the parts of its signal and the backgrounds that move with the beam, by name; shape
            (..., energy bin, time bin). Pulls that scale them are not applied.
        """
        values = self.model.complete(parameters)
        shape = common_shape({**values, **pulls})
        flat = {name: np.broadcast_to(value, shape).ravel() for name, value in pulls.items()}
        chunks = [
            [signal.at({name: value[points] for name, value in flat.items()}) for signal in signals]
            for points, signals in self._signals(values, shape)
        ]
        return [
            {
                part: np.concatenate([chunk[i][:, k] for chunk in chunks]).reshape(*shape, *experiment.observed.shape)
                for k, part in enumerate(signal_parts(experiment))
            }
            for i, experiment in enumerate(self.experiments)
        ]

    def at_pulls(self, pulls: FloatArray, **parameters: object) -> FloatArray:
        """chi^2 at given pulls, not profiled.

        Parameters
        ----------
        pulls : array, shape (..., pull)
            In the order of `pulls`; the other axes broadcast against the parameters.
        **parameters
            Model parameters.
        """
        values = self.model.complete(parameters)
        shape = np.broadcast_shapes(common_shape(values), pulls.shape[:-1])
        flat = np.broadcast_to(pulls, (*shape, pulls.shape[-1])).reshape(-1, pulls.shape[-1])
        chi2 = np.zeros(len(flat))
        for points, signals in self._signals(values, shape):
            first = 0
            for group, data in self.groups:
                chosen = flat[points, first : first + len(data.pulls)]
                signal = _joint(data, [signals[i] for i in group]).at(chosen[:, data.varied])
                chi2[points] += data.chi2(signal, chosen)
                first += len(data.pulls)
        return chi2.reshape(shape)

    def _signals(
        self, values: Mapping[str, FloatArray], shape: tuple[int, ...]
    ) -> Iterator[tuple[NDArray[np.intp], list[Signal]]]:
        """Chunks of points, by flat index, with the signal of each experiment there."""
        shapes = {name: v for name, v in values.items() if name in self.model.shapes}
        shapes_shape = common_shape(shapes)
        every = np.reshape(
            [np.broadcast_to(v, shapes_shape) for v in shapes.values()], (len(shapes), int(np.prod(shapes_shape)))
        )
        distinct, numbers = np.unique(every, axis=1, return_inverse=True)
        forms, places = self._forms(dict(zip(shapes, distinct, strict=True)))
        shape_point = np.broadcast_to(places[numbers].reshape(shapes_shape), shape).ravel()
        couplings = {n: np.broadcast_to(v, shape).ravel() for n, v in values.items() if n not in shapes}
        total = int(np.prod(shape))
        for points in np.array_split(np.arange(total), -(-total // _CHUNK)):
            here = {name: v[points] for name, v in couplings.items()}
            at = shape_point[points]
            yield (
                points,
                [
                    Signal.of(templates, len(points), form.at(at).counts(here))
                    for templates, form in zip(self._templates, forms, strict=True)
                ],
            )

    def remembering(self) -> Likelihood:
        """The same likelihood, which keeps counts at points of masses and the like from one call to the next.

        It saves time where the same points come again in other calls. The last digits of its values depend on the calls
        before: where counts are integrated over energies, the nodes are those of all points of a call.
        """
        return _Remembering(self.model, self.experiments, shared=self.shared)

    def _forms(self, shapes: Mapping[str, FloatArray]) -> tuple[list[RateForm], NDArray[np.intp]]:
        """The counts of each experiment at its nodes as a function of couplings, and where in them the points are.

        They are kept until the shapes change.
        """
        key = tuple((name, values.tobytes()) for name, values in shapes.items())
        kept = self._kept.get("forms")
        if kept is None or kept[0] != key:
            kept = key, [templates.form(self.model, shapes) for templates in self._templates]
            # Key and forms together, so that another thread sees both or neither.
            self._kept["forms"] = kept
        return kept[1], np.arange(max((len(values) for values in shapes.values()), default=1))


class _Remembering(Likelihood):
    def _forms(self, shapes: Mapping[str, FloatArray]) -> tuple[list[RateForm], NDArray[np.intp]]:
        points = list(zip(*(values.tolist() for values in shapes.values()), strict=True)) or [()]
        known, forms = self._kept.get("forms", ({}, []))
        new = [number for number, point in enumerate(points) if point not in known]
        if len(known) + len(new) > _REMEMBERED // max(len(templates.rates) for templates in self._templates):
            known, forms, new = {}, [], list(range(len(points)))
        if new:
            there = {name: values[new] for name, values in shapes.items()}
            found = [templates.form(self.model, there) for templates in self._templates]
            forms = [old.and_then(one) for old, one in zip(forms, found, strict=True)] if known else found
            known = known | {points[number]: len(known) + place for place, number in enumerate(new)}
            self._kept["forms"] = known, forms
        return forms, np.array([known[point] for point in points])


def _joint(data: Measurement, signals: Sequence[Signal]) -> JointSignal:
    return JointSignal(signals, data.parts, tuple(data.ranges))
