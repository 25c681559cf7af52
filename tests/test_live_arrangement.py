"""How the widgets of a panel stand: tabs, folds, locks, what is hidden, and how large all are."""

import ipywidgets as widgets
import pytest

from learner import descendants, png_of
from small_panels import Line, Tabbed
from vaelib.live.arrangement import SIZES


def rows_of(page):
    return [[child.description for child in row.children] for row in page.children if hasattr(row, "children")]


def test_each_tab_has_its_own_rows_of_knobs_and_its_picture_and_positions_below(tabbed):
    level, bar = tabbed.panel.knobs["tab"].children
    assert rows_of(level)[:2] == [["length"], ["left"]] and rows_of(bar) == [["length", "width"]]
    *_, image, with_play = level.children
    assert image is tabbed.panel.views["level"].image
    assert with_play.children[-1] is tabbed.panel.knobs["right"]


def test_a_knob_that_tabs_share_is_hidden_in_each_of_them():
    panel = Tabbed(hide=("length", "width")).panel
    assert [rows_of(page)[0] for page in panel.knobs["tab"].children] == [[], []]
    assert not {panel.knobs["length"], panel.knobs["width"]} & set(descendants(panel.widget))
    panel.set(tab="bar", length=7.0)
    assert panel.summary() == "bar: 7 cm."


def test_hidden_knobs_are_not_shown_and_still_work():
    panel = Line(hide=("mood", "position")).panel
    shown = set(descendants(panel.widget))
    assert panel.knobs["height"] in shown
    assert not shown & {panel.knobs["mood"], panel.knobs["position"]}
    panel.set(mood="wild")
    assert panel.values["mood"] == "wild"
    with pytest.raises(ValueError, match="'colour' is no knob of line_panel"):
        Line(hide=("colour",))


def test_one_knob_can_be_hidden_by_its_name_alone():
    panel = Line(hide="position").panel
    assert panel.knobs["position"] not in set(descendants(panel.widget))
    with pytest.raises(ValueError, match="'colour' is no knob of line_panel"):
        Line(hide="colour")


def test_a_knob_that_is_hidden_leaves_no_fold_behind():
    panel = Line(hide=("mood", "size")).panel
    assert not any(isinstance(widget, widgets.Accordion) for widget in descendants(panel.widget))
    assert any(isinstance(widget, widgets.Accordion) for widget in descendants(Line().panel.widget))


def test_hidden_tabs_leave_the_view_that_was_chosen():
    panel = Tabbed(start={"tab": "bar", "length": 2.0}, hide=("tab",)).panel
    (stack,) = [widget for widget in descendants(panel.widget) if isinstance(widget, widgets.Stack)]
    assert panel.knobs["tab"] not in descendants(panel.widget)
    assert stack.selected_index == 1 and panel.view is panel.views["bar"]
    panel.set(tab="level")
    assert stack.selected_index == 0 and panel.summary() == "level: 2 cm."


def test_play_at_the_end_starts_over(line):
    (play,) = [widget for widget in descendants(line.panel.widget) if hasattr(widget, "playing")]
    line.panel.set(position=100)
    play.playing = True
    assert line.panel.values["position"] == play.value == 0
    play.playing = False
    line.panel.set(position=40)
    play.playing = True
    assert line.panel.values["position"] == 40


def locks(panel):
    return [widget for widget in descendants(panel.widget) if type(widget).__name__ == "ToggleButton"]


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


def test_a_panel_grows_and_shrinks_without_drawing_or_changing_its_values(line):
    values, picture = line.panel.values, png_of(line.panel)
    line.panel.set(size="largest")
    assert "vaelib-largest" in line.panel.widget._dom_classes
    line.panel.set(size="large")
    assert (
        line.panel.widget._dom_classes[-1] == "vaelib-large" and "vaelib-largest" not in line.panel.widget._dom_classes
    )
    assert line.panel.values == values and png_of(line.panel) == picture and len(line.drawn) == 1


@pytest.mark.parametrize("size", ["largest", "large"])
def test_a_class_keeps_its_size_when_the_teacher_resets(size):
    panel = Line(start={"height": 2.0, "size": "largest"}).panel
    panel.set(size=size)
    panel.buttons["reset"].click()
    assert panel.knobs["size"].value == size and f"vaelib-{size}" in panel.widget._dom_classes


def test_every_size_that_the_knob_offers_has_a_rule_in_the_page(line):
    (rules,) = [
        widget.value
        for widget in descendants(line.panel.widget)
        if isinstance(widget, widgets.HTML) and "<style>" in widget.value
    ]
    for size in set(SIZES) - {"normal"}:
        assert f".vaelib-{size} " in rules
