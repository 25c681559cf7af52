"""Lesson 4: what its pictures draw, what its panel says, what its exercises tell."""

import itertools
import math

import numpy as np
import pytest
from matplotlib.colors import to_hex
from scipy import optimize, stats

from learner import assert_alive, dashed_black, drawn, ends, legend, limits, numbers_in, png_of, said
from vaelib import data, exact, gradients, style
from vaelib.lessons.beta import check, pictures
from vaelib.lessons.beta.panel import DATASETS, START_VALUES
from vaelib.live import View
from vaelib.model import START, LinearVAE
from vaelib.objective import expected_terms
from vaelib.panels import beta_panel
from vaelib.training import train

pytestmark = pytest.mark.pinned

PANEL = beta_panel

X, V = data.toy(), 0.3
BETA, RECON_VAR = np.geomspace(0.1, 30, 7), np.geomspace(0.02, 5, 5)
KL, _ = exact.rate_distortion(X, beta=BETA[:, None], recon_var=RECON_VAR)


def line_of(axes, label):
    (line,) = [line for line in axes.lines if line.get_label() == label]
    return line


def test_the_curve_is_half_the_logarithm_of_the_inverse_share(axes):
    pictures.RatePlane(axes)
    curve = line_of(axes, "optima")
    share, rate = curve.get_data()
    np.testing.assert_allclose(np.exp(-2 * rate), share, rtol=1e-12)
    assert (share[0], share[-1], rate[-1]) == (1e-3, 1, 0)
    assert dashed_black(curve)
    assert axes.get_xlabel() == "distortion / variance of the data"
    assert axes.get_title(loc="left") == "Rate (KL), nats"


@pytest.mark.parametrize("x", [X, 3 * X - 7, data.penguins()], ids=["toy", "moved", "penguins"])
def test_all_optima_of_all_data_lie_on_the_curve(axes, x):
    pictures.RatePlane(axes)
    share, rate = line_of(axes, "optima").get_data()
    product = np.geomspace(0.0026, 1, 40) * x.var()
    for recon_var in (0.2 * x.var(), product):
        rates, distortions = exact.rate_distortion(x, beta=product / recon_var, recon_var=recon_var)
        on_curve = np.interp(distortions / x.var(), share, rate)
        np.testing.assert_allclose(rates, on_curve, atol=0.06)
        np.testing.assert_allclose(rates, -0.5 * np.log(distortions / x.var()), atol=1e-12)


def test_the_plane_shows_the_run_its_optimum_and_those_visited(axes):
    plane = pictures.RatePlane(axes)
    for run in ((0.9, 0.2), (0.5, 0.6), (0.3, 0.9)):
        plane.show(run, (0.1, 1.15))
    assert plane.run.get_xydata().tolist() == [[0.3, 0.9]]
    assert plane.goal.get_xydata().tolist() == [[0.1, 1.15]]
    assert plane.trail.get_xydata().tolist() == [[0.9, 0.2], [0.5, 0.6], [0.3, 0.9]]
    assert legend(axes) == ["run", "its optimum", "visited", "optima"]


def test_run_and_visited_have_the_objectives_colour_and_the_optimum_is_an_open_circle(axes):
    plane = pictures.RatePlane(axes)
    assert {to_hex(line.get_color()) for line in (plane.run, plane.trail)} == {style.OBJECTIVE["color"]}
    assert to_hex(plane.goal.get_markerfacecolor()) == style.PAPER
    assert {line.get_linestyle() for line in plane.artists} == {"None"}
    assert plane.trail.get_markersize() < plane.run.get_markersize() < plane.goal.get_markersize()
    assert plane.artists == [plane.trail, plane.goal, plane.run]


def test_limits_stay_wherever_a_run_goes():
    figure, (axes,) = style.picture(480, 300, "a plane")
    plane = pictures.RatePlane(axes)
    live, before = View(figure, [plane], [], print, print, print), limits(axes)
    for size in (0.0, 1.0, 100.0):
        plane.show((size, size), (size, 0))
        live.draw()
        assert limits(axes) == before


