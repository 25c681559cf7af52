"""The engine behind every panel, with a small panel of its own: two knobs, one line."""

import io
import re
import threading

import numpy as np
import pytest
from PIL import Image

from vaelib import style
from vaelib.live import LivePicture, Menu, Panel, Position, Scale, View


class Line:
    """A panel that draws a line of the chosen height, and counts how often."""

    def __init__(self, **options):
        picture, (axes,) = style.picture(200, 100, "a line")
        (self.line,) = axes.plot([0, 1], [0, 0], **style.RECON)
        axes.set_ylim(0, 10)
        self.drawn, self.fault = [], None
        knobs = [Scale("height", (1.0, 2.0, 5.0, 10.0)), Position("position")]
        more = [Menu("mood", {"calm": "calm", "wild": "very wild"})]
        live, start = LivePicture(picture, [self.line]), {"height": 2.0}
        self.panel = Panel("line_panel", {"line": View(live, self.show, [knobs])}, more=more, start=start, **options)

    def show(self, values):
        if self.fault:
            raise self.fault
        self.drawn.append(values)
        self.line.set_ydata([0, values["height"]])
        return values["height"], f"The line is {values['height']:g} high."


@pytest.fixture
def line():
    return Line()


def png_of(panel):
    return bytes(panel.picture.image.value)


def pixels(panel):
    return np.asarray(Image.open(io.BytesIO(png_of(panel))).convert("RGB")).astype(int)


def status(panel):
    return panel.status.value


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


@pytest.mark.parametrize("value", [1.0, 3.7, 10, np.float64(2.5), np.int64(5)])
def test_set_is_literal_between_the_ends_of_a_scale(line, value):
    line.panel.set(height=value)
    assert line.panel.values["height"] == value
    assert type(line.panel.values["height"]) is float
    line.panel.set(height=2.0)
    assert [number for _, number in line.panel.knobs["height"].options] == [1.0, 2.0, 5.0, 10.0]


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
        ({"width": 1}, "'width' is no knob of line_panel; its knobs are height, position, mood."),
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
    line.panel.picture.image.observe(lambda _: line.panel.set(position=50), "value")
    line.panel.knobs["height"].value = 10.0
    assert line.panel.values == {"height": 10.0, "position": 50, "mood": "calm"} == line.drawn[-1]
    assert len(line.drawn) == 3


def test_many_threads_leave_the_picture_of_the_last_values(line):
    scale, position = line.panel.knobs["height"], line.panel.knobs["position"]
    errors = []

    def play(knob, values):
        try:
            for value in values:
                knob.value = value
        except Exception as error:
            errors.append(error)

    rng = np.random.default_rng(0)
    jobs = [(scale, rng.choice(scale.numbers, 60)), (position, rng.integers(0, 101, 60)), (scale, scale.numbers * 15)]
    threads = [threading.Thread(target=play, args=(knob, [*map(type(knob.value), values)])) for knob, values in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not errors and not any(thread.is_alive() for thread in threads)
    fresh = Line()
    fresh.panel.set(**line.panel.values)
    assert line.drawn[-1] == line.panel.values
    assert png_of(line.panel) == png_of(fresh.panel)


def test_set_waits_for_a_picture_under_way_and_then_draws_its_own(line):
    under_way, go_on, done = threading.Event(), threading.Event(), threading.Event()
    show = line.show

    def slow(values):
        under_way.set()
        go_on.wait(timeout=10)
        return show(values)

    def set_height():
        line.panel.set(height=10.0)
        done.set()

    line.panel.views["line"] = line.panel.views["line"]._replace(show=slow)
    first = threading.Thread(target=line.panel.set, kwargs={"height": 5.0})
    second = threading.Thread(target=set_height)
    first.start()
    under_way.wait(timeout=10)
    second.start()
    assert not done.wait(timeout=0.2)
    go_on.set()
    first.join(timeout=10)
    second.join(timeout=10)
    assert [values["height"] for values in line.drawn[-2:]] == [5.0, 10.0]
    assert line.panel.run == 10.0


def test_blitting_draws_what_a_full_draw_would(line):
    line.panel.set(height=10.0)
    picture, (axes,) = style.picture(200, 100, "a line")
    axes.plot([0, 1], [0, 10], **style.RECON)
    axes.set_ylim(0, 10)
    full = np.asarray(Image.open(io.BytesIO(savefig(picture))).convert("RGB")).astype(int)
    difference = np.abs(pixels(line.panel) - full)
    assert difference.mean() < 0.5
    assert np.mean(difference.max(axis=-1) > 24) < 0.002


def savefig(picture):
    png = io.BytesIO()
    picture.savefig(png, format="png")
    return png.getvalue()


def test_the_paper_is_white_and_the_inks_keep_their_colour(line):
    line.panel.set(height=10.0)
    shown = pixels(line.panel)
    assert (shown[0, 0] == 255).all()
    recon = [int(style.RECON["color"][i : i + 2], 16) for i in (1, 3, 5)]
    assert (np.abs(shown - recon).max(axis=-1) <= 4).sum() > 100


def test_the_picture_has_two_device_pixels_for_each_css_pixel(line):
    assert pixels(line.panel).shape == (200, 400, 3)
    layout = line.panel.picture.image.layout
    assert (layout.width, layout.height) == ("200px", "100px")


def test_without_a_kernel_there_is_a_picture_and_a_stable_text(line):
    data, metadata = line.panel._repr_mimebundle_()
    assert set(data) == {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"}
    text = "line_panel(height=2.0, position=0, mood='calm')\nThe line is 2 high."
    assert data["text/plain"] == repr(line.panel) == text
    assert metadata["image/png"] == {"width": 200, "height": 100, "alt": text}


def test_hidden_knobs_are_not_shown_and_still_work():
    panel = Line(hide=("mood", "position")).panel
    shown = set(descendants(panel.widget))
    assert panel.knobs["height"] in shown
    assert not shown & {panel.knobs["mood"], panel.knobs["position"]}
    panel.set(mood="wild")
    assert panel.values["mood"] == "wild"
    with pytest.raises(ValueError, match="'colour' is no knob of line_panel"):
        Line(hide=("colour",))


def descendants(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from descendants(child)


def test_buttons_set_values_or_what_a_function_of_them_returns():
    scenarios = {"high": {"height": 10.0}, "half": lambda values: {"height": values["height"] / 2}}
    panel = Line(scenarios=scenarios).panel
    panel.buttons["high"].click()
    panel.buttons["half"].click()
    assert panel.values["height"] == 5.0


def test_play_at_the_end_starts_over(line):
    (play,) = [widget for widget in descendants(line.panel.widget) if hasattr(widget, "playing")]
    line.panel.set(position=100)
    play.playing = True
    assert line.panel.values["position"] == play.value == 0
    play.playing = False
    line.panel.set(position=40)
    play.playing = True
    assert line.panel.values["position"] == 40
