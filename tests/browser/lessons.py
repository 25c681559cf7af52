"""The panels of the lessons, and what a page must show of them: asked of the same panels without a browser."""

import functools
import re

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

import learner
from tools.notebooks import METADATA, NOTEBOOKS
from vaelib import panels
from vaelib.live import Position, Scale

PANELS = [*learner.PANELS.values()]
SHOWN = re.compile(r"^(?:panel = )?(\w+_panel)\((.*)\)$", re.MULTILINE)


def panels_of(path):
    """The panels that a notebook shows, by their number on its page, but for those that it starts in its own way."""
    code = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
    found = enumerate(SHOWN.findall(code))
    return {number: getattr(panels, name) for number, (name, arguments) in found if not arguments}


LESSONS = {path.name: panels_of(path) for path in sorted(NOTEBOOKS.glob("*.ipynb"))}


def notebook_with(*makes):
    """A notebook that shows these panels, each in a cell of its own."""
    ready = new_code_cell("from vaelib import panels, ready\n\nready.check()")
    shown = [new_code_cell(f"panels.{make.__name__}()") for make in makes]
    return new_notebook(cells=[ready, *shown], metadata=METADATA)


@functools.cache
def offline(make):
    return make()


@functools.cache
def at_first(make):
    return offline(make).values


def at(make, scenario=None, **knobs):
    """The panel as it is at first but for these knobs, after the press of a scenario's button, without a past."""
    panel = offline(make)
    panel.set(**at_first(make) | knobs)
    for button in filter(panel.buttons.get, (scenario, "clear")):
        panel.buttons[button].click()
    return panel


@functools.cache
def sliders(make):
    """The names of the sliders in view that are free."""
    panel = offline(make)
    view = panel.views[at(make).values.get("tab", next(iter(panel.views)))]
    return [knob.description for row in view.rows for knob in row if is_free_slider(knob)]


@functools.cache
def sliders_behind_more(make):
    panel = offline(make)
    in_rows = {knob for view in panel.views.values() for row in view.rows for knob in row}
    return [name for name, knob in panel.knobs.items() if is_free_slider(knob) and knob not in in_rows]


def is_free_slider(knob):
    return isinstance(knob, Scale | Position) and not knob.disabled


def assert_shows(panel, make, scenario=None, **knobs):
    """The page says and draws what the panel of `make` says and draws there."""
    expected = at(make, scenario, **knobs)
    assert_says(panel, expected.summary())
    if "clear" in expected.buttons:
        panel.click("clear")
    assert_draws(panel, learner.png_of(expected))


def assert_says(panel, summary):
    assert panel.wait_for(panel.status_text, summary.__eq__) == summary


def assert_draws(panel, png):
    assert panel.wait_for(lambda: panel.png() == png, bool), f"another picture: {panel.status_text()}"


def shown(panel, make):
    """The values of the sliders, by what is written beside them."""
    values = {}
    readouts = panel.readouts()
    for name in [*sliders(make), *sliders_behind_more(make)]:
        knob, readout = offline(make).knobs[name], readouts[name]
        values[name] = dict(knob.options)[readout] if hasattr(knob, "options") else int(readout)
    return values


def assert_answers(panel, make, before):
    """The picture is another one than `before`, and all is as the values beside the sliders want it."""
    assert panel.wait_for(panel.picture_address, lambda address: address != before) != before
    assert_shows(panel, make, **shown(panel, make))


def assert_a_burst_ends_with_the_last_values(panel, make):
    """The first and the last slider in turn, faster than pictures can follow."""
    before, pair = panel.picture_address(), (sliders(make)[0], sliders(make)[-1])
    for key in ("Home", *15 * ["ArrowRight"]):
        for slider in pair:
            panel.press(slider, key)
    assert_answers(panel, make, before)


def assert_play_goes_on_until_it_is_pressed_again(panel, make):
    before = panel.picture_address()
    panel.play()
    assert 5 < panel.wait_for(lambda: int(panel.readout("position")), lambda position: 5 < position < 50) < 50
    panel.play()
    assert panel.picture_address() != before
    position = panel.wait_for(lambda: int(panel.readout("position")), lambda position: False, seconds=0.5)
    assert_shows(panel, make, position=position)


def assert_every_slider_answers(panel, make, keys):
    """These keys on every slider, those behind "more" too; the last one moves it, or "End" where it begins.

    First of all a run that takes long is made short.
    """
    length = [*learner.SHORT.get(make.__name__, {})]
    others = [slider for slider in (*sliders(make), *sliders_behind_more(make)) if slider not in length]
    for slider, keys in [*((slider, ["Home"]) for slider in length), *((slider, keys) for slider in others)]:
        panel.bring_into_view(slider)
        (lowest, _), *_ = getattr(offline(make).knobs[slider], "options", [("0", 0)])
        for key in ["End"] if panel.readout(slider) == lowest else keys:
            before, readout = panel.picture_address(), panel.readout(slider)
            panel.press(slider, key)
            if panel.readout(slider) != readout:
                assert_answers(panel, make, before)
        assert panel.readout(slider) != readout
