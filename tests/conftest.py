from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import cevns
from cevns import Experiment
from tests.disks import own_directory

# The same examples on every machine, and no limit on how long one takes.
settings.register_profile("physics", deadline=None, derandomize=True)
settings.load_profile("physics")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session", autouse=True)
def heed_interrupts() -> None:
    """Here and in processes that tests start; a shell that runs the tests in its background has them ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Directory next to the repository with the official releases and the reference numbers."""
    if not SHARED.is_dir():
        pytest.skip("needs the directory 'shared' next to the repository (official releases, reference numbers)")
    return SHARED


@pytest.fixture(scope="session")
def csi() -> Experiment:
    return cevns.experiment("coherent-csi-2021")


@pytest.fixture(scope="session")
def lar() -> Experiment:
    return cevns.experiment("coherent-lar-2020")


@pytest.fixture
def writable_by_us(tmp_path: Path) -> Iterator[Path]:
    """A directory that the system would not let us write to if its mode forbade it, even if the tests run as root."""
    with own_directory(tmp_path) as directory:
        yield directory
