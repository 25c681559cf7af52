"""Every lesson keeps the rules of anatomy.py, and what differs from a stored result is noticed when it runs."""

import base64
import copy
import io
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from PIL import Image

import anatomy

ROOT = Path(__file__).resolve().parents[1]
LESSONS, TOUR = anatomy.lessons(), anatomy.tour()
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=[lesson.path.stem for lesson in LESSONS])


def test_there_are_lessons():
    assert LESSONS


@pytest.mark.pinned
@each_lesson
@pytest.mark.parametrize("rule", anatomy.RULES, ids=[rule.__name__ for rule in anatomy.RULES])
def test_lesson_keeps_the_rule(lesson, rule):
    complaints = rule(lesson)
    assert not complaints, "\n".join([lesson.path.name, *complaints])


@pytest.mark.pinned
@pytest.mark.parametrize("rule", anatomy.TOUR_RULES, ids=[rule.__name__ for rule in anatomy.TOUR_RULES])
def test_the_tour_keeps_its_rule(rule):
    complaints = rule(TOUR)
    assert not complaints, "\n".join(complaints)


@pytest.mark.pinned
def test_the_tour_prints_what_the_original_printed_line_by_line():
    first_part = next(index for index, cell in enumerate(TOUR.cells) if "slot-terms" in anatomy.tags(cell))
    printed = [
        output.text
        for cell in TOUR.cells[first_part:]
        for output in cell.get("outputs", [])
        if output.output_type == "stream"
    ]
    assert "".join(printed) == (ROOT / "tests" / "original_output.txt").read_text(encoding="utf-8")


@pytest.mark.pinned
def test_the_map_of_the_tour_has_every_lesson_and_its_minutes():
    rows = re.findall(r"^\| .+\? \| \[(\d+) · [^\]]+\]\((\S+)\) \| (\d+) \|$", TOUR.cells[-1].source, re.MULTILINE)
    assert rows == [(lesson.path.stem[:2].lstrip("0"), lesson.path.name, anatomy.minutes(lesson)) for lesson in LESSONS]


@pytest.mark.pinned
def test_a_function_is_defined_in_one_lesson_only():
    assert anatomy.repeated_functions(LESSONS) == []


@pytest.mark.full
def test_a_changed_number_a_changed_picture_and_a_wrong_solution_are_noticed_and_nothing_else(tmp_path):
    """With a kernel of a name that is not here."""
    notebook = copy.deepcopy(LESSONS[0].notebook)
    notebook.metadata.kernelspec.update(name="another", display_name="Another")
    printed = next(cell for cell in notebook.cells if prints_a_number(cell))
    printed.outputs[0].text = re.sub(
        r"\d(?=\D*$)", lambda digit: str((int(digit[0]) + 1) % 10), printed.outputs[0].text
    )
    drawn = next(cell for cell in notebook.cells if png_of(cell))
    drawn.outputs[0].data["image/png"] = brightened(png_of(drawn))
    solved = next(cell for cell in notebook.cells if "<summary>Solution" in cell.source)
    solved.source = solved.source.replace("return ", "return 2 * ")
    nbformat.write(notebook, tmp_path / "01_changed.ipynb")
    command = [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "-p", "conftest", "-q", "-n0", tmp_path]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=90)
    failed = re.findall(r"^FAILED \S+::(.+?) - ", result.stdout, re.MULTILINE)
    starter = notebook.cells[notebook.cells.index(solved) - 1]
    numbers = [cell.execution_count - 1 for cell in (printed, drawn, starter)]
    assert failed == [f"Cell {numbers[0]}", f"Cell {numbers[1]}", f"Cell {numbers[2]}, solved"], result.stdout


def prints_a_number(cell):
    return any(output.output_type == "stream" and re.search(r"\d", output.text) for output in cell.get("outputs", []))


def png_of(cell):
    return next(
        (output.data["image/png"] for output in cell.get("outputs", []) if "image/png" in output.get("data", {})), ""
    )


def brightened(png):
    """The same picture but for one pixel."""
    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGBA")
    picture.putpixel((7, 7), (255, 255, 254, 255))
    picture.save(file := io.BytesIO(), format="png")
    return base64.b64encode(file.getvalue()).decode()