def kl_in_view(axes, recon_var, beta):
    """The KL that the map shows at a place, from the cell that contains it."""
    (mesh,) = axes.collections
    edges = mesh.get_coordinates()
    column = np.searchsorted(edges[0, :, 0], recon_var) - 1
    row = np.searchsorted(edges[:, 0, 1], beta) - 1
    return mesh.get_array()[row, column]


def test_the_map_has_the_kl_of_each_place_where_it_belongs(axes):
    pictures.phase_diagram(axes, "KL", BETA, RECON_VAR, KL, X.var())
    for row, column in np.ndindex(KL.shape):
        assert kl_in_view(axes, RECON_VAR[column], BETA[row]) == KL[row, column]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title(loc="left")) == ("recon_var", "beta", "KL")
    assert axes.get_xlim() == pytest.approx((0.02, 5)) and axes.get_ylim() == pytest.approx((0.1, 30))


def test_the_threshold_parts_the_collapsed_from_the_others(axes):
    pictures.phase_diagram(axes, "KL", BETA, RECON_VAR, KL, X.var())
    recon_var, beta = line_of(axes, "threshold").get_data()
    np.testing.assert_allclose(recon_var * beta, X.var())
    assert dashed_black(line_of(axes, "threshold")) and legend(axes) == ["threshold"]
    np.testing.assert_array_equal(BETA[:, None] >= beta, KL == 0)


def test_no_kl_is_white_and_more_kl_is_darker(axes):
    pictures.phase_diagram(axes, "KL", BETA, RECON_VAR, KL, X.var())
    (mesh,) = axes.collections
    assert mesh.get_clim() == (0, pictures.MOST_NATS)
    assert to_hex(mesh.to_rgba(0.0)) == style.PAPER and to_hex(mesh.to_rgba(9.0)) == to_hex(mesh.to_rgba(3.0))
    brightness = mesh.to_rgba(np.linspace(0, 3, 50))[:, :3].sum(axis=1)
    assert (np.diff(brightness) < 0).all()


def test_unfinished_runs_are_crossed_out(axes):
    unfinished = np.zeros(KL.shape, dtype=bool)
    unfinished[0, 4] = unfinished[5, 1] = True
    pictures.phase_diagram(axes, "KL", BETA, RECON_VAR, KL, X.var(), unfinished)
    crosses = line_of(axes, "unfinished")
    assert crosses.get_marker() == "x" and crosses.get_linestyle() == "None"
    assert crosses.get_xydata().tolist() == [[RECON_VAR[4], BETA[0]], [RECON_VAR[1], BETA[5]]]
    assert legend(axes) == ["threshold", "unfinished"]


def test_where_all_runs_are_finished_nothing_is_crossed_out(axes):
    pictures.phase_diagram(axes, "KL", BETA, RECON_VAR, KL, X.var(), np.zeros(KL.shape, dtype=bool))
    assert line_of(axes, "unfinished").get_xydata().size == 0


MOVES = [
    {},
    {"beta": 4.0, "recon_var": 1.0, "steps": 50},
    {"beta": 0.1, "lr": 0.2},
    {"data": "penguins", "beta": 2.0},
    {"beta": 30.0, "steps": 3000},
    {"data": "penguins", "beta": 4.0, "recon_var": 0.25, "steps": 1000},
    {"beta": 0.1, "recon_var": 0.02},
]


def product(panel):
    return panel.values["beta"] * panel.values["recon_var"]


def by_hand(panel, **moves):
    for name, value in moves.items():
        panel.knobs[name].value = value


def rate_distortion(x, params):
    """The definitions: mean KL, and mean squared error by Gauss-Hermite quadrature over the noise."""
    mu, var = params.a * x + params.b, np.exp(np.clip(params.c * x + params.d, -6, 4))
    nodes, weights = np.polynomial.hermite_e.hermegauss(5)
    z = mu + np.sqrt(var) * nodes[:, None]
    squared = (x - params.m * z - params.n) ** 2
    return np.mean((mu**2 + var - 1 - np.log(var)) / 2), np.mean(weights @ squared) / weights.sum()


