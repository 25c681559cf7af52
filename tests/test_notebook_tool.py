"""tools/notebooks.py: executes, stores one normal form, and says which cell failed."""

import base64
import io
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import tools.notebooks
from tools.notebooks import CellFailed, execute, normalise, serialise, without_text

DRAWING = """\
from io import BytesIO
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

class Picture:
    def __repr__(self):
        return "picture"
    def _repr_png_(self):
        figure = Figure(figsize=(1, 1))
        figure.add_subplot().plot([1, 2, 4])
        FigureCanvasAgg(figure).print_png(file := BytesIO())
        return file.getvalue()

Picture()
"""


def small_notebook():
    return new_notebook(
        cells=[
            new_markdown_cell("# Größe \t\n\ntext  \n", id="small-01", metadata={"editable": True}),
            new_code_cell("for number in range(3):\n    print(number, flush=True)", id="small-02"),
            new_code_cell(DRAWING, id="small-03", metadata={"tags": ["slot-see"], "collapsed": True}),
            new_code_cell("from ipywidgets import IntSlider\nIntSlider(7)", id="small-04"),
        ]
    )


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """The small notebook as a file, executed and in normal form."""
    path = tmp_path_factory.mktemp("small") / "01_small.ipynb"
    path.write_text(serialise(normalise(execute(small_notebook(), path.parent))), encoding="utf-8")
    return path


def run_tool(*arguments, folder):
    command = [sys.executable, tools.notebooks.__file__, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


@pytest.mark.full
def test_a_second_run_writes_the_same_bytes(stored):
    first = stored.read_bytes()
    result = run_tool(stored.name, folder=stored.parent)
    assert (result.returncode, result.stdout) == (0, "01_small.ipynb: unchanged\n"), result.stderr
    assert stored.read_bytes() == first


@pytest.mark.full
def test_check_names_an_outdated_notebook_and_writes_nothing(tmp_path):
    path = tmp_path / "01_small.ipynb"
    text = serialise(new_notebook(cells=[new_code_cell("print(3)", id="small-01")]))
    path.write_text(text, encoding="utf-8")
    result = run_tool("--check", path.name, folder=tmp_path)
    assert (result.returncode, result.stdout) == (1, "01_small.ipynb: would change\n"), result.stderr
    assert path.read_text(encoding="utf-8") == text
    result = run_tool(path.name, folder=tmp_path)
    assert (result.returncode, result.stdout) == (0, "01_small.ipynb: written\n"), result.stderr
    assert path.read_text(encoding="utf-8") != text


def test_the_stored_form(stored):
    text = stored.read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    title, loop, drawing, slider = notebook.cells
    assert [cell.id for cell in notebook.cells] == ["small-01", "small-02", "small-03", "small-04"]
    assert title.source == "# Größe\n\ntext" and "Größe" in text
    assert [title.metadata, drawing.metadata] == [{}, {"tags": ["slot-see"]}]
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert [cell.execution_count for cell in (loop, drawing, slider)] == [1, 2, 3]
    assert [output.text for output in loop.outputs] == ["0\n1\n2\n"]
    assert set(slider.outputs[0].data) == {"text/plain"}
    assert Image.open(io.BytesIO(base64.b64decode(drawing.outputs[0].data["image/png"]))).info.get("Software") is None


@pytest.mark.full
def test_a_cell_that_raises_is_named(tmp_path):
    notebook = new_notebook(cells=[new_code_cell("two = 2", id="small-01"), new_code_cell("1 / 0", id="small-02")])
    with pytest.raises(CellFailed, match="cell small-02 raised ZeroDivisionError: division by zero"):
        execute(notebook, tmp_path)


@pytest.mark.full
def test_a_failing_notebook_ends_the_tool_with_one_sentence(tmp_path):
    path = tmp_path / "01_small.ipynb"
    path.write_text(serialise(new_notebook(cells=[new_code_cell("1 / 0", id="small-01")])), encoding="utf-8")
    before = path.read_bytes()
    result = run_tool(path.name, folder=tmp_path)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1] == "01_small.ipynb: cell small-01 raised ZeroDivisionError: division by zero"
    assert path.read_bytes() == before


def test_a_notebook_that_needs_what_is_not_installed_is_left_as_it_is(tmp_path, monkeypatch, capsys):
    path = tmp_path / "10_small.ipynb"
    path.write_text("not even read", encoding="utf-8")
    monkeypatch.setitem(tools.notebooks.NEEDS, path.name, "no_such_package")
    monkeypatch.setattr(sys, "argv", ["notebooks.py", str(path)])
    with pytest.raises(SystemExit) as end:
        tools.notebooks.main()
    assert not end.value.code and path.read_text(encoding="utf-8") == "not even read"
    assert capsys.readouterr().out == "10_small.ipynb: left as it is, no_such_package is not installed\n"


def test_text_leaves_a_png_and_the_pixels_stay():
    picture = Image.effect_noise((8, 8), 64)
    words = PngInfo()
    words.add_text("Software", "a drawing program")
    picture.save(with_words := io.BytesIO(), "png", pnginfo=words)
    bare = Image.open(io.BytesIO(without_text(with_words.getvalue())))
    assert "Software" not in bare.info
    assert bare.tobytes() == picture.tobytes()
