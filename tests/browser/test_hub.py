"""Two people at the hub of this repository: each has a server, a kernel and a copy of the lessons of their own."""

from contextlib import ExitStack

import pytest

from vaelib.panels import autoencoder_panel

from .hub import HubUser
from .lab import Lab
from .lessons import assert_answers, assert_shows

NOTEBOOK = "01_elbo.ipynb"
PATH = f"notebooks/{NOTEBOOK}"

pytestmark = [pytest.mark.browser, pytest.mark.full, pytest.mark.timeout(240)]  # two servers start


@pytest.fixture(scope="module")
def labs(browser, hub):
    """Lesson 1 with all its cells run, at two people."""
    with ExitStack() as opened:
        labs = [opened.enter_context(Lab(browser, HubUser(hub, name))) for name in ("ada", "ben")]
        for lab in labs:
            assert lab.server.sign_in(lab.page).endswith("/lab/tree/notebooks/00_tour.ipynb")
            lab.open(PATH)
            lab.run_all()
        yield labs


def test_a_slider_moves_the_panel_of_its_owner_only(labs):
    panels = [lab.panel() for lab in labs]
    for panel in panels:
        assert_shows(panel, autoencoder_panel)
    for mine, other, key in [(*panels, "Home"), (*reversed(panels), "End")]:
        before, untouched = mine.picture_address(), (other.picture_address(), other.status_text())
        mine.press("scale", key)
        assert_answers(mine, autoencoder_panel, before)
        assert (other.picture_address(), other.status_text()) == untouched
    assert panels[0].readout("scale") != panels[1].readout("scale")
    assert [lab.new_errors() for lab in labs] == [[], []]


def test_a_kernel_computes_on_one_thread(labs):
    for lab in labs:
        assert lab.ask_kernel("__import__('os').environ['OPENBLAS_NUM_THREADS']") == "'1'"


def test_what_one_saves_the_other_does_not_get(labs):
    ada, ben = labs
    original = ben.cells()[0]["source"]
    ada.write_and_save("written by ada")
    ben.open(PATH)
    assert ben.cells()[0]["source"] == original
    ada.open(PATH)
    assert ada.cells()[0]["source"] == "written by ada"


def test_a_restart_keeps_what_was_saved(browser, hub):
    with Lab(browser, HubUser(hub, "eve")) as lab:
        lab.server.sign_in(lab.page)
        lab.open(PATH)
        lab.write_and_save("written before the restart")
        lab.server.restart(lab.page)
        lab.open(PATH)
        assert lab.cells()[0]["source"] == "written before the restart"