def square_of_codes(x, params):
    """E[mu^2] + E[sigma^2]."""
    return np.mean((params.a * x + params.b) ** 2 + np.exp(np.clip(params.c * x + params.d, -6, 4)))


def points(panel, label):
    return drawn(panel, 0, label).get_xydata()


def retrained(panel):
    beta, recon_var, lr, steps, name = (panel.values[knob] for knob in START_VALUES)
    limit = exact.largest_stable_lr(DATASETS[name], beta=beta, recon_var=recon_var)
    return train(DATASETS[name], beta=beta, recon_var=recon_var, lr=lr * limit, steps=steps, noise="exact")


def test_a_new_panel_starts_with_the_originals_data_beta_and_recon_var():
    start = {"beta": 1.0, "recon_var": 0.3, "lr": 0.9, "steps": 500, "data": "toy"}
    assert beta_panel().values == start
    np.testing.assert_array_equal(DATASETS["toy"], X)
    assert (DATASETS["penguins"].mean(), DATASETS["penguins"].var()) == pytest.approx((0, 1))


@pytest.mark.parametrize("move", MOVES, ids=str)
def test_the_run_is_an_exact_one_at_a_share_of_the_largest_stable_rate(panel, move):
    panel.set(**move)
    np.testing.assert_array_equal(panel.run.path, retrained(panel).path)


@pytest.mark.parametrize("move", MOVES, ids=str)
def test_the_summary_says_product_rate_distortion_variance_and_rest(panel, move):
    panel.set(**move)
    x, beta, recon_var = DATASETS[panel.values["data"]], panel.values["beta"], panel.values["recon_var"]
    run, best = retrained(panel).params, exact.optimum(x, beta=beta, recon_var=recon_var)
    (rate, distortion), (best_rate, least) = (rate_distortion(x, params) for params in (run, best))
    fits = [params.m**2 + recon_var for params in (run, best)]
    squares = [square_of_codes(x, params) for params in (run, best)]
    wanted = [beta * recon_var, x.var(), rate, best_rate, distortion, least, *fits, x.var(), *squares]
    np.testing.assert_allclose(numbers_in(panel.summary()), wanted, rtol=5.1e-3, atol=5.1e-4)
    assert ("the optimum is collapsed" in panel.summary()) == (best.m < 1e-6)
    assert (squares[1] == pytest.approx(1)) == (move != MOVES[-1])  # where the clamp binds


@pytest.mark.parametrize("move", MOVES, ids=str)
def test_run_and_optimum_are_where_their_rate_and_distortion_are(panel, move):
    panel.set(**move)
    x = DATASETS[panel.values["data"]]
    best = exact.optimum(x, beta=panel.values["beta"], recon_var=panel.values["recon_var"])
    for label, params in (("run", panel.run.params), ("its optimum", best)):
        rate, distortion = rate_distortion(x, params)
        shown = min(distortion / x.var(), 1.1), min(rate, 3.5)
        assert points(panel, label)[0] == pytest.approx(shown, abs=1e-9)


@pytest.mark.parametrize("move", MOVES, ids=str)
def test_the_densities_are_those_of_run_and_optimum(panel, move):
    panel.set(**move)
    x, recon_var = DATASETS[panel.values["data"]], panel.values["recon_var"]
    best = exact.optimum(x, beta=panel.values["beta"], recon_var=recon_var)
    for label, params in (("model p(x)", panel.run.params), ("optimum", best)):
        grid, density = drawn(panel, 1, label).get_data()
        np.testing.assert_allclose(density, stats.norm.pdf(grid, params.n, np.hypot(params.m, recon_var**0.5)))


