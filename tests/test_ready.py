"""The first cell of a lesson: one sentence for what is missing or too old, and silence where all is well."""

import subprocess
import sys
from importlib import metadata

import nbformat
import pytest

import anatomy
from tools.notebooks import NOTEBOOKS, WIDGET_VIEW, CellFailed, execute
from vaelib import ready

LESSONS = [anatomy.tour(), *(lesson for lesson in anatomy.lessons() if lesson.path != anatomy.PYTORCH)]
FIRST_CELL = LESSONS[0].code_cells[0].source
HIDE_TORCH = """from importlib import metadata
def distribution(name, known=metadata.distribution):
    if name == "torch":
        raise metadata.PackageNotFoundError(name)
    return known(name)
metadata.distribution = distribution"""


class Installed:
    """A distribution of another version."""

    def __init__(self, version, requires=()):
        self.version, self.requires = version, list(requires)


@pytest.fixture
def install(monkeypatch):
    """Pretend that these versions are installed, None for not at all."""

    def pretend(**versions):
        def distribution(name, known=metadata.distribution):
            if name not in versions:
                return known(name)
            if versions[name] is None:
                raise metadata.PackageNotFoundError(name)
            return Installed(versions[name])

        monkeypatch.setattr(metadata, "distribution", distribution)

    return pretend


def test_here_all_is_ready_and_a_page_without_widgets_says_what_to_do():
    data = ready.check()._repr_mimebundle_()
    assert WIDGET_VIEW in data and data["text/plain"] == ready.NO_SLIDERS


@pytest.mark.parametrize("name", ["numpy", "matplotlib", "ipywidgets", "pillow", "packaging"])
def test_every_package_that_vaelib_needs_is_asked_for(install, name):
    install(**{name: None})
    with pytest.raises(ready.NotReady, match=rf"^{name} is not installed for this kernel: run `pip [^\n]+\.$"):
        ready.check()


def test_a_package_that_is_too_old_is_named_with_what_is_needed(install):
    install(numpy="1.26.4")
    with pytest.raises(
        ready.NotReady, match=r"^numpy is 1\.26\.4, and the course needs numpy>=2\.0: run `pip [^\n]+\.$"
    ):
        ready.check()


def test_a_package_that_is_newer_is_welcome(install):
    install(numpy="99.0", matplotlib="4.0rc1")
    ready.check()


def test_packages_of_the_extras_are_not_asked_for(install):
    install(scipy=None, playwright=None, pytest=None)
    ready.check()


@pytest.mark.pinned  # with any version in a lesson's first cell: below
def test_the_notebook_shows_the_sentence_alone(tmp_path):
    source = "from vaelib import ready\nraise ready.NotReady('One sentence.')"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    with pytest.raises(CellFailed):
        execute(notebook, tmp_path)
    assert notebook.cells[0].outputs[0].traceback == ["One sentence."]


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """The folder of the notebook, in which a kernel looks for modules."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    return tmp_path


@pytest.mark.parametrize("name", ready.MODULES.split())
@pytest.mark.parametrize("file", ["{}.py", "{}/__init__.py"])
def test_a_file_that_hides_a_package_is_named(beside, monkeypatch, name, file):
    hiding = beside / file.format(name)
    hiding.parent.mkdir(exist_ok=True)
    hiding.write_text("raise AssertionError('imported')")
    monkeypatch.delitem(sys.modules, name, raising=False)
    with pytest.raises(ready.NotReady) as refusal:
        ready.check()
    assert str(refusal.value) == f"{hiding} hides the package {name}: rename it, then restart the kernel."


def test_other_files_of_the_reader_hide_nothing(beside):
    for name in ("random", "html", "data", "style", "check", "test", "typing"):
        (beside / f"{name}.py").touch()
    ready.check()


def test_all_that_a_kernel_loads_for_the_course_is_looked_for():
    source = "import sys, ipykernel.kernelapp; known = set(sys.modules)\n"
    source += "import vaelib.panels, vaelib.lessons.collapse.check\n"
    source += "print(*{name.split('.')[0] for name in sys.modules.keys() - known if sys.modules[name].__spec__})"
    loaded = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout.split()
    assert {"numpy", "PIL"} <= set(loaded) - {"vaelib"} - sys.stdlib_module_names <= {*ready.MODULES.split()}


def test_a_kernel_beside_a_numpy_of_the_readers_own_shows_the_sentence_alone(tmp_path):
    for name in ("numpy", "html", "threading"):
        (tmp_path / f"{name}.py").write_text("raise AssertionError('imported')")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(FIRST_CELL)])
    with pytest.raises(CellFailed):
        execute(notebook, tmp_path)
    (sentence,) = notebook.cells[0].outputs[0].traceback
    assert sentence == f"{tmp_path / 'numpy.py'} hides the package numpy: rename it, then restart the kernel."


def test_beside_a_vaelib_of_the_readers_own_the_first_cell_names_it(tmp_path):
    (tmp_path / "vaelib.py").touch()
    error = subprocess.run([sys.executable, "-c", FIRST_CELL], cwd=tmp_path, capture_output=True, text=True).stderr
    assert error.splitlines()[-1].endswith(f": rename {tmp_path / 'vaelib.py'}, then restart the kernel.")


def test_without_vaelib_the_first_cell_says_in_its_last_line_what_to_do():
    without_packages = [sys.executable, "-I", "-S", "-c", FIRST_CELL]
    error = subprocess.run(without_packages, capture_output=True, text=True).stderr
    assert error.splitlines()[-1] == f"ImportError: No module named 'vaelib': {ready.REMEDY}"


def test_every_lesson_begins_with_the_same_cell():
    assert {lesson.code_cells[0].source for lesson in LESSONS} == {FIRST_CELL}


def test_the_lesson_that_needs_torch_begins_with_nearly_the_same_cell():
    first = anatomy.read(anatomy.PYTORCH).code_cells[0].source
    assert first == FIRST_CELL.partition("\n")[2].replace("ready.check()", 'ready.check_extra("torch")')


@pytest.mark.pinned
def test_an_extra_that_is_installed_is_not_mentioned(capsys):
    ready.check_extra("numpy")
    assert capsys.readouterr().out == ""


def test_without_torch_the_first_cell_says_so_in_one_sentence_and_the_others_do_nothing():
    """But for what the learner then tries in order to install it."""
    notebook = anatomy.read(anatomy.PYTORCH).notebook
    notebook.cells.insert(0, nbformat.v4.new_code_cell(HIDE_TORCH))
    notebook.cells.append(nbformat.v4.new_code_cell("%pwd"))
    execute(notebook, NOTEBOOKS)
    _, first, *others, tried = (cell.outputs for cell in notebook.cells if cell.cell_type == "code")
    command = '`pip install -e ".[torch]"` (on Linux the one in README.md, for a far smaller build)'
    remedy = f"run {command} in the folder of the course, then restart the kernel."
    assert first[0].text == f"torch is not installed for this kernel: {remedy}\n"
    assert not any(others) and str(NOTEBOOKS) in tried[0].data["text/plain"]
