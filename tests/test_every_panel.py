"""What the panels have in common, through their real callbacks; what one alone has is in lessons/test_<word>.py."""

import base64
import functools
import html
import itertools
import re

import numpy as np
import pytest

from learner import (
    PANELS,
    SHORT,
    VARIED,
    assert_alive,
    at_once,
    descendants,
    hand,
    marks_of_engine,
    png_of,
    started,
    status,
)
from vaelib.live import Position, Scale

each_panel = pytest.mark.parametrize("name", PANELS)
each_panel_one_of_them_in_full = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.full) if name == "digits_panel" else name for name in PANELS]
)
engine_of_each_panel = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=marks_of_engine(name)) for name in PANELS]
)

small_panels_with_any_version = pytest.mark.pinned  # in the files test_live_<part>.py


@pytest.fixture(scope="module")
def made():
    """A function from a name to the shared panel of that name, which is made when it is first asked for."""
    return functools.cache(started)


@pytest.fixture(scope="module")
def made_elsewhere(made):
    """The same for panels like those, started elsewhere, of which all knobs but the tabs are hidden."""

    @functools.cache
    def other(name):
        knobs = made(name).knobs
        first = next(knob for knob, of in knobs.items() if isinstance(of, Scale))
        return started(name, **{first: positions(knobs[first])[-2]}, hide=[knob for knob in knobs if knob != "tab"])

    return other


@pytest.fixture
def panel(made, name):
    """The shared panel of that name, at its start."""
    made(name).buttons["reset"].click()
    return made(name)


@pytest.fixture
def other(made_elsewhere, name):
    """The other panel of that name, at its own start."""
    made_elsewhere(name).buttons["reset"].click()
    return made_elsewhere(name)


@pytest.mark.pinned
def test_the_panels_that_other_versions_are_asked_about_have_every_kind_of_knob(made):
    kinds = {name: {type(knob) for knob in made(name).knobs.values()} for name in PANELS}
    assert set().union(*kinds.values()) == set().union(*(kinds[name] for name in VARIED))


def picture_of(panel):
    """The picture without its past: the trail, where there is one, is cleared first."""
    if "clear" in panel.buttons:
        panel.buttons["clear"].click()
    return png_of(panel)


def positions(knob):
    """All values that a hand can give to a knob, from one end to the other."""
    if hasattr(knob, "titles"):
        return list(knob.titles)
    return [value for _, value in knob.options] if hasattr(knob, "options") else list(range(knob.min, knob.max + 1))


def soon(panel, name):
    """The positions of a knob, but of how long a run is the two shortest."""
    return positions(panel.knobs[name])[: 2 if name in SHORT.get(panel.name, {}) else None]


def anywhere(panel, rng):
    return {name: soon(panel, name)[rng.integers(len(soon(panel, name)))] for name in panel.knobs}


def in_view(panel):
    """The knobs of the tab in view that are not grey, by name, the tabs themselves included."""
    tabs = panel.knobs.get("tab")
    page = tabs.children[tabs.selected_index] if tabs else panel.widget
    reached = {tabs, *descendants(page)}
    return {
        name: knob for name, knob in panel.knobs.items() if knob in reached and not getattr(knob, "disabled", False)
    }


@each_panel
def test_a_panel_starts_on_notches_of_its_knobs(panel):
    for name, value in panel.values.items():
        assert value in positions(panel.knobs[name])


@engine_of_each_panel
def test_values_set_one_by_one_in_any_order_restore_the_picture(panel):
    rng = np.random.default_rng(0)
    panel.set(**anywhere(panel, rng))
    wanted, values, summary = picture_of(panel), panel.values, panel.summary()
    for _ in range(2):
        panel.set(**anywhere(panel, rng))
        for knob in rng.permutation(list(values)):
            panel.set(**{knob: values[knob]})
        assert picture_of(panel) == wanted and panel.summary() == summary


@engine_of_each_panel
def test_all_values_set_at_once_restore_the_picture_from_anywhere_and_in_another_panel(panel, other):
    rng = np.random.default_rng(1)
    for _ in range(2):
        panel.set(**anywhere(panel, rng))
        wanted, values = picture_of(panel), panel.values
        panel.set(**anywhere(panel, rng))
        panel.set(**values)
        assert picture_of(panel) == wanted
    other.set(**values)
    assert picture_of(other) == wanted


@engine_of_each_panel
def test_each_knob_in_view_changes_the_picture_and_its_way_back_restores_it(panel):
    tabs = positions(panel.knobs["tab"]) if "tab" in panel.knobs else [None]
    for tab in tabs:
        panel.set(**({"tab": tab} if tab else {}))
        for name, knob in in_view(panel).items():
            before, picture = knob.value, picture_of(panel)
            panel.set(**{name: next(value for value in positions(knob) if value != before)})
            assert (picture_of(panel) != picture) == (name != "size"), name
            panel.set(**{name: before})
            assert picture_of(panel) == picture, name


@pytest.mark.parametrize("name", ["generation_panel", "collapse_panel"])
def test_a_knob_of_another_tab_alone_leaves_the_picture_as_it_is(panel):
    for tab, other in itertools.permutations(panel.views, 2):
        here, there = ({knob for row in panel.views[title].rows for knob in row} for title in (tab, other))
        assert there - here
        panel.set(tab=tab)
        picture = png_of(panel)
        for knob in there - here:
            panel.set(**{knob.description: next(value for value in positions(knob) if value != knob.value)})
            assert png_of(panel) == picture, knob.description


