"""Configuration of the documentation."""

from __future__ import annotations

import re
from importlib import metadata
from typing import TYPE_CHECKING

from jupyter_client import KernelManager

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "cevns"
author = "the cevns developers"
project_copyright = author
release = metadata.version("cevns")
version = release.partition(".dev")[0]

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_click",
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]
default_role = "code"

myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

# Tutorials run whenever they are built; what fails there, or warns, ends the build.
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_output_stderr = "error"
nb_merge_streams = True
# Kernels of notebooks warn of connections that others on the machine could listen to.
KernelManager.transport_encryption.default_value = "auto"

autodoc_member_order = "bysource"
autodoc_type_aliases = {name: name for name in ("FloatArray", "Scalar", "JSON", "FormFactor")}
autodoc_typehints_format = "short"
napoleon_numpy_docstring = True
napoleon_google_docstring = False
napoleon_use_ivar = True

html_theme = "pydata_sphinx_theme"
html_title = f"cevns {version}"
html_show_sourcelink = False
html_theme_options = {
    "github_url": "https://github.com/cevns/cevns",
    "navigation_with_keys": False,
    "show_toc_level": 2,
}

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True


def _prepare_docstring(_app: Sphinx, _what: str, _name: str, _obj: object, _options: object, lines: list[str]) -> None:
    """Make numpy docstrings what napoleon expects.

    An example at the end becomes a section, or it would belong to the section above it; the bars of |q| are escaped,
    which reStructuredText would read as a substitution.
    """
    for number, line in enumerate(lines):
        if not line.startswith(">>>"):
            pieces = re.split(r"(``.*?``)", line)
            lines[number] = "".join(p if p.startswith("``") else p.replace("|", r"\|") for p in pieces)
    for number, line in enumerate(lines):
        if line.startswith(">>>"):
            lines[number:number] = ["Examples", "--------"]
            return


def _plain_aliases(
    _app: Sphinx, _what: str, _name: str, _obj: object, _options: object, signature: str | None, returns: str | None
) -> tuple[str | None, str | None]:
    """Write the type aliases by name where they are arguments of another type."""
    plain = (text and re.sub(r"TypeAliasForwardRef\('(\w+)'\)", r"\1", text) for text in (signature, returns))
    first, second = plain
    return first, second


def setup(app: Sphinx) -> None:
    """Connect the hooks above, the first one to run before napoleon."""
    app.connect("autodoc-process-docstring", _prepare_docstring, priority=400)
    app.connect("autodoc-process-signature", _plain_aliases)
