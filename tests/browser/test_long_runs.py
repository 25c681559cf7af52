"""A panel whose picture takes half a second, in a page: what a hand sees of it while it grows, and what a cell gets."""

from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

import learner
from small_panels import Growing
from tools.notebooks import METADATA

from .lab import EXECUTE, running
from .lessons import assert_draws, assert_says
from .server import BY_DEFAULT, OTHERS

pytestmark = pytest.mark.browser

CELLS = (
    f"import sys, time\nsys.path.append({str(Path(learner.__file__).parent)!r})\nfrom small_panels import Growing",
    "slow = lambda: time.sleep(0.01)\ngrowing = Growing(slow)\ngrowing.panel",
    "another = Growing(slow).panel\nanother",
)
BUSY, ASSIGNS, SETS = "time.sleep(1.5)", "growing.panel.knobs['height'].value = 4.0", "growing.panel.set(height=3.0)"
BREAKS, MENDS = "growing.fault = ZeroDivisionError('no more')", "growing.fault = None"

# Every sentence and every picture of the panel from now on, and whether it offered to stop.
WATCH = """root => {
    const picture = () => root.querySelector("img.widget-image").src;
    const said = () => root.querySelector(".vaelib-status").innerText;
    const offersStop = () => [...root.querySelectorAll(".widget-button")]
        .some((button) => button.checkVisibility() && button.innerText.includes("stop"));
    const seen = root.seen = { pictures: [picture()], sentences: [said()], offeredStop: offersStop() };
    root.watching?.disconnect();
    root.watching = new MutationObserver(() => {
        if (picture() !== seen.pictures.at(-1)) seen.pictures.push(picture());
        if (said() !== seen.sentences.at(-1)) seen.sentences.push(said());
        seen.offeredStop ||= offersStop();
    });
    root.watching.observe(root, { subtree: true, childList: true, attributeFilter: ["src", "style"] });
}"""


@pytest.fixture(scope="module", params=[BY_DEFAULT, *(pytest.param(way, marks=pytest.mark.full) for way in OTHERS)])
def page(request, browser, server):
    """A page with two panels that take long, under one of JupyterLab's settings."""
    cells = [new_code_cell(source) for source in (*CELLS, BUSY, ASSIGNS, SETS, BREAKS, MENDS)]
    notebook = new_notebook(cells=cells, metadata=METADATA)
    with running(browser, server, notebook, "long_runs.ipynb", request.param) as lab:
        yield lab


@pytest.fixture
def panel(page):
    """The first of them, as it was at first and at rest; nothing goes wrong unseen."""
    panel = page.panel()
    panel.click("reset")
    assert_is_finished(panel, height=2.0)
    yield panel
    assert page.new_errors() == []


def assert_is_finished(panel, **values):
    """The page says and draws what a cell gets for these values."""
    expected = Growing().panel
    expected.set(**values)
    assert_says(panel, expected.summary())
    assert_draws(panel, learner.png_of(expected))
    stop(panel).wait_for(state="hidden")


def stop(panel):
    """The run's; the play button has one of its own."""
    return panel.root.locator(".widget-button", has_text="stop")


def watch(panel):
    panel.root.evaluate(WATCH)


def seen(panel):
    """The addresses of the pictures, and the sentences, since the watch began."""
    return panel.root.evaluate("root => [root.seen.pictures, root.seen.sentences]")


def is_under_way(sentence):
    return sentence.startswith("At ")


def run_cell(page, source):
    page.select(source)
    page.execute("run-cell")


def begin_cell(page, source):
    """Runs a cell without waiting for it; it is running when this returns."""
    page.select(source)
    page.page.evaluate(EXECUTE, "notebook:run-cell")
    page.page.wait_for_function("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'busy'")


def test_a_hand_sees_it_grow_to_the_picture_of_a_cell(panel):
    watch(panel)
    panel.press("height", "ArrowRight")
    assert is_under_way(panel.wait_for(panel.status_text, is_under_way))
    assert_is_finished(panel, height=2.5)
    assert panel.root.evaluate("root => root.seen.offeredStop")
    pictures, (before, *under_way, after) = seen(panel)
    assert (before, after) == ("The level is 2.00 high.", "The level is 2.50 high.")
    assert len(under_way) >= 3 and all(map(is_under_way, under_way)), under_way
    assert len(pictures) >= 4


