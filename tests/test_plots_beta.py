"""The pictures of lesson 4: the plane of rate and distortion, the map of beta and recon_var."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from learner import dashed_black, legend, limits
from vaelib import data, exact, style
from vaelib.live import LivePicture
from vaelib.plots import beta as plots

X, V = data.toy(), 0.3
BETA, RECON_VAR = np.geomspace(0.1, 30, 7), np.geomspace(0.02, 5, 5)
KL, _ = exact.rate_distortion(X, beta=BETA[:, None], recon_var=RECON_VAR)


def line_of(axes, label):
    (line,) = [line for line in axes.lines if line.get_label() == label]
    return line


def assert_rate_distortion_curve(line):
    share, rate = line.get_data()
    np.testing.assert_allclose(np.exp(-2 * rate), share, rtol=1e-12)
    assert (share[0], share[-1], rate[-1]) == (1e-3, 1, 0)
    assert dashed_black(line)


def drawn_by_the_plane(axes):
    plots.RatePlane(axes)


def drawn_by_runs(axes):
    plots.runs_on_plane(axes, {"few": ([0.5], [0.4]), "many": ([0.2], [0.9])})


@pytest.mark.parametrize("draw", [drawn_by_the_plane, drawn_by_runs])
def test_the_curve_is_half_the_logarithm_of_the_inverse_share(axes, draw):
    draw(axes)
    assert_rate_distortion_curve(line_of(axes, "optima"))
    assert axes.get_xlabel() == "distortion / variance of the data"
    assert axes.get_title(loc="left") == "Rate (KL), nats"


@pytest.mark.parametrize("x", [X, 3 * X - 7, data.penguins()], ids=["toy", "moved", "penguins"])
def test_all_optima_of_all_data_lie_on_the_curve(axes, x):
    drawn_by_the_plane(axes)
    share, rate = line_of(axes, "optima").get_data()
    product = np.geomspace(0.0026, 1, 40) * x.var()
    for recon_var in (0.2 * x.var(), product):
        rates, distortions = exact.rate_distortion(x, beta=product / recon_var, recon_var=recon_var)
        on_curve = np.interp(distortions / x.var(), share, rate)
        np.testing.assert_allclose(rates, on_curve, atol=0.06)
        np.testing.assert_allclose(rates, -0.5 * np.log(distortions / x.var()), atol=1e-12)


def test_the_plane_shows_the_run_its_optimum_and_those_visited(axes):
    plane = plots.RatePlane(axes)
    plane.show((0.3, 0.9), (0.1, 1.15), [(0.9, 0.2), (0.5, 0.6), (0.3, 0.9)])
    assert plane.run.get_xydata().tolist() == [[0.3, 0.9]]
    assert plane.goal.get_xydata().tolist() == [[0.1, 1.15]]
    assert plane.trail.get_xydata().tolist() == [[0.9, 0.2], [0.5, 0.6], [0.3, 0.9]]
    assert legend(axes) == ["run", "its optimum", "visited", "optima"]


def test_run_and_visited_have_the_objectives_colour_and_the_optimum_is_an_open_circle(axes):
    plane = plots.RatePlane(axes)
    assert {to_hex(line.get_color()) for line in (plane.run, plane.trail)} == {style.OBJECTIVE["color"]}
    assert to_hex(plane.goal.get_markerfacecolor()) == style.PAPER
    assert {line.get_linestyle() for line in plane.artists} == {"None"}
    assert plane.trail.get_markersize() < plane.run.get_markersize() < plane.goal.get_markersize()
    assert plane.artists == [plane.trail, plane.goal, plane.run]


def test_limits_stay_wherever_a_run_goes():
    figure, (axes,) = style.picture(480, 300, "a plane")
    plane = plots.RatePlane(axes)
    live, before = LivePicture(figure, plane.artists), limits(axes)
    for size in (0.0, 1.0, 100.0):
        plane.show((size, size), (size, 0), [(size, size)] * 400)
        live.draw()
        assert limits(axes) == before


def test_two_sets_of_runs_are_told_apart_on_the_plane(axes):
    runs = {"100 steps": (np.array([0.5, 0.3]), np.array([0.6, 0.9])), "3,000 steps": ([0.4, 0.2], [0.5, 0.8])}
    plots.runs_on_plane(axes, runs)
    assert legend(axes) == ["100 steps", "3,000 steps", "optima"]
    for label, pairs in runs.items():
        np.testing.assert_array_equal(line_of(axes, label).get_data(), pairs)
        assert line_of(axes, label).get_linestyle() == "None"
    open_ones, filled = (to_hex(line_of(axes, label).get_markerfacecolor()) for label in runs)
    assert open_ones == style.PAPER and filled == style.OBJECTIVE["color"]


def kl_in_view(axes, recon_var, beta):
    """The KL that the map shows at a place, from the cell that contains it."""
    (mesh,) = axes.collections
    edges = mesh.get_coordinates()
    column = np.searchsorted(edges[0, :, 0], recon_var) - 1
    row = np.searchsorted(edges[:, 0, 1], beta) - 1
    return mesh.get_array()[row, column]


def test_the_map_has_the_kl_of_each_place_where_it_belongs(axes):
    plots.phase_diagram(axes, "KL", BETA, RECON_VAR, KL, X.var())
    for row, column in np.ndindex(KL.shape):
        assert kl_in_view(axes, RECON_VAR[column], BETA[row]) == KL[row, column]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title(loc="left")) == ("recon_var", "beta", "KL")
    assert axes.get_xlim() == pytest.approx((0.02, 5)) and axes.get_ylim() == pytest.approx((0.1, 30))


def test_the_threshold_parts_the_collapsed_from_the_others(axes):
    plots.phase_diagram(axes, "KL", BETA, RECON_VAR, KL, X.var())
    recon_var, beta = line_of(axes, "threshold").get_data()
    np.testing.assert_allclose(recon_var * beta, X.var())
    assert dashed_black(line_of(axes, "threshold")) and legend(axes) == ["threshold"]
    np.testing.assert_array_equal(BETA[:, None] >= beta, KL == 0)


def test_no_kl_is_white_and_more_kl_is_darker(axes):
    plots.phase_diagram(axes, "KL", BETA, RECON_VAR, KL, X.var())
    (mesh,) = axes.collections
    assert mesh.get_clim() == (0, plots.MOST_NATS)
    assert to_hex(mesh.to_rgba(0.0)) == style.PAPER and to_hex(mesh.to_rgba(9.0)) == to_hex(mesh.to_rgba(3.0))
    brightness = mesh.to_rgba(np.linspace(0, 3, 50))[:, :3].sum(axis=1)
    assert (np.diff(brightness) < 0).all()


def test_unfinished_runs_are_crossed_out(axes):
    unfinished = np.zeros(KL.shape, dtype=bool)
    unfinished[0, 4] = unfinished[5, 1] = True
    plots.phase_diagram(axes, "KL", BETA, RECON_VAR, KL, X.var(), unfinished)
    crosses = line_of(axes, "unfinished")
    assert crosses.get_marker() == "x" and crosses.get_linestyle() == "None"
    assert crosses.get_xydata().tolist() == [[RECON_VAR[4], BETA[0]], [RECON_VAR[1], BETA[5]]]
    assert legend(axes) == ["threshold", "unfinished"]


def test_where_all_runs_are_finished_nothing_is_crossed_out(axes):
    plots.phase_diagram(axes, "KL", BETA, RECON_VAR, KL, X.var(), np.zeros(KL.shape, dtype=bool))
    assert line_of(axes, "unfinished").get_xydata().size == 0
