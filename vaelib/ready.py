"""What stands between a reader and a live lesson, said in one sentence: a package that is missing or too old, a file of
the reader's that bears a package's name, a page that cannot show sliders."""

from importlib import metadata, util
from pathlib import Path

# A kernel looks for these beside the notebook first, unlike the standard library.
MODULES = "numpy matplotlib mpl_toolkits PIL ipywidgets packaging cycler dateutil kiwisolver pyparsing fontTools"
MODULES += " cffi defusedxml"  # of older Pillows
REMEDY = "run `pip install -r requirements.txt` in the folder of the course, then restart the kernel."
NO_SLIDERS = (
    "This page shows stored pictures and no sliders. To move them, run the lesson in JupyterLab; if you have and still "
    "read this, install jupyterlab_widgets where JupyterLab runs and reload the page."
)


class NotReady(ImportError):
    """The sentence tells what to do; a notebook shows it alone, without the lines of code that led there."""

    def _render_traceback_(self):
        return [str(self)]


class Ready:
    """A line that says whether this page shows sliders: the live widget where it can, and its absence elsewhere."""

    def _repr_mimebundle_(self, include=None, exclude=None):
        from ipywidgets import HTML

        return HTML("Ready: in this page the sliders are live.")._repr_mimebundle_() | {"text/plain": NO_SLIDERS}


def check():
    """-> `Ready`, for the end of a cell. NotReady if a package that vaelib requires is missing, hidden or too old."""
    _refuse_hidden(MODULES.split())
    _require("", REMEDY)
    return Ready()


def check_extra(package):
    """Say in one sentence if this package, the extra of vaelib that bears its name, is missing, hidden or too old.

    The cells that follow then do nothing, but for lines that begin with ! or %, until the kernel is restarted. NotReady
    as in `check`, for without the other packages no lesson runs.
    """
    check()
    command = f'-e ".[{package}]"` (on Linux the one in README.md, for a far smaller build)'
    remedy = REMEDY.replace("-r requirements.txt`", command)
    try:
        _refuse_hidden([package])
        _installed(package, remedy)  # what vaelib requires may have been written down before there was this extra
        _require(package, remedy)
    except NotReady as sentence:
        from IPython import get_ipython

        get_ipython().input_transformers_cleanup.append(_commands_alone)
        print(sentence)


def _commands_alone(lines):
    """What is left of a cell: nothing, or the `%pip install` that somebody tries."""
    return [line for line in lines if line.startswith(("!", "%"))]


def _refuse_hidden(modules):
    for name in modules:
        found = util.find_spec(name)
        if found and found.origin in map(str, (Path.cwd() / f"{name}.py", Path.cwd() / name / "__init__.py")):
            raise NotReady(f"{found.origin} hides the package {name}: rename it, then restart the kernel.")


def _require(extra, remedy):
    """What vaelib requires, and what this extra of it does, in the version that is needed."""
    from packaging.requirements import Requirement

    for requirement in map(Requirement, _installed("vaelib", remedy).requires):
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            version = _installed(requirement.name, remedy).version
            if not requirement.specifier.contains(version, prereleases=True):
                needed = f"{requirement.name}{requirement.specifier}"
                raise NotReady(f"{requirement.name} is {version}, and the course needs {needed}: {remedy}")


def _installed(name, remedy):
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        raise NotReady(f"{name} is not installed for this kernel: {remedy}") from None
