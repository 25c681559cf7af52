"""Every lesson keeps the rules of anatomy.py, and nbval notices when a stored number is wrong."""

import copy
import re
import subprocess
import sys

import nbformat
import pytest

import anatomy

LESSONS = anatomy.lessons()
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=[lesson.path.stem for lesson in LESSONS])


def test_there_are_lessons():
    assert LESSONS


@each_lesson
@pytest.mark.parametrize("rule", anatomy.RULES, ids=[rule.__name__ for rule in anatomy.RULES])
def test_lesson_keeps_the_rule(lesson, rule):
    complaints = rule(lesson)
    assert not complaints, "\n".join([lesson.path.name, *complaints])


def test_a_function_is_defined_in_one_lesson_only():
    assert anatomy.repeated_functions(LESSONS) == []


def test_nbval_refuses_a_changed_number(tmp_path):
    notebook, printed = up_to_the_first_number(LESSONS[0].notebook)
    assert nbval(notebook, tmp_path / "stored.ipynb").returncode == 0
    printed.text = re.sub(r"\d(?=\D*$)", lambda digit: str((int(digit[0]) + 1) % 10), printed.text)
    result = nbval(notebook, tmp_path / "changed.ipynb")
    assert result.returncode == 1
    assert "1 failed" in result.stdout


def test_nbval_runs_a_notebook_whose_kernel_is_not_here(tmp_path):
    notebook, _ = up_to_the_first_number(LESSONS[0].notebook)
    notebook.metadata.kernelspec.update(name="another", display_name="Another")
    assert nbval(notebook, tmp_path / "another.ipynb").returncode == 0


def up_to_the_first_number(notebook):
    """A copy that ends with the first cell that prints a number, and that output."""
    notebook = copy.deepcopy(notebook)
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and re.search(r"\d", output.text):
                notebook.cells = notebook.cells[: index + 1]
                return notebook, output
    pytest.fail("no cell prints a number")


def nbval(notebook, path):
    nbformat.write(notebook, path)
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider", path.name]
    return subprocess.run(command, cwd=path.parent, capture_output=True, text=True, timeout=120)
