"""How the handbook is built: `python -m sphinx -W docs docs/_build/html`. Nothing is downloaded, no example is run.

`-D plot_gallery=1` runs the examples, too, and puts their figures and what they print on their pages.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sphinx.application import Sphinx

import selective_firing

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext")]

project = "selective_firing"
author = "The selective_firing developers"
project_copyright = author
version = release = selective_firing.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_parser",
    "api_pages",
    "generated",  # tables, help and equations, read off the package as the pages are built
    "lesson_figures",
    "mathml",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build", "_ext", "examples", "reference/counted_claims.md"]  # the last is part of a page
smartquotes = False  # what is quoted is mostly code
default_role = "py:obj"  # `name` in a docstring is a link where there is something of that name

myst_enable_extensions = ["deflist", "dollarmath", "attrs_block", "colon_fence"]
myst_heading_anchors = 3
myst_dmath_double_inline = True

autosummary_generate = True
autodoc_typehints = "none"  # numpydoc's sections say the types in words
autodoc_default_options = {"members": True, "inherited-members": False}
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
add_module_names = False

plot_gallery = "False"  # examples are run by tests; -D plot_gallery=1 runs them here
has_gallery = any((HERE / "examples").glob("plot_*.py"))
if has_gallery:
    extensions.append("sphinx_gallery.gen_gallery")
    sphinx_gallery_conf = {
        "examples_dirs": "examples",
        "gallery_dirs": "gallery",
        "filename_pattern": r"plot_",
        "within_subsection_order": "FileNameSortKey",
        "remove_config_comments": True,
        "download_all_examples": False,
        "show_memory": False,
        "write_computation_times": False,  # its pages would load scripts from elsewhere
        "show_signature": False,
        "min_reported_time": 0,
    }

html_theme = "furo"
html_title = f"selective_firing {release}"
html_static_path = ["_static"]
html_css_files = ["handbook.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#005f94", "color-brand-content": "#005f94"},
    "dark_css_variables": {"color-brand-primary": "#7cc4f2", "color-brand-content": "#7cc4f2"},
}


def setup(app: Sphinx) -> None:
    """Leave the gallery out of the table of contents where there are no examples."""
    if not has_gallery:
        app.connect("source-read", lambda _, name, text: text.__setitem__(0, text[0].replace("gallery/index\n", "")))
