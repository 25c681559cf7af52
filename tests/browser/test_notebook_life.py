"""A lesson in other hands: another kernel, no outputs, all cells twice, a restart in the middle."""

import nbformat
import pytest

from .lab import Lab
from .lessons import LESSONS, assert_answers, assert_says, sentence

pytestmark = pytest.mark.browser

BY_DEFAULT = "perCommTarget"
THREAD_PER_WIDGET = "perComm"
ELBO, REPARAMETERIZATION, *_, COLLAPSE = LESSONS


@pytest.fixture
def lab(browser, server):
    """An empty page of a JupyterLab that has no settings of its own."""
    server.comms_over_subshells(BY_DEFAULT)
    with Lab(browser, server) as lab:
        yield lab


@pytest.fixture
def class_kernel(server):
    with server.kernel("class", "Python of the class"):
        yield


def copied(server, notebook, change):
    """The name of a copy of the lesson, after `change`, that JupyterLab can open."""
    copy = nbformat.read(server.root / notebook, as_version=4)
    change(copy)
    name = f"{change.__name__}_{notebook}"
    nbformat.write(copy, server.root / name)
    return name


def for_a_kernel_elsewhere(notebook):
    notebook.metadata.kernelspec.update(name="another", display_name="Another")


def for_the_class(notebook):
    notebook.metadata.kernelspec.update(name="class", display_name="Python of the class")


def cleared(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)


def assert_new_panels_answer(lab, notebook):
    """Every panel of the lesson is as it is at first, and answers a key; nothing went wrong on the way."""
    for number, live in enumerate(LESSONS[notebook]):
        panel = lab.panel(number)
        assert_says(panel, sentence(live.make))
        before = panel.picture_address()
        panel.press(live.sliders[0], "ArrowRight")
        assert_answers(panel, live, before)
    assert lab.new_errors() == []


def test_a_kernel_that_is_not_here(lab, server):
    lab.open(copied(server, REPARAMETERIZATION, for_a_kernel_elsewhere), kernel="Python 3 (ipykernel)")
    assert lab.kernel_name() == "python3"
    lab.run_all()
    assert_new_panels_answer(lab, REPARAMETERIZATION)


def test_a_kernel_that_is_not_here_and_a_choice_of_two(lab, server, class_kernel):
    lab.open(copied(server, REPARAMETERIZATION, for_a_kernel_elsewhere), kernel="Python of the class")
    assert lab.kernel_name() == "class"
    lab.run_all()
    assert_new_panels_answer(lab, REPARAMETERIZATION)


def test_a_kernel_of_another_name(lab, server, class_kernel):
    lab.open(copied(server, REPARAMETERIZATION, for_the_class))
    assert lab.kernel_name() == "class"
    lab.run_all()
    assert_new_panels_answer(lab, REPARAMETERIZATION)


@pytest.mark.parametrize(
    "notebook, subshells", [*((notebook, BY_DEFAULT) for notebook in LESSONS), (COLLAPSE, THREAD_PER_WIDGET)]
)
def test_without_outputs_all_cells_run_twice(lab, server, notebook, subshells):
    server.comms_over_subshells(subshells)
    lab.open(copied(server, notebook, cleared))
    for _ in range(2):
        lab.run_all()
        assert_new_panels_answer(lab, notebook)


def test_a_restart_in_the_middle(lab):
    lab.open(ELBO)
    lab.select("elbo_panel()")
    lab.execute("run-all-above")
    lab.execute("restart-kernel", asks=True)
    left, first = lab.panel(), LESSONS[ELBO][0]
    left.press(first.sliders[0], "ArrowRight")
    assert left.wait_for(left.status_text, lambda text: text != sentence(first.make), seconds=1) == sentence(first.make)
    assert left.is_disconnected()
    assert lab.new_errors() == []
    lab.run_all()
    assert_new_panels_answer(lab, ELBO)
    lab.select("elbo_panel()")
    lab.execute("restart-and-run-to-selected", asks=True)
    assert_new_panels_answer(lab, ELBO)