@pytest.mark.parametrize("name", DATASETS)
def test_every_corner_is_alive_and_no_run_is_below_the_curve(painted, name):
    corners = itertools.product(*(ends(painted, knob) for knob in ("beta", "recon_var", "lr", "steps")))
    for beta, recon_var, lr, steps in corners:
        painted.set(beta=beta, recon_var=recon_var, lr=lr, steps=steps, data=name)
        assert painted.run.diverged == -1
        assert_alive(painted)
        share, rate = np.concatenate([points(painted, label) for label in ("run", "its optimum", "visited")]).T
        assert (rate >= -0.5 * np.log(share) - 1e-9).all() and (rate >= -1e-12).all()


@pytest.mark.parametrize("name", DATASETS)
def test_no_step_of_any_run_and_no_parameters_at_all_are_below_the_curve(name):
    x, rng = DATASETS[name], np.random.default_rng(0)
    path = train(x, beta=np.array([0.1, 1.0, 9.0]), recon_var=0.3, lr=0.02, steps=300, noise="exact").path
    for params in (path, rng.normal(scale=(1, 1, 0.5, 2, 1, 1), size=(2000, 6)).T):
        a, b, c, d, m, n = (np.asarray(values)[..., None] for values in params)
        mu, logvar = a * x + b, np.clip(c * x + d, -6, 4)
        rate = np.mean((mu**2 + np.exp(logvar) - 1 - logvar) / 2, axis=-1)
        distortion = np.mean((x - m * mu - n) ** 2 + m**2 * np.exp(logvar), axis=-1)
        assert (rate >= -0.5 * np.log(distortion / x.var()) - 1e-9).all()


def test_the_same_product_at_rest_is_the_same_point_and_another_fit(panel):
    panel.set(beta=1.0, recon_var=0.6, steps=3000)
    point, fit = points(panel, "run"), drawn(panel, 1, "model p(x)").get_ydata().copy()
    panel.set(beta=2.0, recon_var=0.3)
    np.testing.assert_allclose(points(panel, "run"), point, atol=1e-6)
    assert np.abs(drawn(panel, 1, "model p(x)").get_ydata() - fit).max() > 1e-3


@pytest.mark.parametrize("start", [(1.0, 0.3), (30.0, 5.0), (0.1, 0.02), (0.1, 5.0), (30.0, 0.02), (0.7, 1.23)])
def test_the_same_product_goes_from_pair_to_pair_and_round_again(panel, start):
    panel.set(beta=start[0], recon_var=start[1], steps=20, data="penguins")
    visited = []
    for _ in range(10):
        panel.buttons["the same product"].click()
        visited.append(round(panel.values["beta"], 9))
        assert product(panel) == pytest.approx(start[0] * start[1], rel=1e-9)
    assert panel.values["data"] == "penguins" and panel.values["steps"] == 20
    assert visited[-1] in visited[:-1]


def test_the_first_pairs_with_the_originals_product(panel):
    for pair in [(4.0, 0.075), (0.1, 3.0), (0.4, 0.75)]:
        panel.buttons["the same product"].click()
        assert (panel.values["beta"], panel.values["recon_var"]) == pytest.approx(pair, rel=1e-12)


def test_the_trail_grows_with_each_move_and_ends_at_the_run(panel):
    visited = [points(panel, "run")[0]]
    for move in ({"beta": 2.0}, {"beta": 4.0}, {"recon_var": 1.0}, {"data": "penguins"}, {"steps": 20}):
        by_hand(panel, **move)
        visited.append(points(panel, "run")[0])
        np.testing.assert_array_equal(points(panel, "visited"), visited)


def test_clear_leaves_the_run_alone_draws_and_moves_no_knob(painted):
    by_hand(painted, beta=2.0, recon_var=1.0)
    values, before = painted.values, png_of(painted)
    painted.buttons["clear"].click()
    np.testing.assert_array_equal(points(painted, "visited"), points(painted, "run"))
    assert painted.values == values and png_of(painted) != before
    assert_alive(painted)


