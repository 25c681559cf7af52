"""The engine behind every panel, with a small panel of its own: two knobs, one line."""

import base64
import re
import threading

import ipywidgets as widgets
import numpy as np
import pytest

from learner import descendants, pixels, png_of, rgb, savefig, status
from vaelib import style
from vaelib.live import LivePicture, Menu, Panel, Position, Scale, View, linear, logarithmic
from vaelib.live.arrangement import SIZES


class Line:
    """A panel that draws a line of the chosen height, and counts how often."""

    def __init__(self, **options):
        picture, (axes,) = style.picture(200, 100, "a line")
        (self.line,) = axes.plot([0, 1], [0, 0], **style.RECON)
        axes.set_ylim(0, 10)
        self.drawn, self.fault = [], None
        knobs = [Scale("height", (1.0, 2.0, 5.0, 10.0)), Position("position")]
        more = [Menu("mood", {"calm": "calm", "wild": "very wild"})]
        views = {"line": View(LivePicture(picture, [self.line]), self.show, [knobs])}
        self.panel = Panel("line_panel", views, more=more, **{"start": {"height": 2.0}} | options)

    def show(self, values):
        if self.fault:
            raise self.fault
        self.drawn.append(values)
        self.line.set_ydata([0, values["height"]])
        return values["height"], f"The line is {values['height']:g} high."


@pytest.fixture
def line():
    return Line()


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
    full = rgb(savefig(picture))
    difference = np.abs(pixels(line.panel) - full)
    assert difference.mean() < 0.5
    assert np.mean(difference.max(axis=-1) > 24) < 0.002


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


def follow(values, shown):
    """The position that follows the height, ten to one."""
    return {"position": int(10 * values["height"])} if values["height"] != shown["height"] else {}


def test_a_hand_that_moves_a_knob_moves_its_partner_and_draws_once():
    line = Line(couple=follow)
    line.panel.knobs["height"].value = 5.0
    assert line.panel.values == line.drawn[-1] == {"height": 5.0, "position": 50, "mood": "calm"}
    line.panel.knobs["position"].value = 7
    line.panel.knobs["mood"].value = "wild"
    assert line.panel.values == line.drawn[-1] == {"height": 5.0, "position": 7, "mood": "wild"}
    assert len(line.drawn) == 4


def test_a_partner_may_be_the_knob_in_the_hand():
    line = Line(couple=lambda values, shown: {"height": min(values["height"], 5.0)})
    line.panel.knobs["height"].value = 10.0
    assert line.panel.values["height"] == line.panel.run == 5.0
    assert [values["height"] for values in line.drawn] == [2.0, 5.0]


def test_set_and_buttons_are_literal_where_knobs_are_coupled():
    line = Line(couple=follow, scenarios={"high": {"height": 10.0}})
    assert line.panel.values["position"] == 0
    line.panel.set(height=5.0)
    line.panel.buttons["high"].click()
    assert line.panel.values == {"height": 10.0, "position": 0, "mood": "calm"}
    line.panel.knobs["height"].value = 2.0
    line.panel.buttons["reset"].click()
    assert line.panel.values == {"height": 2.0, "position": 20, "mood": "calm"}


def test_what_goes_wrong_between_partners_is_shown_raised_and_survived():
    line = Line(couple=lambda values, shown: follow(values, shown) if values["height"] < 9 else 1 / 0)
    with pytest.raises(ZeroDivisionError):
        line.panel.knobs["height"].value = 10.0
    assert "ZeroDivisionError: division by zero" in status(line.panel)
    line.panel.set(height=5.0)
    line.panel.knobs["height"].value = 2.0
    assert line.panel.values == line.drawn[-1] == {"height": 2.0, "position": 20, "mood": "calm"}


def test_play_at_the_end_starts_over(line):
    (play,) = [widget for widget in descendants(line.panel.widget) if hasattr(widget, "playing")]
    line.panel.set(position=100)
    play.playing = True
    assert line.panel.values["position"] == play.value == 0
    play.playing = False
    line.panel.set(position=40)
    play.playing = True
    assert line.panel.values["position"] == 40


