"""The engine behind every panel: when it draws, what it refuses, hands, threads, partners, buttons and tabs."""

import base64
import re
import threading
import time

import ipywidgets as widgets
import numpy as np
import pytest

from learner import at_once, hand, pixels, png_of, status
from small_panels import Line, Tabbed


def test_a_moved_knob_draws_once_and_changes_picture_run_and_status(line):
    before = png_of(line.panel)
    line.panel.knobs["height"].value = 5.0
    assert png_of(line.panel) != before
    assert (line.panel.run, line.panel.summary()) == (5.0, "The line is 5 high.")
    assert "The line is 5 high." in status(line.panel)
    assert len(line.drawn) == 2


def test_several_knobs_set_together_draw_once(line):
    line.panel.set(height=10.0, position=30, mood="wild")
    assert len(line.drawn) == 2
    assert line.panel.values == {"height": 10.0, "position": 30, "mood": "wild"}


def test_a_change_that_changes_nothing_draws_nothing(line):
    line.panel.set(**line.panel.values)
    assert len(line.drawn) == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"height": 0.5}, "height is 0.5; it must be a number from 1 to 10."),
        ({"height": float("nan")}, "height is nan; it must be a number from 1 to 10."),
        ({"height": "2"}, "height is '2'; it must be a number from 1 to 10."),
        ({"height": True}, "height is True; it must be a number from 1 to 10."),
        ({"position": 101}, "position is 101; it must be a whole number from 0 to 100."),
        ({"position": 1.5}, "position is 1.5; it must be a whole number from 0 to 100."),
        ({"mood": "cross"}, "mood is 'cross'; it must be one of 'calm', 'wild'."),
        ({"width": 1}, "'width' is no knob of line_panel; its knobs are height, position, mood, size."),
    ],
)
def test_a_refused_value_is_said_raised_and_changes_nothing(line, wrong, sentence):
    values = line.panel.values
    with pytest.raises(ValueError, match="^" + re.escape(sentence)):
        line.panel.set(**{"height": 5.0, "position": 7} | wrong)
    assert line.panel.values == values
    assert sentence in status(line.panel)
    line.panel.set(height=5.0)
    assert "The line is 5 high." in status(line.panel)


def test_an_unexpected_error_is_shown_raised_and_survived(line):
    line.fault = ZeroDivisionError("division <by> zero")
    with pytest.raises(ZeroDivisionError):
        line.panel.knobs["height"].value = 5.0
    assert "ZeroDivisionError: division &lt;by&gt; zero" in status(line.panel)
    line.fault = None
    line.panel.set(height=5.0)
    assert line.panel.run == 5.0
    assert "The line is 5 high." in status(line.panel)


def test_a_knob_moved_from_inside_a_callback_is_drawn_and_does_not_loop(line):
    line.panel.view.image.observe(lambda _: line.panel.set(position=50), "value")
    line.panel.knobs["height"].value = 10.0
    assert line.panel.values == {"height": 10.0, "position": 50, "mood": "calm"} == line.drawn[-1]
    assert len(line.drawn) == 3


def test_many_threads_leave_the_picture_of_the_last_values(line):
    scale, position, rng = line.panel.knobs["height"], line.panel.knobs["position"], np.random.default_rng(0)
    at_once(
        hand(scale, rng.choice(scale.numbers, 60).tolist()),
        hand(position, rng.integers(0, 101, 60).tolist()),
        hand(scale, scale.numbers * 15),
    )
    fresh = Line()
    fresh.panel.set(**line.panel.values)
    assert line.drawn[-1] == line.panel.values
    assert png_of(line.panel) == png_of(fresh.panel)


def page(knob, states):
    """A hand in the page: messages with these states arrive at the knob, one after the other."""
    return lambda: [knob.set_state(state) for state in states]


def test_a_hand_in_the_page_and_a_cell_at_once_find_the_knob_whole(line, restless):
    scale, menu, rng = line.panel.knobs["height"], line.panel.knobs["mood"], np.random.default_rng(0)
    heights, moods = rng.choice([1.0, 2.0, 3.7, 5.0, 10.0], 150).tolist(), rng.choice(["calm", "wild"], 150).tolist()
    at_once(
        lambda: [line.panel.set(height=height, mood=mood) for height, mood in zip(heights, moods, strict=True)],
        page(scale, [{"index": int(index)} for index in rng.integers(0, 4, 150)]),
        page(menu, [{"index": int(index)} for index in rng.integers(0, 2, 150)]),
    )
    for knob in (scale, menu):
        assert knob.options[knob.index] == (knob.label, knob.value)
    assert line.drawn[-1] == line.panel.values


def test_two_panels_that_move_each_other_never_wait_for_each_other(restless):
    one, other = Line(), Line()
    heights = [line.panel.knobs["height"] for line in (one, other)]
    widgets.link(*((knob, "value") for knob in heights))
    for this, that in ((one, other), (other, one)):
        this.panel.knobs["position"].observe(lambda move, to=that: to.panel.set(position=move["new"]), "value")
    rng = np.random.default_rng(0)
    at_once(
        lambda: [one.panel.set(height=float(height), position=3) for height in rng.choice([1, 2, 5, 10], 40)],
        page(heights[1], [{"index": int(index)} for index in rng.integers(0, 4, 40)]),
        page(other.panel.knobs["position"], [{"value": value} for value in range(40)]),
        seconds=10,
    )
    for line in (one, other):
        assert line.drawn[-1] == line.panel.values