def test_the_oldest_of_very_many_visited_are_forgotten(monkeypatch):
    monkeypatch.setattr("vaelib.lessons.beta.pictures.TRAIL", 5)
    panel, visited = beta_panel(steps=20), []
    for beta in panel.knobs["beta"].numbers[:12]:
        panel.set(beta=beta)
        visited.append(points(panel, "run")[0])
    np.testing.assert_array_equal(points(panel, "visited"), visited[-5:])


def test_each_panel_has_a_trail_of_its_own(panel):
    other = beta_panel(steps=20)
    other.set(beta=4.0)
    assert len(points(panel, "visited")) == 1 and len(points(other, "visited")) == 2


def in_the_plane(panel, label):
    (left, right), (low, high) = limits(panel.view.figure.axes[0])
    ((share, rate),) = points(panel, label)
    return left <= share <= right and low <= rate <= high


def test_at_the_smallest_product_the_optimum_is_in_view():
    """The clamp binds; its rate is 3.69, and the plane ends at 3.5."""
    assert in_the_plane(beta_panel(beta=0.1, recon_var=0.02), "its optimum")


@pytest.mark.parametrize(
    "knobs",
    [
        {"beta": 0.1, "steps": 50},
        {"beta": 0.1, "lr": 0.1},
        {"beta": 0.1, "recon_var": 0.02},
        {"beta": 0.8, "recon_var": 0.02, "steps": 50},
        {"beta": 30.0, "recon_var": 5.0, "data": "penguins", "steps": 20},
    ],
    ids=str,
)
def test_a_run_far_from_finished_is_in_view(knobs):
    """Rates up to 9.2 (0.1, 0.02, lr 0.1, 3,000 steps) and shares up to 1.43 (the last with lr 0.1) occur."""
    assert in_the_plane(beta_panel(**knobs), "run")


def rate(beta, recon_var, s2):
    return max(0.5 * math.log(s2 / (beta * recon_var)), 0.0)


def in_use(formula):
    """The formula below the threshold, 0 above it."""
    return lambda beta, v, s2: formula(beta, v, s2) if beta * v < s2 else 0.0


RIGHT = {
    check.same_training: {
        "as the lesson writes it": (2.0, 0.04),
        "as a list": [2, 0.04],
        "as numpy numbers": (np.int64(2), np.float64(4.0 * 0.02 / 2)),
        "computed": (4 * 0.3 / 0.6, 4 * 0.02 * 0.6 / (4 * 0.3)),
    },
    check.optimal_rate: {
        "by hand": rate,
        "clipped": lambda *args: np.maximum(0.5 * np.log(args[2] / (args[0] * args[1])), 0),
        "by cases": in_use(lambda beta, v, s2: -0.5 * np.log(beta * v / s2)),
        "as the logarithm of a root": in_use(lambda beta, v, s2: math.log(math.sqrt(s2 / v / beta))),
        "as an array": lambda *args: np.array(rate(*args)),
    },
    check.product_of_code: {
        "by hand": 0.064,
        "as weights": 0.002 / (2 * (1 / 64)),
        "as half of a product": 64 * 0.002 / 2,
        "as an array": np.array(0.064),
    },
}

WRONG = {
    check.same_training: {
        "the beta: the product beta recon_var must stay 1.2: a larger": (8.0, 0.01),
        "so lr must be larger": (2.0, 0.01),
        "the lr: 0.08 is the lr for beta 1": (2.0, 0.08),
        "the beta: 3 is too large": (3.0, 0.04),
        "the lr: 0.03 is too small": (2.0, 0.03),
    },
    check.optimal_rate: {
        "the sign is wrong": in_use(lambda beta, v, s2: 0.5 * math.log(v * beta / s2)),
        "that is in bits": in_use(lambda beta, v, s2: 0.5 * math.log2(s2 / v / beta)),
        "recon_var is a variance already": lambda beta, v, s2: max(0.5 * math.log(s2 / (beta * v**2)), 0.0),
        "the other way round": lambda beta, v, s2: max(0.5 * math.log(beta * v / s2), 0.0),
        "the formula goes below 0": lambda beta, v, s2: 0.5 * math.log(s2 / v / beta),
    },
    check.product_of_code: {
        "recon is a sum over them": 0.002 / 2,
        "its weight is 1/64 and not 64": 0.002 / (2 * 64),
        "you multiplied by 2": 2 * 64 * 0.002,
        "a half is missing": 64 * 0.002,
        "and twice that is below": 0.002 / 64,
        "turn the fraction round": 2 * (1 / 64) / 0.002,
        "0.1 is too large": 0.1,
    },
}