class Tabbed:
    """A panel with a level and a bar behind tabs that share the knob "length", and with two knobs behind a lock."""

    def __init__(self, **options):
        size = Scale("length", linear(0, 10, 0.5), unit=" cm")
        self.shown = []
        views = {
            "level": self.view(200, [[size], [Scale("left", (0.0, 1.0)), Position("right")]]),
            "bar": self.view(240, [[size, Scale("width", (1, 2, 5))]]),
        }
        locked = [Scale("shift", (-1.0, 0.0, 1.0)), Menu("ink", {"dark": "dark", "light": "light"})]
        options = {"start": {"length": 2.0, "shift": 0.0}} | options
        self.panel = Panel("tabbed_panel", views, locked=locked, **options)

    def view(self, width, rows):
        picture, (axes,) = style.picture(width, 100, "a line")
        (line,) = axes.plot([0, 1], [0, 0], **style.RECON)
        axes.set_ylim(0, 10)

        def show(values):
            self.shown.append(values)
            line.set_ydata([values["shift"], values["length"]])
            return values["length"], f"{values['tab']}: {values['length']:g} cm."

        return View(LivePicture(picture, [line]), show, rows)


@pytest.fixture
def tabbed():
    return Tabbed()


def locks(panel):
    return [widget for widget in descendants(panel.widget) if type(widget).__name__ == "ToggleButton"]


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
    level, bar = (view.picture for view in panel.views.values())
    assert panel.picture is level and not bar.image.value
    panel.set(tab="bar")
    assert panel.picture is bar and pixels(panel).shape == (200, 480, 3)
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


def rows_of(page):
    return [[child.description for child in row.children] for row in page.children if hasattr(row, "children")]


def test_each_tab_has_its_own_rows_of_knobs_and_its_picture_and_positions_below(tabbed):
    level, bar = tabbed.panel.knobs["tab"].children
    assert rows_of(level)[:2] == [["length"], ["left"]] and rows_of(bar) == [["length", "width"]]
    *_, image, with_play = level.children
    assert image is tabbed.panel.views["level"].picture.image
    assert with_play.children[-1] is tabbed.panel.knobs["right"]


def test_a_knob_that_tabs_share_is_hidden_in_each_of_them():
    panel = Tabbed(hide=("length", "width")).panel
    assert [rows_of(page)[0] for page in panel.knobs["tab"].children] == [[], []]
    assert not {panel.knobs["length"], panel.knobs["width"]} & set(descendants(panel.widget))
    panel.set(tab="bar", length=7.0)
    assert panel.summary() == "bar: 7 cm."


def test_locked_knobs_are_grey_until_the_toggle_frees_them_and_again_after_it(tabbed):
    (toggle,) = locks(tabbed.panel)
    locked = [tabbed.panel.knobs["shift"], tabbed.panel.knobs["ink"]]
    assert [knob.disabled for knob in locked] == [True, True] and toggle.description == "unlock"
    toggle.value = True
    assert [knob.disabled for knob in locked] == [False, False] and toggle.description == "lock"
    locked[0].value = 1.0
    toggle.value = False
    assert [knob.disabled for knob in locked] == [True, True] and toggle.description == "unlock"
    assert tabbed.panel.values["shift"] == 1.0
    assert not any(tabbed.panel.knobs[name].disabled for name in ("length", "left", "right", "width"))


def test_a_lock_stops_hands_only(tabbed):
    before = png_of(tabbed.panel)
    tabbed.panel.set(shift=1.0, ink="light")
    assert png_of(tabbed.panel) != before
    assert tabbed.panel.knobs["shift"].disabled and tabbed.panel.values["ink"] == "light"
    tabbed.panel.buttons["reset"].click()
    assert png_of(tabbed.panel) == before and tabbed.panel.values["shift"] == 0.0


def test_where_nothing_is_locked_there_is_no_lock(line):
    assert not locks(line.panel) and not locks(Tabbed(hide=("shift", "ink")).panel)
    (toggle,) = locks(Tabbed(hide=("ink",)).panel)
    assert toggle.description == "unlock"


def test_a_scale_shows_its_unit_on_every_notch(tabbed):
    knob = tabbed.panel.knobs["length"]
    tabbed.panel.set(length=3.3)
    labels = dict(knob.options)
    assert labels["0.5 cm"] == 0.5 and labels["3.3 cm"] == 3.3 and labels["10 cm"] == 10.0
    assert all(label.endswith(" cm") for label in labels)
    assert [label for label, _ in Scale("steps", (1, 2000)).options] == ["1", "2,000"]


@pytest.mark.parametrize(
    ("lowest", "highest", "step"), [(-4.5, 4.5, 0.1), (0, 1, 0.05), (0.1, 0.95, 0.05), (-4, 2, 0.1)]
)
def test_linear_numbers_are_evenly_spaced_and_written_as_a_person_would(lowest, highest, step):
    numbers = linear(lowest, highest, step)
    np.testing.assert_allclose(numbers, np.arange(len(numbers)) * step + lowest, atol=1e-12)
    assert (numbers[0], numbers[-1]) == (lowest, highest)
    assert all(type(number) is float and len(f"{number!r}".lstrip("-")) <= 4 for number in numbers)
    assert "-0.0" not in map(repr, numbers)


