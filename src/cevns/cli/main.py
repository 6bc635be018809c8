"""The command ``cevns``: its group, and how errors become exit codes."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Final

import click

from cevns.errors import CevnsError, InputError, meant

_COMMANDS: Final = {
    "limits": ("limits", "Limits on a coupling, for one or many models."),
    "intervals": ("intervals", "Intervals of one parameter of a model."),
    "profile": ("profile", "chi^2 as a function of one parameter."),
    "contour": ("contour", "Regions of two parameters of a model."),
    "predict": ("predict", "Expected counts of a model."),
    "fit": ("fit", "Fit the parameters of a model and all pulls."),
    "sample": ("sample", "Sample a posterior of parameters and pulls."),
    "forecast": ("forecast", "Expected limits, against anything that an experiment consists of."),
    "toys": ("toys", "Pseudo-data: p-values, Feldman-Cousins, expected limits, coverage."),
    "scan": ("scan", "chi^2 on a grid of parameters, resumable, on many processes."),
    "run": ("run", "What a run card says."),
    "explore": ("explore", "A page on which models are moved over the data."),
    "reproduce": ("reproduce", "Published tables, ours beside theirs, and figures."),
    "list": ("catalogue", "Names of models, experiments, papers."),
    "show": ("catalogue", "What is known under a name."),
    "cite": ("catalogue", "References of models and experiments."),
    "export": ("export", "Likelihoods for pyhf, results for HEPData."),
    "data": ("data", "Check the shipped data, or remake it from a release."),
}
"""Module and summary of each command; a module is imported when its command runs."""


class _LazyGroup(click.Group):
    """A group that imports a command when it is used, so that help costs nothing."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"cevns.cli.{_COMMANDS[name][0]}"), f"{name}_command")
        return command

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if arguments[0] in _COMMANDS:
            return super().resolve_command(context, arguments)
        raise click.UsageError(f"No such command {arguments[0]!r}{meant(arguments[0], _COMMANDS)}", context)

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cevns")
def cli() -> None:
    """CEvNS: from a Lagrangian to a limit."""


def main() -> None:
    """Run the command line; exit code 0 done, 1 a computation failed, 2 wrong input."""
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        click.echo("interrupted", err=True)
        sys.exit(130)
    except InputError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    except CevnsError as error:
        click.echo(f"failed: {error}", err=True)
        sys.exit(1)
    except OSError as error:
        click.echo(f"failed: {error.filename or 'output'}: {error.strerror or error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