@pytest.mark.parametrize(("beta", "lr", "same"), [(2.0, 0.04, True), (2.0, 0.02, False), (4.0, 0.02, False)])
def test_the_same_training_is_one_with_the_same_numbers_at_every_step(capsys, beta, lr, same):
    x, noise = data.toy(), data.seed_draws().beta4
    one = train(x, beta=4.0, recon_var=0.3, lr=0.02, noise=noise)
    other = train(x, beta=beta, recon_var=0.6, lr=lr, noise=noise)
    assert np.allclose(one.path, other.path, atol=1e-10) == same
    assert said(capsys, check.same_training, (beta, lr)).startswith("Right: ") == same


def test_the_rate_is_asked_for_on_both_sides_of_the_collapse():
    assert [beta * v < s2 for beta, v, s2 in check.optimal_rate.cases] == [True, True, True, False, False]


def test_a_rate_that_is_wrong_on_one_side_only_is_told_on_which(capsys):
    active = said(capsys, check.optimal_rate, lambda beta, v, s2: 0.1 * (beta * v < s2))
    collapsed = said(capsys, check.optimal_rate, lambda beta, v, s2: 0.5 * math.log(s2 / (beta * v)))
    assert "the rate at beta 3, recon_var 0.4, s2 5: 0.1 is too small." in active
    assert "the rate at beta 20, recon_var 0.4, s2 5: " in collapsed


def test_one_side_left_undone_is_not_tried_yet(capsys):
    line = said(capsys, check.optimal_rate, lambda beta, v, s2: ... if beta * v > s2 else rate(beta, v, s2))
    assert line.startswith("Not tried yet")


def test_the_code_of_exercise_3_has_the_slopes_of_a_model_with_that_product():
    """A mean over 64 squared errors plus 0.002 KL is, up to a factor, -recon + beta KL at beta recon_var 0.064."""
    errors, kl = np.random.default_rng(0).uniform(1, 5, (2, 6))

    def loss(error, kl):
        return error / 64 + 0.002 * kl

    def objective(error, kl, recon_var):
        return -error / (2 * recon_var) - 0.064 / recon_var * kl

    for recon_var in (0.05, 1.0):
        ratio = [objective(*pair, recon_var) / loss(*pair) for pair in zip(errors, kl, strict=True)]
        assert ratio == pytest.approx([-32 / recon_var] * 6)


def objective_of_directions(kept, left_out, beta, recon_var, a, log_var, m):
    """The expected objective where each latent (mu = a x, x_hat = m z) has one direction of these variances."""
    error = np.sum((1 - m * a) ** 2 * kept + m**2 * np.exp(log_var)) + np.sum(left_out)
    kl = np.sum(a**2 * kept + np.exp(log_var) - 1 - log_var) / 2
    return (
        -(np.size(kept) + np.size(left_out)) / 2 * np.log(2 * np.pi * recon_var) - error / (2 * recon_var) - beta * kl
    )


def highest(value, size, start=0.3):
    """The highest value of a function of so many numbers, and where."""
    found = optimize.minimize(lambda free: -value(free), np.full(size, start), options={"gtol": 1e-7})
    return -found.fun, found.x


