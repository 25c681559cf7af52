"""What a screen reader says of a panel, by the browser's own accessibility tree, and what a narrow window shows."""

import pytest

from vaelib.panels import training_panel

from .lab import VIEWPORT, running
from .lessons import assert_says, assert_shows, at, notebook_with

NOTEBOOK = "spoken.ipynb"
AT_FIRST = {"beta": "1", "recon_var": "0.3", "lr": "0.025", "position": "100"}

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def lab(browser, server):
    with running(browser, server, notebook_with(training_panel), NOTEBOOK) as lab:
        yield lab


@pytest.fixture
def panel(lab):
    panel = lab.panel()
    panel.click("reset")
    assert_shows(panel, training_panel)
    yield panel
    lab.page.set_viewport_size(VIEWPORT)
    assert lab.new_errors() == []


def names(panel, role):
    """The names of all that has this role, as the browser hands them to a screen reader."""
    tree = panel.page.context.new_cdp_session(panel.page).send("Accessibility.getFullAXTree")
    nodes = [node for node in tree["nodes"] if not node["ignored"] and node["role"]["value"] == role]
    return [node["name"]["value"] for node in nodes]


def assert_sliders_say(panel, wanted):
    """The browser's tree names them; what is said instead of the index of a notch it does not list (156)."""
    assert panel.wait_for(lambda: names(panel, "slider"), [*wanted].__eq__) == [*wanted]
    for name, text in wanted.items():
        slider = panel.root.get_by_role("slider", name=name, exact=True)
        said = panel.wait_for(lambda slider=slider: slider.get_attribute("aria-valuetext"), text.__eq__)
        assert said == text


def test_a_slider_says_its_name_and_its_number(panel):
    assert_sliders_say(panel, AT_FIRST)
    panel.press("beta", "ArrowRight")
    panel.press("position", "ArrowLeft")
    assert_sliders_say(panel, AT_FIRST | {"beta": "1.1", "position": "99"})


def test_the_text_of_the_picture_follows_it(panel):
    for position, key in ((100, "End"), (0, "Home")):
        panel.press("position", key)
        wanted = at(training_panel, position=position).summary()
        assert wanted in panel.wait_for(lambda: names(panel, "image"), lambda said, wanted=wanted: wanted in said)


def test_the_sentence_is_announced_when_it_changes(panel):
    """A browser announces a change inside an element that it knows as live: that element must stay."""
    live = panel.status.locator("[aria-live=polite]")
    element = live.element_handle()
    panel.press("position", "Home")
    assert_says(panel, at(training_panel, position=0).summary())
    assert element.inner_text() == at(training_panel, position=0).summary()


def test_play_and_stop_have_names(panel):
    assert {"play or pause", "stop"} < {*names(panel, "button")}


@pytest.mark.parametrize("width", [600, 800])
def test_in_a_narrow_window_the_sentence_wraps_and_the_picture_keeps_its_size(panel, width):
    panel.page.set_viewport_size(VIEWPORT | {"width": width})
    status = panel.wait_for(panel.status.bounding_box, lambda box: box["x"] + box["width"] < width)
    assert status["x"] + status["width"] < width
    assert panel.status.evaluate("status => status.scrollWidth <= status.clientWidth")
    assert panel.picture_sizes()[1] == [900, 390]
    for knob in ("beta", "recon_var", "lr", "position"):
        track = panel.knob(knob).locator(".noUi-base").bounding_box()
        assert track["width"] >= 40 and track["x"] + track["width"] < width


def test_after_a_reload_of_the_page_all_is_said_again(lab, panel):
    lab.page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
    lab.open(NOTEBOOK)
    assert_sliders_say(lab.panel(), AT_FIRST)