def test_set_waits_for_a_picture_under_way_and_then_draws_its_own(line):
    under_way, go_on, done = threading.Event(), threading.Event(), threading.Event()
    view = line.panel.view
    show = view.compute

    def slow(values):
        under_way.set()
        go_on.wait(timeout=10)
        return show(values)

    def set_height():
        line.panel.set(height=10.0)
        done.set()

    view.compute = slow
    first = threading.Thread(target=line.panel.set, kwargs={"height": 5.0}, daemon=True)
    second = threading.Thread(target=set_height, daemon=True)
    first.start()
    under_way.wait(timeout=10)
    second.start()
    assert not done.wait(timeout=0.2)
    go_on.set()
    first.join(timeout=10)
    second.join(timeout=10)
    assert [values["height"] for values in line.drawn[-2:]] == [5.0, 10.0]
    assert line.panel.run == 10.0


def test_without_a_kernel_there_is_a_picture_and_a_stable_text(line):
    data, metadata = line.panel._repr_mimebundle_()
    assert set(data) == {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"}
    text = "line_panel(height=2.0, position=0, mood='calm')\nThe line is 2 high."
    assert data["text/plain"] == repr(line.panel) == text
    assert metadata["image/png"] == {"width": 200, "height": 100, "alt": text}


def test_buttons_set_values_or_what_a_function_of_them_returns():
    scenarios = {"high": {"height": 10.0}, "half": lambda values: {"height": values["height"] / 2}}
    panel = Line(scenarios=scenarios).panel
    panel.buttons["high"].click()
    panel.buttons["half"].click()
    assert panel.values["height"] == 5.0


def test_a_button_draws_even_if_the_values_are_those_in_view():
    line = Line(scenarios={"here": {"height": 2.0}, "as it is": lambda values: values})
    for presses, name in enumerate(("here", "as it is", "reset"), start=1):
        line.panel.buttons[name].click()
        assert len(line.drawn) == 1 + presses
        assert "The line is 2 high." in status(line.panel)


def test_the_value_of_a_hand_that_moves_while_the_picture_is_drawn_is_drawn_too():
    """By the first hand's loop, before the second hand's callback has had the lock."""
    line = Line()
    other = threading.Thread(target=hand(line.panel.knobs["height"], [10.0]), daemon=True)
    view = line.panel.view
    show = view.compute

    def moved_meanwhile(values):
        if values["mood"] == "wild" and not other.ident:
            other.start()
            deadline = time.monotonic() + 10
            while line.panel.knobs["height"].value != 10.0 and time.monotonic() < deadline:
                pass
        return show(values)

    view.compute = moved_meanwhile
    line.panel.knobs["mood"].value = "wild"
    other.join(timeout=10)
    assert line.drawn[-1] == line.panel.values == {"height": 10.0, "position": 0, "mood": "wild"}


def test_the_first_tab_is_in_view_and_start_may_name_another(tabbed):
    assert (tabbed.panel.values["tab"], tabbed.panel.summary()) == ("level", "level: 2 cm.")
    other = Tabbed(start={"tab": "bar", "length": 3.0}).panel
    assert (other.values["tab"], other.knobs["tab"].selected_index, other.summary()) == ("bar", 1, "bar: 3 cm.")


def test_a_tab_is_chosen_by_hand_or_by_set_and_draws_once(tabbed):
    panel = tabbed.panel
    panel.knobs["tab"].selected_index = 1
    assert (panel.values["tab"], panel.summary(), len(tabbed.shown)) == ("bar", "bar: 2 cm.", 2)
    panel.set(tab="level", length=5.0)
    assert (panel.knobs["tab"].selected_index, panel.summary(), len(tabbed.shown)) == (0, "level: 5 cm.", 3)


def test_the_picture_of_a_panel_is_the_one_in_view(tabbed):
    panel = tabbed.panel
    level, bar = panel.views.values()
    assert panel.view is level and not bar.image.value
    panel.set(tab="bar")
    assert panel.view is bar and pixels(panel).shape == (200, 480, 3)
    data, metadata = panel._repr_mimebundle_()
    assert metadata["image/png"] == {"width": 240, "height": 100, "alt": repr(panel)}
    assert base64.b64decode(data["image/png"]) == png_of(panel)


def test_a_tab_left_and_found_again_shows_the_present_values(tabbed):
    panel = tabbed.panel
    panel.set(tab="bar")
    panel.set(length=8.0)
    panel.set(tab="level")
    fresh = Tabbed(start={"length": 8.0, "shift": 0.0}).panel
    assert png_of(panel) == png_of(fresh) and panel.summary() == fresh.summary()


@pytest.mark.parametrize("title", ["no tab", 1, None, ""])
def test_a_title_that_no_tab_has_is_refused(tabbed, title):
    sentence = f"tab is {title!r}; it must be one of 'level', 'bar'."
    with pytest.raises(ValueError, match="^" + re.escape(sentence)):
        tabbed.panel.set(length=9.0, tab=title)
    assert tabbed.panel.values["length"] == 2.0 and sentence in status(tabbed.panel)


def test_one_view_has_no_tab(line):
    with pytest.raises(ValueError, match="'tab' is no knob of line_panel"):
        line.panel.set(tab="line")


def test_a_button_may_change_the_tab():
    panel = Tabbed(scenarios={"a long bar": {"tab": "bar", "length": 10.0}}).panel
    panel.buttons["a long bar"].click()
    assert panel.summary() == "bar: 10 cm."