def test_the_last_of_many_moves_is_shown(panel):
    for key in ("End", *6 * ["ArrowLeft"]):
        panel.press("height", key)
    panel.press("tilt", "ArrowRight", times=3)
    assert_is_finished(panel, height=7.0, tilt=3)


def test_a_stop_ends_it_where_it_is_and_the_next_move_is_worked_through(panel):
    panel.press("height", "ArrowRight")
    panel.wait_for(panel.status_text, is_under_way)
    stop(panel).click()
    said = panel.wait_for(panel.status_text, lambda text: text.startswith("Stopped at "))
    assert said.startswith("Stopped at ")
    stop(panel).wait_for(state="hidden")
    picture = panel.png()
    assert panel.wait_for(panel.status_text, lambda text: text != said, seconds=0.3) == said
    assert panel.png() == picture
    panel.press("height", "ArrowRight")
    assert_is_finished(panel, height=3.0)


def test_two_panels_grow_at_once(page, panel):
    other = page.panel(1)
    watch(panel)
    watch(other)
    panel.press("height", "Home")
    other.press("height", "End")
    assert_is_finished(panel, height=1.0)
    assert_is_finished(other, height=10.0)
    for each in (panel, other):
        assert len(list(filter(is_under_way, seen(each)[1]))) >= 2
    other.click("reset")
    assert_is_finished(other, height=2.0)


def test_while_a_cell_runs_a_move_waits_and_then_the_newest_is_shown(page, panel):
    watch(panel)
    begin_cell(page, BUSY)
    panel.press("height", "End")
    panel.press("height", "ArrowLeft", times=2)
    assert page.page.evaluate("() => commandEnded") is False
    assert len(seen(panel)[1]) == 1
    page.page.wait_for_function("() => commandEnded")
    assert_is_finished(panel, height=9.0)
    begun = [sentence.removeprefix("At 2%: ") for sentence in seen(panel)[1] if sentence.startswith("At 2%: ")]
    assert begun[-1] == "The level is 0.18 high."
    assert "The level is 0.19 high." not in begun, "JupyterLab may have sent the first move, and keeps the others back"


@pytest.mark.parametrize("cell, height", [(ASSIGNS, 4.0), (SETS, 3.0)])
def test_a_cell_gets_the_finished_picture_even_in_the_middle_of_a_run(page, panel, cell, height):
    panel.press("height", "End")
    panel.wait_for(panel.status_text, is_under_way)
    watch(panel)
    run_cell(page, cell)
    assert page.ask_kernel("growing.panel.summary()") == repr(f"The level is {height:.2f} high.")
    assert_is_finished(panel, height=height)
    _, sentences = seen(panel)
    assert sentences[-1] == f"The level is {height:.2f} high."
    assert not any(f"At 2%: The level is {height * 0.02:.2f}" in sentence for sentence in sentences)


def test_an_error_is_said_and_raised_in_the_next_cell_that_sets(page, panel):
    run_cell(page, BREAKS)
    panel.press("height", "ArrowRight")
    assert_says(panel, "ZeroDivisionError: no more")
    assert page.new_errors() == []
    run_cell(page, MENDS)
    run_cell(page, SETS)
    assert page.new_errors() == ["ZeroDivisionError: no more"]
    run_cell(page, SETS)
    assert_is_finished(panel, height=3.0)


def test_after_a_restart_new_panels_grow(page):
    left = page.panel()
    left.press("height", "ArrowRight")
    page.execute("restart-kernel", asks=True)
    assert left.is_disconnected()
    page.run_all()
    panel = page.panel()
    assert_is_finished(panel, height=3.0)
    watch(panel)
    panel.press("height", "ArrowRight")
    assert_is_finished(panel, height=3.5)
    assert any(map(is_under_way, seen(panel)[1]))
