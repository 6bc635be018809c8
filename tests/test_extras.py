from __future__ import annotations

import math
import sys

import pytest

from cevns import InputError
from cevns.extras import optional


def test_what_is_installed_is_imported() -> None:
    assert optional("math", "pyhf") is math


def test_what_is_absent_is_named_with_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "math", None)
    with pytest.raises(InputError, match=r"math: got .*; allowed: pip install 'cevns\[pyhf\]'"):
        optional("math", "pyhf")
