from __future__ import annotations

import numpy as np
import pytest

from cevns.nuclear import scalar_charges


def test_quarks_add_up() -> None:
    up, down, both = (np.array(scalar_charges(*pair)) for pair in ((1.0, 0.0), (0.0, 1.0), (2.0, -3.0)))
    np.testing.assert_allclose(2.0 * up - 3.0 * down, both, rtol=1e-13)
    assert up[0] == pytest.approx(938.272 * 0.0208 / 2.2, rel=1e-12, abs=0.0)
    assert down[1] == pytest.approx(939.565 * 0.0451 / 4.7, rel=1e-12, abs=0.0)
