"""Types shared by the whole package."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
"""Array of double precision numbers."""

Scalar: TypeAlias = float | FloatArray
"""A number or an array of numbers: parameters broadcast."""

JSON: TypeAlias = dict[str, Any]
"""A JSON object."""
