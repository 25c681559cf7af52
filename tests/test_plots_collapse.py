"""The pictures of lesson 6: measures over beta, two runs on trial, estimates."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from learner import dashed_black, legend, limits, painted_before
from vaelib import style
from vaelib.live import LivePicture
from vaelib.plots import collapse as plots

NAMES = ["KL", "I(x;z)"]
BETA = np.geomspace(0.1, 30, 11)
CURVES = {"KL": (BETA, 3 / (1 + BETA)), "I(x;z)": (BETA[:7], 2 / (1 + BETA[:7]))}


@pytest.fixture
def measures(axes):
    return plots.Measures(axes, "Nats", NAMES, 3.2)


def test_the_measures_have_exact_curves_and_two_dots_each(axes, measures):
    before, now = {"KL": 1.5, "I(x;z)": 0.7}, {"KL": 1.2, "I(x;z)": 0.6}
    measures.show(CURVES, 4.0, before, now)
    for name in NAMES:
        np.testing.assert_array_equal(measures.exact[name].get_data(), CURVES[name])
        assert measures.before[name].get_xydata().tolist() == [[4.0, before[name]]]
        assert measures.now[name].get_xydata().tolist() == [[4.0, now[name]]]
    assert legend(axes) == ["KL", "I(x;z)", "optimum"] and axes.get_title(loc="left") == "Nats"
    assert measures.above.get_text() == ""


def test_the_dot_before_is_a_hollow_one_behind_the_dot_now(measures):
    for name in NAMES:
        before, now = measures.before[name], measures.now[name]
        assert before.get_marker() == now.get_marker() and before.get_color() == now.get_color()
        assert to_hex(before.get_markerfacecolor()) == style.PAPER != to_hex(now.get_markerfacecolor())
        assert painted_before(measures, measures.exact[name], before) and painted_before(measures, before, now)
        assert dashed_black(measures.exact[name])


def test_the_four_measures_differ_in_colour_and_in_marker():
    looks = plots.MEASURES.values()
    assert list(plots.MEASURES) == ["KL", "I(x;z)", "activity", "shuffle"]
    assert len({look["color"] for look in looks}) == len({look["marker"] for look in looks}) == 4
    assert plots.MEASURES["KL"]["color"] == style.KL["color"]


@pytest.mark.parametrize("value", [3.2001, 24.8, 1e5, np.inf])
def test_what_is_too_high_is_drawn_at_the_edge_with_its_number(measures, value):
    measures.show(CURVES, 0.3, {"KL": value, "I(x;z)": 0.1}, {"KL": value, "I(x;z)": 0.1})
    assert measures.now["KL"].get_ydata() == measures.before["KL"].get_ydata() == [3.2]
    assert measures.above.get_text() == f"KL {value:.1f}\n"
    assert measures.above.get_position() == (0.3, 3.2)


def test_two_that_are_too_high_are_named_one_below_the_other_and_forgotten_afterwards(measures):
    high, low = dict.fromkeys(NAMES, 4.0), dict.fromkeys(NAMES, 3.2)
    measures.show(CURVES, 1.0, low, high)
    assert measures.above.get_text().split("\n") == ["KL 4.0", "I(x;z) 4.0", ""]
    measures.show(CURVES, 1.0, high, low)
    assert measures.above.get_text() == ""
    assert measures.before["KL"].get_ydata() == [3.2]


def test_a_run_that_is_lost_has_no_dots(measures):
    lost = dict.fromkeys(NAMES, np.nan)
    measures.show(CURVES, 1.0, lost, lost)
    assert all(np.isnan(dot.get_ydata()).all() for dots in (measures.before, measures.now) for dot in dots.values())
    assert measures.above.get_text() == ""


def test_the_measures_stand_over_beta_on_a_logarithmic_axis(axes, measures):
    assert axes.get_xscale() == "log" and limits(axes) == ((0.1, 30), (0, 3.2)) and axes.get_xlabel() == "beta"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0.1", "0.3", "1", "3", "10", "30"]


@pytest.fixture
def trial(axes):
    return plots.Trial(axes, 3000)


def test_the_trial_shows_both_traces_from_step_1_and_both_goals(axes, trial):
    without, remedy = np.linspace(0, 0.7, 50), np.linspace(0, 1.2, 50) ** 2
    trial.show(without, remedy, 0.67, 1.1)
    for line, trace in ((trial.without, without), (trial.remedy, remedy)):
        np.testing.assert_array_equal(line.get_xydata(), np.column_stack([np.arange(1, 51), trace]))
    for line, level in ((trial.goal, 0.67), (trial.goal_of_remedy, 1.1)):
        assert line.get_xydata().tolist() == [[1, level], [50, level]] and dashed_black(line)
    assert legend(axes) == ["without", "with", "optimum"]
    assert axes.get_xscale() == "log" and limits(axes) == ((1, 3000), (0, plots.MOST_NATS))


def test_the_remedy_is_the_thick_line_in_the_colour_of_the_kl_in_front(trial):
    assert to_hex(trial.remedy.get_color()) == style.KL["color"] and to_hex(trial.without.get_color()) == style.INK
    assert trial.remedy.get_linewidth() > trial.without.get_linewidth()
    assert painted_before(trial, trial.goal, trial.without) and painted_before(trial, trial.without, trial.remedy)


def test_limits_stay_whatever_is_shown():
    figure, places = style.picture(900, 300, "a picture", "ab")
    measures, trial = plots.Measures(places[0], "Nats", NAMES, 3.2), plots.Trial(places[1], 3000)
    live = LivePicture(figure, [*measures.artists, *trial.artists])
    before = [limits(place) for place in places]
    for size in (0.0, 1.0, 1e3, 1e200, np.nan):
        values = dict.fromkeys(NAMES, size)
        measures.show(CURVES, 30.0, values, values)
        trial.show(np.full(20, size), np.full(20, size), 0.5, 0.5)
        live.draw()
        assert [limits(place) for place in places] == before


def test_every_artist_that_moves_is_among_the_artists(axes, measures):
    dots = [*measures.exact.values(), *measures.before.values(), *measures.now.values()]
    assert set(measures.artists) == {*dots, measures.above} and set(axes.lines) == set(dots)


def test_estimates_are_drawn_over_the_batch_size_between_the_exact_value_and_the_most(axes):
    batch, low, high = [2, 4, 8, 16], [0.5, 0.8, 1.0, 1.1], [4.0, 2.0, 1.6, 1.4]
    plots.estimates(axes, batch, low, high, 1.2, 2.0)
    exact, most, *lines = axes.lines
    assert dashed_black(exact) and set(exact.get_ydata()) == {1.2} and set(most.get_ydata()) == {2.0}
    assert not dashed_black(most)
    for line, values, label in zip(lines, (low, high), ("own q in", "left out"), strict=True):
        assert line.get_xydata().tolist() == [list(pair) for pair in zip(batch, values, strict=True)]
        assert line.get_label() == label
    assert legend(axes) == ["own q in", "left out", "exact", "KL"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["2", "4", "8", "16"]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
