#!/usr/bin/env -S uv run --script

# /// script
# dependencies = ["nox>=2025.2.9"]
# ///

"""Test, lint, type and documentation sessions in isolated environments."""

from __future__ import annotations

from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"

PYPROJECT = nox.project.load_toml("pyproject.toml")
PYTHON_VERSIONS = nox.project.python_versions(PYPROJECT)
LOWEST_PYTHON = PYTHON_VERSIONS[0]


def install_locked(session: nox.Session) -> None:
    """Install the development lock and the package."""
    session.install("--require-hashes", "-r", "requirements-dev.lock")
    session.install("--no-build-isolation", "--no-deps", "-e", ".")


@nox.session(default=True)
def tests(session: nox.Session) -> None:
    """Run the tests with coverage."""
    install_locked(session)
    session.run("pytest", "--cov", "--mpl", "--numprocesses=logical", *session.posargs)


@nox.session(default=True)
def lint(session: nox.Session) -> None:
    """Check style, formatting and repository layout."""
    install_locked(session)
    session.run("ruff", "check", ".", *session.posargs)
    session.run("ruff", "format", "--check", ".")
    session.run("repo-review", ".")


@nox.session(default=True)
def types(session: nox.Session) -> None:
    """Check the types."""
    install_locked(session)
    session.run("mypy", *session.posargs)


@nox.session(default=True)
def docs(session: nox.Session) -> None:
    """Build the documentation."""
    install_locked(session)
    session.run("sphinx-build", "-W", "--keep-going", "-b", "html", *session.posargs, "docs", "docs/_build/html")


@nox.session(python=LOWEST_PYTHON, default=False)
def lowest(session: nox.Session) -> None:
    """Run the tests with the oldest supported version of each direct dependency."""
    requirements = Path(session.create_tmp()) / "lowest.txt"
    session.install("uv")
    session.run(
        *("uv", "pip", "compile", "--quiet", "--resolution", "lowest-direct"),
        *("--python-version", LOWEST_PYTHON, "--group", "test", "pyproject.toml"),
        *("--output-file", str(requirements)),
        silent=True,
    )
    session.install("-r", str(requirements))
    session.install("--no-deps", "-e", ".")
    # Old releases may use what newer releases of their own dependencies deprecate.
    session.run("pytest", "-W", "ignore::DeprecationWarning", *session.posargs)


if __name__ == "__main__":
    nox.main()