@pytest.mark.parametrize(("lowest", "highest"), [(0.1, 30), (0.02, 5), (0.5, 8), (0.001, 0.2), (0.25, 3)])
def test_logarithmic_numbers_are_round_and_about_twenty_to_a_decade(lowest, highest):
    numbers = logarithmic(lowest, highest)
    assert (numbers[0], numbers[-1]) == (lowest, highest) and numbers == sorted(set(numbers))
    assert np.divide(numbers[1:], numbers[:-1]).max() < 1.2
    assert len(numbers) / np.log10(highest / lowest) == pytest.approx(20, abs=2)
    assert all(float(f"{number:.3g}") == number for number in numbers)


def test_what_moves_takes_no_part_in_the_layout():
    places = []
    for height in (0.5, 1e3):
        picture, (axes,) = style.picture(200, 100, "a line")
        axes.set_ylim(0, 1)
        text = axes.text(0.5, height, "far away")
        live = LivePicture(picture, [text])
        places.append(axes.get_position().bounds)
        text.set_position((50.0, -height))
        live.draw()
        live.canvas.draw()
        places.append(axes.get_position().bounds)
    assert len(set(places)) == 1


def test_artists_are_painted_by_their_zorder():
    picture, (axes,) = style.picture(200, 100, "two bars")
    front, back = (axes.axhspan(0, 1, color=colour, zorder=order) for colour, order in (("#d55e00", 5), ("#0072b2", 1)))
    live = LivePicture(picture, [front, back])
    live.draw()
    assert live.moving == [back, front]
    shown = rgb(live.image.value)
    assert np.abs(shown[shown.shape[0] // 2, shown.shape[1] // 2] - [0xD5, 0x5E, 0x00]).max() <= 4


def test_a_hand_couples_after_a_refused_value_too():
    line = Line(couple=lambda values, shown: {"position": 30} if values["height"] != shown["height"] else {})
    with pytest.raises(ValueError, match="height"):
        line.panel.set(height=99.0)
    line.panel.knobs["height"].value = 5.0
    assert line.panel.values["position"] == 30


def test_a_hand_that_moves_a_knob_while_the_picture_is_drawn_couples_too():
    """The first hand's loop draws the second hand's value before its callback has had the lock."""
    line = Line(couple=lambda values, shown: {"position": 30} if values["height"] != shown["height"] else {})
    other = threading.Thread(target=lambda: setattr(line.panel.knobs["height"], "value", 10.0))
    show = line.show

    def moved_meanwhile(values):
        if values["mood"] == "wild" and not other.ident:
            other.start()
            while line.panel.knobs["height"].value != 10.0:
                pass
        return show(values)

    view = line.panel.views["line"]
    line.panel.views["line"] = view._replace(show=moved_meanwhile)
    line.panel.knobs["mood"].value = "wild"
    other.join(timeout=10)
    assert line.panel.values == {"height": 10.0, "position": 30, "mood": "wild"}


def test_a_panel_grows_and_shrinks_without_drawing_or_changing_its_values(line):
    values, picture = line.panel.values, png_of(line.panel)
    line.panel.set(size="largest")
    assert "vaelib-largest" in line.panel.widget._dom_classes
    line.panel.set(size="large")
    assert (
        line.panel.widget._dom_classes[-1] == "vaelib-large" and "vaelib-largest" not in line.panel.widget._dom_classes
    )
    assert line.panel.values == values and png_of(line.panel) == picture and len(line.drawn) == 1


def test_a_class_keeps_its_size_when_the_teacher_resets():
    panel = Line(start={"height": 2.0, "size": "largest"}).panel
    panel.buttons["reset"].click()
    assert panel.knobs["size"].value == "largest" and "vaelib-largest" in panel.widget._dom_classes


def test_every_size_that_the_knob_offers_has_a_rule_in_the_page(line):
    (rules,) = [
        widget.value
        for widget in descendants(line.panel.widget)
        if isinstance(widget, widgets.HTML) and "<style>" in widget.value
    ]
    for size in set(SIZES) - {"normal"}:
        assert f".vaelib-{size} " in rules


def test_a_knob_that_is_hidden_leaves_no_fold_behind():
    panel = Line(hide=("mood", "size")).panel
    assert not any(isinstance(widget, widgets.Accordion) for widget in descendants(panel.widget))
    assert any(isinstance(widget, widgets.Accordion) for widget in descendants(Line().panel.widget))
