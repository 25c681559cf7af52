"""Two students at one server, moved over the wire as benchmarks/classroom.py does it."""

import asyncio

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from benchmarks.student import Student
from browser.server import JupyterLabServer
from vaelib.panels import training_panel

pytestmark = pytest.mark.full  # of a tool for measuring

LESSON = "from vaelib.panels import training_panel\n\npanel = training_panel()\npanel"


@pytest.fixture
def students(tmp_path):
    nbformat.write(new_notebook(cells=[new_code_cell(LESSON)]), tmp_path / "small.ipynb")
    with JupyterLabServer(tmp_path, tmp_path / "jupyterlab") as server:
        yield Student(server), Student(server)


async def three_moves(student):
    await student.start_kernel()
    await student.run("small.ipynb")
    before = student.position
    pictures = [await student.move() for _ in range(3)]
    assert student.position == before + 3
    right = await student.is_right(training_panel())
    await student.stop_kernel()
    return pictures, right


def test_each_move_has_its_picture_and_each_panel_the_right_sentence(students):
    async def together():
        return await asyncio.gather(*map(three_moves, students))

    for pictures, right in asyncio.run(together()):
        assert len({picture.arrived for picture in pictures}) == 3
        assert min(picture.size for picture in pictures) > 10_000
        assert right