@small_panels_with_any_version
@each_panel
def test_every_knob_can_be_hidden_and_still_be_set(panel, other):
    assert set(panel.knobs.values()) <= set(descendants(panel.widget))
    assert not set(other.knobs.values()) & set(descendants(other.widget)) - {other.knobs.get("tab")}
    values = anywhere(panel, np.random.default_rng(2))
    for each in (panel, other):
        each.set(**values)
    assert picture_of(panel) == picture_of(other)


@small_panels_with_any_version
@each_panel
def test_without_a_kernel_there_is_the_picture_of_the_tab_in_view_and_its_text(panel):
    for tab in positions(panel.knobs["tab"]) if "tab" in panel.knobs else [None]:
        panel.set(**({"tab": tab} if tab else {}))
        data, metadata = panel._repr_mimebundle_()
        assert base64.b64decode(data["image/png"]) == png_of(panel)
        assert data["text/plain"] == metadata["image/png"]["alt"] == repr(panel)
        assert all(f"{name}={value!r}" in repr(panel) for name, value in panel.values.items())
        figure = panel.view.figure
        assert (metadata["image/png"]["width"], metadata["image/png"]["height"]) == (figure.width, figure.height)


@small_panels_with_any_version
@each_panel
def test_every_button_can_be_pressed_and_reset_goes_back_to_where_this_panel_started(panel, other):
    start, picture = other.values, picture_of(other)
    for button in other.buttons.values():
        button.click()
        assert_alive(other)
    assert other.values == start != panel.values and picture_of(other) == picture


def places(knob):
    """The two ends of a scale; every position of a menu or of the tabs."""
    return [positions(knob)[0], positions(knob)[-1]] if isinstance(knob, Scale | Position) else positions(knob)


@each_panel_one_of_them_in_full
def test_every_knob_is_alive_at_its_ends(panel):
    """All corners together are in `test_every_corner_...`, here and in the files lessons/test_<word>.py."""
    start = panel.values
    for tab in positions(panel.knobs["tab"]) if "tab" in panel.knobs else [None]:
        for name, knob in panel.knobs.items():
            for place in places(knob):
                panel.set(**start | ({"tab": tab} if tab else {}) | ({name: place} if name != "tab" else {}))
                assert_alive(panel)


@pytest.mark.parametrize(
    "name", ["autoencoder_panel", "reparameterization_panel", pytest.param("elbo_panel", marks=pytest.mark.full)]
)
def test_every_corner_of_every_knob_is_alive(panel):
    corners = ([positions(knob)[0], positions(knob)[-1]] for knob in panel.knobs.values())
    for corner in itertools.product(*corners):
        panel.set(**dict(zip(panel.knobs, corner, strict=True)))
        assert_alive(panel)


def wrong_values(knob):
    if not isinstance(knob, (Scale, Position)):
        return ["no such name", 1, None]
    first, last = positions(knob)[0], positions(knob)[-1]
    return [first - 1, last + 1, float("nan"), float("inf"), str(first), None, True]


@small_panels_with_any_version
@each_panel
def test_a_wrong_value_of_any_knob_is_refused_in_one_sentence_and_changes_nothing(panel):
    values, picture = panel.values, png_of(panel)
    for knob, wrong in [(knob, wrong) for knob, of in panel.knobs.items() for wrong in wrong_values(of)]:
        with pytest.raises(ValueError, match=rf"^{knob} is .*; it must be [^\n]+\.$") as refusal:
            panel.set(**{knob: wrong})
        assert str(refusal.value) in html.unescape(status(panel))
    assert panel.values == values and png_of(panel) == picture


@small_panels_with_any_version
@each_panel
def test_an_unknown_knob_is_refused_with_the_names_of_those_there_are(panel, name):
    sentence = f"'colour' is no knob of {name}; its knobs are {', '.join(panel.knobs)}."
    with pytest.raises(ValueError, match="^" + re.escape(sentence) + "$"):
        panel.set(colour=3)


@pytest.mark.full
@each_panel
def test_no_panel_starts_with_a_wrong_value_or_an_unknown_knob(panel, name):
    knob, of = next(iter(panel.knobs.items()))
    with pytest.raises(ValueError, match=f"^{knob} is "):
        PANELS[name](**{knob: wrong_values(of)[0]})
    with pytest.raises(ValueError, match=r"^'colour' is no knob of "):
        PANELS[name](colour=3)


@small_panels_with_any_version
@each_panel_one_of_them_in_full
def test_knobs_moved_from_several_threads_leave_the_picture_of_the_last_values(panel):
    rng = np.random.default_rng(3)
    places = {knob: rng.permutation(soon(panel, knob)).tolist() for knob in panel.knobs if knob != "tab"}
    moves = 2 if panel.name in SHORT else 4
    hands = [hand(panel.knobs[knob], some[:moves]) for knob, some in places.items()]
    if "tab" in panel.knobs:
        hands.append(hand(panel.knobs["tab"], (1, 0, 1), trait="selected_index"))
    at_once(*hands)
    values, picture, summary = panel.values, picture_of(panel), panel.summary()
    panel.buttons["reset"].click()
    assert panel.values != values
    panel.set(**values)
    assert picture_of(panel) == picture and panel.summary() == summary
