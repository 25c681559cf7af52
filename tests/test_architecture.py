"""The layers and sizes of vaelib, read from its source: data flows down the table and never back up."""

import ast
import functools
import re
import sys
from pathlib import Path

import pytest

VAELIB = Path(__file__).resolve().parents[1] / "vaelib"

MATHS = [
    "domain",
    "data",
    "gaussian",
    "model",
    "objective",
    "gradients",
    "training",
    "exact",
    "diagnostics",
    "adam",
    "quadrature",
    "directions",
    "curved_model",
    "best_normal",
    "curve",
    "two_heaps",
    "encoder_decoder",
    "network",
]
EXERCISES, PICTURES = ["check", "verdict", "answer"], ["pictures", "densities", "decoder", "images"]

# All that a module may import besides domain, numpy and the standard library.
MAY_IMPORT = {
    "__init__": [],
    "domain": [],
    "data": [],
    "gaussian": [],
    "model": [],
    "objective": ["gaussian", "model"],
    "gradients": ["model"],
    "training": ["model", "objective", "gradients"],
    "exact": ["gaussian", "model"],
    "diagnostics": ["gaussian", "model"],
    "adam": [],
    "quadrature": [],
    "directions": ["objective", "training", "adam"],
    "curved_model": ["gaussian"],
    "best_normal": ["gaussian", "curved_model", "quadrature"],
    "curve": ["gaussian", "data", "objective", "training", "adam", "quadrature", "curved_model", "best_normal"],
    "two_heaps": [],
    "encoder_decoder": ["gaussian", "objective"],
    "network": ["objective", "training", "adam", "quadrature", "encoder_decoder"],
    "ready": ["IPython", "ipywidgets", "packaging"],
    "canvas": ["matplotlib"],
    "style": ["matplotlib", "canvas"],
    "live": ["canvas", "ipywidgets", "traitlets", "PIL"],
    "exercises": ["lessons", *MATHS],
    "pictures": ["lessons", "matplotlib", "style", *MATHS],
    "lessons": ["style", "live", *MATHS],
    "panels": ["lessons"],
}
EVERYWHERE = {"domain", "numpy"} | sys.stdlib_module_names

pytestmark = pytest.mark.pinned

FILE_LINES_MAX = 220
FUNCTION_LINES_MAX = 45
DOCSTRING_LINES_MAX = 10
MATHS_LINES_MAX = 1852
HELPER_LINES_MAX, LESSONS_LINES_MAX = 2732, 3741
NAMES_THAT_SAY_NOTHING = {"utils", "helpers", "common"}
PYPLOT = {"pyplot", "pylab"}
DOCUMENTED = ast.FunctionDef | ast.ClassDef

FILES = sorted(VAELIB.rglob("*.py"))


def module_of(file):
    """What the table calls a file: training for training.py, live for live/knobs.py, lessons for a lesson's panel."""
    if "lessons" in file.relative_to(VAELIB).parts:
        return "exercises" if file.stem in EXERCISES else "pictures" if file.stem in PICTURES else "lessons"
    return file.relative_to(VAELIB).parts[0].removesuffix(".py")


@functools.cache
def tree_of(file):
    return ast.parse(file.read_text(encoding="utf-8"))


def imported_names(file):
    """Full dotted names, wherever in the file they are imported: vaelib.model.encode, numpy, ..."""
    package = ("vaelib", *file.relative_to(VAELIB).parent.parts)
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            origin = package[: len(package) + 1 - node.level] if node.level else ()
            prefix = ".".join([*origin, *filter(None, [node.module])])
            yield from (f"{prefix}.{alias.name}" for alias in node.names)


def layer(name):
    """What the table calls an imported name: the module inside vaelib, or the package outside it."""
    first, *rest = name.split(".")
    return rest[0] if first == "vaelib" and rest else first


def line_count(file):
    return len(file.read_text(encoding="utf-8").splitlines())


def offenders(faults):
    """The files that have faults, with what `faults` says of each."""
    found = {str(file.relative_to(VAELIB)): faults(file) for file in FILES}
    return {file: fault for file, fault in found.items() if fault}


def test_each_file_imports_only_what_the_table_allows():
    def not_allowed(file):
        own = module_of(file)
        return [name for name in imported_names(file) if layer(name) not in {own, *MAY_IMPORT[own], *EVERYWHERE}]

    assert offenders(not_allowed) == {}


def test_no_room_knows_another():
    def of_others(file):
        own = file.relative_to(VAELIB).parts[1:-1]
        rooms = {path.name for path in (VAELIB / "lessons").iterdir() if path.is_dir()} - {*own}
        return [name for name in imported_names(file) if re.match(rf"vaelib\.lessons\.({'|'.join(rooms)})\b", name)]

    assert offenders(lambda file: of_others(file) if file.name != "panels.py" else []) == {}


def test_pyplot_is_nowhere():
    assert offenders(lambda file: [name for name in imported_names(file) if PYPLOT & set(name.split("."))]) == {}


def test_each_file_is_small_and_named_after_something():
    assert offenders(lambda file: max(line_count(file) - FILE_LINES_MAX, 0)) == {}
    assert offenders(lambda file: file.stem in NAMES_THAT_SAY_NOTHING) == {}


def test_functions_are_short():
    def long(file):
        functions = [node for node in ast.walk(tree_of(file)) if isinstance(node, ast.FunctionDef)]
        lengths = {node.name: node.end_lineno - node.lineno + 1 for node in functions}
        return {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES_MAX}

    assert offenders(long) == {}


def test_public_names_have_a_docstring():
    def without(file):
        public = [node for node in tree_of(file).body if isinstance(node, DOCUMENTED) and not node.name.startswith("_")]
        return [node.name for node in public if not ast.get_docstring(node)]

    assert offenders(without) == {}


def test_docstrings_are_short():
    def long(file):
        documented = [node for node in ast.walk(tree_of(file)) if isinstance(node, DOCUMENTED)]
        docstrings = {node.name: ast.get_docstring(node) or "" for node in documented}
        return [name for name, text in docstrings.items() if len(text.splitlines()) > DOCSTRING_LINES_MAX]

    assert offenders(long) == {}


def test_the_maths_the_helper_module_and_the_lessons_stay_readable():
    of_lessons = [file for file in FILES if "lessons" in file.relative_to(VAELIB).parts]
    assert sum(line_count(file) for file in FILES if module_of(file) in MATHS) <= MATHS_LINES_MAX
    assert sum(line_count(file) for file in FILES if file not in of_lessons) <= HELPER_LINES_MAX
    assert sum(map(line_count, of_lessons)) <= LESSONS_LINES_MAX


@pytest.mark.parametrize(
    "statement, name",
    [
        ("import matplotlib.pyplot as plt", "matplotlib.pyplot"),
        ("from vaelib.model import encode", "vaelib.model.encode"),
        ("from ..model import encode", "vaelib.model.encode"),
        ("from .. import model", "vaelib.model"),
        ("from . import densities", "vaelib.lessons.densities"),
        ("def late():\n    import torch", "torch"),
    ],
)
def test_every_way_to_import_is_read(statement, name, tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "VAELIB", tmp_path)
    (tmp_path / "lessons").mkdir()
    file = tmp_path / "lessons" / "runs.py"
    file.write_text(statement)
    assert list(imported_names(file)) == [name]
    assert module_of(file) == "lessons"
