"""From an official data release to the tables of an experiment, in the binning of the analysis or in another."""

from cevns.io.releases.importing import RELEASES, compare_with_release, import_release, release_hashes, verify_release
from cevns.io.releases.tables import Release

__all__ = [
    "RELEASES",
    "Release",
    "compare_with_release",
    "import_release",
    "release_hashes",
    "verify_release",
]
