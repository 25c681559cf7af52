"""The pictures of lesson 3 by what is in them: the data of their lines, their labels, their colours."""

import numpy as np
import pytest

from learner import dashed_black, legend, painted_before
from vaelib import data
from vaelib.gradients import pathwise_grad
from vaelib.model import START
from vaelib.plots import training as plots
from vaelib.training import History, train

X, DRAWS = data.toy(), data.seed_draws()
RUN = train(X, recon_var=0.3, lr=0.025, noise=DRAWS.beta1)


def test_traces_show_the_history_up_to_the_step_and_the_optimum_behind(axes):
    traces = plots.Traces(axes)
    goal = History(-0.8, 1.4, -2.2)
    traces.show(RUN.history, goal, 35, diverged=False)
    for name in ("recon", "kl", "objective"):
        trace = getattr(RUN.history, name)
        np.testing.assert_array_equal(traces.behind[name].get_xdata(), np.arange(1, 36))
        np.testing.assert_array_equal(traces.behind[name].get_ydata(), trace[:35])
        np.testing.assert_array_equal(traces.ahead[name].get_ydata(), trace)
        assert traces.dot[name].get_xydata().tolist() == [[35, trace[34]]]
        assert set(traces.exact[name].get_ydata()) == set(traces.goal[name].get_ydata()) == {getattr(goal, name)}
    assert list(traces.now.get_xdata()) == [35, 35]
    assert legend(axes) == ["objective", "recon", "KL", "optimum"]


def test_at_step_0_no_trace_lies_behind(axes):
    traces = plots.Traces(axes)
    traces.show(RUN.history, History(-0.8, 1.4, -2.2), 0, diverged=False)
    assert all(line.get_xdata().size == 0 for group in (traces.behind, traces.dot) for line in group.values())


def test_where_a_run_diverged_the_picture_says_so(axes):
    traces = plots.Traces(axes)
    traces.show(RUN.history, History(-0.8, 1.4, -2.2), 12, diverged=True)
    assert traces.end.get_visible() and traces.end.get_position()[0] == 12
    traces.show(RUN.history, History(-0.8, 1.4, -2.2), 12, diverged=False)
    assert not traces.end.get_visible()


def test_regret_is_drawn_from_the_start_to_the_step_shown(axes):
    regret = np.geomspace(10, 0.1, 141)
    picture = plots.Regret(axes)
    picture.show(regret, 35)
    np.testing.assert_array_equal(picture.ahead.get_ydata(), regret)
    np.testing.assert_array_equal(picture.behind.get_xdata(), np.arange(36))
    assert picture.dot.get_xydata().tolist() == [[35, regret[35]]]


def test_the_exact_answer_is_dashed_black_and_behind_the_learned_one(axes):
    traces = plots.Traces(axes)
    for name, exact in traces.exact.items():
        assert dashed_black(exact) and painted_before(traces, exact, traces.behind[name])


def test_the_tangent_has_the_slope_and_touches_the_curve(axes):
    m = np.linspace(-1, 1, 21)
    plots.tangent(axes, m, -(m**2), (0.5, -0.25), -1.0)
    line = axes.lines[1]
    assert np.diff(line.get_ydata()) / np.diff(line.get_xdata()) == pytest.approx([-1.0])
    assert np.interp(0.5, *line.get_data()) == pytest.approx(-0.25)


def test_both_routes_to_the_slopes_are_drawn_over_their_names(axes):
    grad = pathwise_grad(X, START, DRAWS.beta1, beta=1.0, recon_var=0.3)
    plots.slopes(axes, grad, grad)
    assert [line.get_ydata().tolist() for line in axes.lines[1:]] == [list(grad)] * 2
    assert [label.get_text() for label in axes.get_xticklabels()] == list("abcdmn")


def test_excess_counts_the_runs_and_marks_one(axes):
    plots.excess(axes, [-0.1, 0.1, 0.11], 0.025)
    assert axes.patches[0].get_data().values.sum() == 3 and axes.lines[1].get_xdata()[0] == 0.025
