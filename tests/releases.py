"""Where the official releases are."""

from __future__ import annotations

DIRECTORIES = {"conus-plus": "conusplus_2025", "dresden-ii": "dresden2_2022", "lz-er-2024": "lz_er"}
"""Directories of ../shared/data that are not named like the experiment."""


def release_directory(name: str) -> str:
    """Directory of the release of an experiment in ../shared/data."""
    return DIRECTORIES.get(name, name.replace("-", "_"))
