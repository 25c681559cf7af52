"""A lesson in other hands: as it is stored, all cells twice, a restart in the middle, another kernel."""

from collections import Counter

import nbformat
import pytest

from vaelib import ready
from vaelib.panels import elbo_panel

from .lab import Lab
from .lessons import (
    LESSONS,
    PANELS,
    SHOWN,
    assert_a_burst_ends_with_the_last_values,
    assert_answers,
    assert_shows,
    at,
    notebook_with,
    offline,
    sliders,
)
from .server import OTHERS

pytestmark = pytest.mark.browser

ELBO = "01_elbo.ipynb"


@pytest.fixture
def class_kernel(server):
    with server.kernel("class", "Python of the class"):
        yield


@pytest.fixture
def one_panel(server):
    """The name of a notebook that shows one panel."""
    nbformat.write(notebook_with(elbo_panel), server.root / "one_panel.ipynb")
    return "one_panel.ipynb"


def copied(server, notebook, change):
    """The name of a copy of the lesson, after `change`, that JupyterLab can open."""
    copy = nbformat.read(server.root / notebook, as_version=4)
    change(copy)
    name = f"{change.__name__}_{notebook}"
    nbformat.write(copy, server.root / name)
    return name


def panels_alone(notebook):
    """The first two code cells and those that show a panel, with their stored outputs."""
    ready, imports, *others = [cell for cell in notebook.cells if cell.cell_type == "code"]
    notebook.cells = [ready, imports, *(cell for cell in others if SHOWN.search(cell.source))]


def for_a_kernel_elsewhere(notebook):
    notebook.metadata.kernelspec.update(name="another", display_name="Another")


def for_the_class(notebook):
    notebook.metadata.kernelspec.update(name="class", display_name="Python of the class")


def assert_stored_pictures_are_there(lab, notebook):
    for make in LESSONS[notebook].values():
        picture = lab.saved_picture(f"{make.__name__}()")
        picture.wait_for()
        assert picture.evaluate("picture => picture.naturalWidth") > 0
    assert lab.page.locator(".vaelib-panel").count() == 0
    assert lab.new_errors() == []


def assert_new_panels_answer(lab, makes):
    """Every panel of the notebook is as it is at first, and answers a key; nothing went wrong on the way."""
    for number, make in makes.items():
        panel = lab.panel(number)
        assert_shows(panel, make)
        before = panel.picture_address()
        panel.press(sliders(make)[0], "ArrowRight")
        assert_answers(panel, make, before)
    assert lab.new_errors() == []


def test_every_panel_is_in_one_lesson():
    assert Counter(make for makes in LESSONS.values() for make in makes.values()) == Counter(PANELS)


def test_panels_as_they_are_stored_then_a_restart_in_the_middle_then_all_cells(lab, server):
    lab.open(copied(server, ELBO, panels_alone))
    assert_stored_pictures_are_there(lab, ELBO)
    assert lab.page.get_by_text(ready.NO_SLIDERS).is_visible()
    lab.select("elbo_panel()")
    lab.execute("run-all-above")
    lab.execute("restart-kernel", asks=True)
    left, first = lab.panel(), LESSONS[ELBO][0]
    said = at(first).summary()
    left.press(sliders(first)[0], "ArrowRight")
    assert left.wait_for(left.status_text, lambda text: text != said, seconds=0.5) == said
    assert left.is_disconnected()
    assert lab.new_errors() == []
    lab.run_all()
    assert_new_panels_answer(lab, LESSONS[ELBO])
    assert not lab.page.get_by_text(ready.NO_SLIDERS).is_visible()


@pytest.mark.full
def test_a_kernel_that_is_not_here(lab, server, one_panel):
    lab.open(copied(server, one_panel, for_a_kernel_elsewhere), kernel="Python 3 (ipykernel)")
    assert lab.kernel_name() == "python3"
    lab.run_all()
    assert_new_panels_answer(lab, {0: elbo_panel})


@pytest.mark.full
def test_a_kernel_that_is_not_here_and_a_choice_of_two(lab, server, one_panel, class_kernel):
    lab.open(copied(server, one_panel, for_a_kernel_elsewhere), kernel="Python of the class")
    assert lab.kernel_name() == "class"
    lab.run_all()
    assert_new_panels_answer(lab, {0: elbo_panel})


@pytest.mark.full
def test_a_kernel_of_another_name(lab, server, one_panel, class_kernel):
    lab.open(copied(server, one_panel, for_the_class))
    assert lab.kernel_name() == "class"
    lab.run_all()
    assert_new_panels_answer(lab, {0: elbo_panel})


@pytest.mark.full
def test_a_restart_that_runs_the_cells_up_to_the_selected_one(lab):
    lab.open(ELBO)
    lab.run_all()
    lab.select("elbo_panel()")
    lab.execute("restart-and-run-to-selected", asks=True)
    assert_new_panels_answer(lab, LESSONS[ELBO])


@pytest.mark.full
@pytest.mark.timeout(300)  # the cells of lessons 8 and 9 train for half a minute
@pytest.mark.parametrize("notebook", LESSONS)
def test_every_lesson_as_it_is_stored_and_then_all_cells_one_of_them_twice(lab, notebook):
    lab.open(notebook)
    assert_stored_pictures_are_there(lab, notebook)
    for _ in range(2 if notebook == ELBO else 1):
        lab.run_all()
        assert_new_panels_answer(lab, LESSONS[notebook])
    assert [output for output in lab.outputs() if output["output_type"] == "error"] == []
    for number, make in LESSONS[notebook].items():
        assert_a_burst_ends_with_the_last_values(lab.panel(number), make)
    assert lab.new_errors() == []


@pytest.mark.full
@pytest.mark.parametrize("setting", OTHERS)
def test_the_lesson_with_the_most_knobs_under_the_other_settings(browser, server, setting):
    """And on a screen of double density."""
    notebook = max(LESSONS, key=lambda name: sum(len(offline(make).knobs) for make in LESSONS[name].values()))
    server.comms_over_subshells(setting)
    with Lab(browser, server, scale=2) as lab:
        lab.open(notebook)
        assert lab.comms_over_subshells() == setting
        lab.run_all()
        assert_new_panels_answer(lab, LESSONS[notebook])
        for number, make in LESSONS[notebook].items():
            assert_a_burst_ends_with_the_last_values(lab.panel(number), make)
        assert lab.new_errors() == []