def test_with_as_many_numbers_as_latents_every_recon_var_is_equally_good_and_with_more_one_is_best():
    def best(variance, left_out, recon_var):
        return highest(lambda free: objective_of_directions(variance, left_out, 1.0, recon_var, *free), 3)[0]

    assert np.ptp([best(X.var(), [], v) for v in (0.1, 0.3, 1.0, 4.0)]) < 1e-6
    of_two = [best(4.0, [0.5], v) for v in (0.1, 0.3, 0.5, 1.0)]
    assert np.round(of_two, 2).tolist() == [-4.38, -3.26, -3.18, -3.28]
    for v, value in zip((0.1, 0.3, 0.5, 1.0), of_two, strict=True):  # probabilistic PCA: variances 4 and v
        assert value == pytest.approx(-(np.log(2 * np.pi * 4) + 1 + np.log(2 * np.pi * v) + 0.5 / v) / 2, abs=1e-6)


def test_with_two_numbers_and_one_latent_a_full_search_finds_no_more_than_the_direction_of_largest_variance():
    covariance, rng = np.diag([4.0, 0.5]), np.random.default_rng(0)

    def value(free, v=0.3):
        a, w, log_var = free[:2], free[2:4], free[4]
        residual = np.eye(2) - np.outer(w, a)
        error = np.trace(residual @ covariance @ residual.T) + w @ w * np.exp(log_var)
        return -np.log(2 * np.pi * v) - error / (2 * v) - (a @ covariance @ a + np.exp(log_var) - 1 - log_var) / 2

    ends = [-optimize.minimize(lambda free: -value(free), rng.normal(size=5)).fun for _ in range(8)]
    assert max(ends) == pytest.approx(-3.26, abs=5e-3)


def test_a_learned_recon_var_above_beta_1_collapses_here_and_not_where_directions_are_left_out():
    def learned(kept, left_out):
        kept = np.asarray(kept)

        def value(free):
            return objective_of_directions(kept, left_out, 4.0, np.exp(free[0]), *free[1:].reshape(3, -1))

        free = highest(value, 1 + 3 * kept.size)[1]
        return np.exp(free[0]), np.abs(free[-kept.size :])

    recon_var, m = learned([X.var()], [])
    assert recon_var == pytest.approx(X.var(), rel=1e-3) and m.max() < 0.05
    recon_var, m = learned([4.0, 3.0], [0.1] * 18)
    assert recon_var == pytest.approx(0.15, rel=1e-3) and m == pytest.approx(np.sqrt([4 - 0.6, 3 - 0.6]), rel=1e-3)


def test_while_beta_changes_the_lr_must_change_too():
    def trained(settings):
        params = START
        for beta, recon_var, lr in settings:
            slopes = gradients.expected_grad(X, params, beta=beta, recon_var=recon_var)
            params = LinearVAE(*(value + lr * slope for value, slope in zip(params, slopes, strict=True)))
        return np.array(params)

    betas = np.linspace(0.5, 4.0, 60)
    changing = trained((beta, V, 0.01) for beta in betas)
    np.testing.assert_allclose(trained((1.0, beta * V, beta * 0.01) for beta in betas), changing, atol=1e-12)
    assert np.abs(trained((1.0, beta * V, 4.0 * 0.01) for beta in betas) - changing).max() > 0.01


def test_without_a_kl_a_stretched_code_is_better_however_far_it_is_stretched():
    best = exact.optimum(X, recon_var=V)
    stretched = [best._replace(a=k * best.a, b=k * best.b, m=best.m / k) for k in (1, 10, 100, 1000)]
    recon = [expected_terms(X, params, recon_var=V).recon for params in stretched]
    assert (np.diff(recon) > 0).all()


def test_a_curved_code_of_outliers_pays_where_the_product_is_above_the_variance():
    """Of the data a share is 1, the rest 0; x_hat is 1 above an edge in z, else 0; q of the many is the prior."""
    share, edge, mean, deviation = 0.02, 3.0, 3.5, 0.2
    variance = share * (1 - share)
    wrong = (1 - share) * stats.norm.sf(edge) + share * stats.norm.cdf(edge, mean, deviation)
    kl = share * (mean**2 + deviation**2 - 1 - np.log(deviation**2)) / 2
    for times, pays in ((1.0, True), (2.0, True), (6.0, False)):
        product = times * variance
        assert (-wrong / (2 * product) - kl > -variance / (2 * product)) == pays
