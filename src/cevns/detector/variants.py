"""On the way from a nominal efficiency or quenching to its variants."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from cevns.detector.efficiency import Curve, Sigmoid, TabulatedEfficiency
from cevns.detector.quenching import Quenching
from cevns.errors import InputError
from cevns.typing import FloatArray

Value = TypeVar("Value", float, FloatArray)


def _parabola(position: float, nominal: Value, up: Value, down: Value) -> Value:
    """The parabola through ``down`` at -1, ``nominal`` at 0 and ``up`` at +1."""
    return nominal + position * (up - down) / 2.0 + position**2 * ((up + down) / 2.0 - nominal)


def between(nominal: Curve, up: Curve, down: Curve, position: float) -> Curve:
    """The efficiency on the way between variants: ``down`` at position -1, ``nominal`` at 0, ``up`` at +1.

    The parameters of a sigmoid, or the values of a table, follow the parabola through the three.

    Raises
    ------
    InputError
        If the three are not of one kind, with the same steps or the same signals.
    """
    if isinstance(nominal, Sigmoid) and isinstance(up, Sigmoid) and isinstance(down, Sigmoid):
        if nominal.steps == up.steps == down.steps:
            changed = {
                name: _parabola(position, *(getattr(curve, name) for curve in (nominal, up, down)))
                for name in ("scale", "slope", "midpoint", "offset")
            }
            return replace(nominal, **changed)
    elif isinstance(nominal, TabulatedEfficiency):
        tables = [
            c for c in (up, down) if isinstance(c, TabulatedEfficiency) and np.array_equal(c.signal, nominal.signal)
        ]
        if len(tables) == 2:
            values = _parabola(position, nominal.efficiency, *(table.efficiency for table in tables))
            return TabulatedEfficiency(nominal.signal, np.clip(values, 0.0, 1.0))
    raise InputError(
        "efficiency", "variants", "variants of the kind of the nominal curve, with the same steps or the same signals"
    )


@dataclass(frozen=True)
class QuenchingBetween:
    """On the way between models of the quenching: E_ee follows the parabola through the three at each recoil energy.

    Attributes
    ----------
    nominal, up, down : Quenching
        The models at 0, 1 and -1.
    position : float
        Where to be.
    """

    nominal: Quenching
    up: Quenching
    down: Quenching
    position: float

    def __call__(self, recoil_energy: FloatArray) -> FloatArray:
        """Electron-equivalent energy [keVee] of recoils T [MeV]."""
        return _parabola(self.position, *(one(recoil_energy) for one in (self.nominal, self.up, self.down)))
