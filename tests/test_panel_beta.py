"""The panel of lesson 4: its numbers recomputed, the curve that nothing crosses, the product that a hand keeps."""

import itertools

import numpy as np
import pytest
from scipy import stats

from learner import assert_alive, at_once, drawn, ends, hand, limits, numbers_in, png_of
from vaelib import data, exact
from vaelib.panels import beta_panel
from vaelib.panels.beta import DATA, START_VALUES
from vaelib.training import train

X = data.toy()
MOVES = [
    {},
    {"beta": 4.0, "recon_var": 1.0, "steps": 50},
    {"beta": 0.1, "lr": 0.2},
    {"data": "penguins", "beta": 2.0},
    {"beta": 30.0, "steps": 3000},
    {"data": "penguins", "beta": 4.0, "recon_var": 0.25, "steps": 1000},
    {"beta": 0.1, "recon_var": 0.02},
]


@pytest.fixture(scope="module")
def shared():
    return beta_panel()


@pytest.fixture
def panel(undrawn, shared):
    """The shared panel, at its start and without a past."""
    shared.set(**START_VALUES)
    shared.buttons["clear"].click()
    return shared


@pytest.fixture
def painted(shared):
    """The same, with its picture."""
    shared.buttons["reset"].click()
    shared.buttons["clear"].click()
    return shared


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
    beta, recon_var, lr, _, steps, name = (panel.values[knob] for knob in START_VALUES)
    limit = exact.largest_stable_lr(DATA[name], beta=beta, recon_var=recon_var)
    return train(DATA[name], beta=beta, recon_var=recon_var, lr=lr * limit, steps=steps, noise="exact")


def test_a_new_panel_starts_with_the_originals_data_beta_and_recon_var():
    start = {"beta": 1.0, "recon_var": 0.3, "lr": 0.9, "product": "free", "steps": 500, "data": "toy"}
    assert beta_panel().values == start
    np.testing.assert_array_equal(DATA["toy"], X)
    assert (DATA["penguins"].mean(), DATA["penguins"].var()) == pytest.approx((0, 1))


@pytest.mark.parametrize("move", MOVES, ids=str)
def test_the_run_is_an_exact_one_at_a_share_of_the_largest_stable_rate(panel, move):
    panel.set(**move)
    np.testing.assert_array_equal(panel.run.path, retrained(panel).path)


@pytest.mark.parametrize("move", MOVES, ids=str)
def test_the_summary_says_product_rate_distortion_variance_and_rest(panel, move):
    panel.set(**move)
    x, beta, recon_var = DATA[panel.values["data"]], panel.values["beta"], panel.values["recon_var"]
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
    x = DATA[panel.values["data"]]
    best = exact.optimum(x, beta=panel.values["beta"], recon_var=panel.values["recon_var"])
    for label, params in (("run", panel.run.params), ("its optimum", best)):
        rate, distortion = rate_distortion(x, params)
        shown = min(distortion / x.var(), 1.1), min(rate, 3.5)
        assert points(panel, label)[0] == pytest.approx(shown, abs=1e-9)


@pytest.mark.parametrize("move", MOVES, ids=str)
def test_the_densities_are_those_of_run_and_optimum(panel, move):
    panel.set(**move)
    x, recon_var = DATA[panel.values["data"]], panel.values["recon_var"]
    best = exact.optimum(x, beta=panel.values["beta"], recon_var=recon_var)
    for label, params in (("model p(x)", panel.run.params), ("optimum", best)):
        grid, density = drawn(panel, 1, label).get_data()
        np.testing.assert_allclose(density, stats.norm.pdf(grid, params.n, np.hypot(params.m, recon_var**0.5)))


@pytest.mark.parametrize("name", DATA)
def test_every_corner_is_alive_and_no_run_is_below_the_curve(painted, name):
    corners = itertools.product(*(ends(painted, knob) for knob in ("beta", "recon_var", "lr", "steps")))
    for beta, recon_var, lr, steps in corners:
        painted.set(beta=beta, recon_var=recon_var, lr=lr, steps=steps, data=name)
        assert painted.run.diverged == -1
        assert_alive(painted)
        share, rate = np.concatenate([points(painted, label) for label in ("run", "its optimum", "visited")]).T
        assert (rate >= -0.5 * np.log(share) - 1e-9).all() and (rate >= -1e-12).all()


@pytest.mark.parametrize("name", DATA)
def test_no_step_of_any_run_and_no_parameters_at_all_are_below_the_curve(name):
    x, rng = DATA[name], np.random.default_rng(0)
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


def test_free_knobs_stay_where_they_are(panel):
    by_hand(panel, beta=4.0)
    assert panel.values == START_VALUES | {"beta": 4.0}
    by_hand(panel, recon_var=1.0)
    assert panel.values == START_VALUES | {"beta": 4.0, "recon_var": 1.0}


@pytest.mark.parametrize("start", [(1.0, 0.3), (30.0, 5.0), (0.1, 0.02), (0.1, 5.0), (30.0, 0.02), (0.7, 1.23)])
@pytest.mark.parametrize("name", ["beta", "recon_var"])
def test_a_hand_that_moves_one_knob_moves_the_other_so_that_the_product_stays(panel, name, start):
    beta, recon_var = start
    panel.set(beta=beta, recon_var=recon_var, product="held", steps=20)
    for value in panel.knobs[name].numbers[::-4]:
        by_hand(panel, **{name: value})
        assert product(panel) == pytest.approx(beta * recon_var, rel=1e-9)
        assert f"beta × recon_var = {beta * recon_var:.3g} " in panel.summary()
        for knob in ("beta", "recon_var"):
            first, last = ends(panel, knob)
            assert first <= panel.values[knob] <= last


@pytest.mark.parametrize(
    ("move", "arrived"),
    [
        ({"beta": 4.0}, (4.0, 0.075)),
        ({"beta": 0.1}, (0.1, 3.0)),
        ({"beta": 30.0}, (15.0, 0.02)),
        ({"recon_var": 0.02}, (15.0, 0.02)),
        ({"recon_var": 5.0}, (0.1, 3.0)),
        ({"recon_var": 0.6}, (0.5, 0.6)),
    ],
)
def test_where_the_partner_has_no_more_room_both_stop(panel, move, arrived):
    panel.set(product="held")
    by_hand(panel, **move)
    assert (panel.values["beta"], panel.values["recon_var"]) == pytest.approx(arrived, rel=1e-12)


def test_many_hand_moves_and_back_leave_no_drift(panel):
    rng = np.random.default_rng(0)
    panel.set(product="held", steps=20)
    for _ in range(150):
        name = ("beta", "recon_var")[rng.integers(2)]
        by_hand(panel, **{name: float(rng.choice(panel.knobs[name].numbers))})
        assert product(panel) == pytest.approx(0.3, rel=1e-9)
    by_hand(panel, beta=2.0)
    by_hand(panel, beta=1.0)
    assert (panel.values["beta"], panel.values["recon_var"]) == pytest.approx((1.0, 0.3), rel=1e-9)


def test_held_is_where_it_is_when_it_is_switched_on(panel):
    by_hand(panel, beta=4.0, product="held", recon_var=0.6)
    assert panel.values["beta"] == pytest.approx(2.0, rel=1e-12)
    by_hand(panel, product="free", beta=1.0)
    assert panel.values["recon_var"] == 0.6


def test_set_is_literal_while_the_product_is_held_and_a_hand_holds_what_was_set(panel):
    panel.set(product="held")
    panel.set(beta=4.0)
    assert panel.values == START_VALUES | {"product": "held", "beta": 4.0}
    panel.set(beta=2.0, recon_var=1.0)
    assert product(panel) == 2.0
    by_hand(panel, beta=1.0)
    assert panel.values["recon_var"] == pytest.approx(2.0, rel=1e-12)


def test_other_knobs_move_nothing_while_the_product_is_held(panel):
    panel.set(product="held", beta=4.0)
    by_hand(panel, lr=0.5, steps=100, data="penguins")
    assert panel.values == START_VALUES | {"product": "held", "beta": 4.0, "lr": 0.5, "steps": 100, "data": "penguins"}


def test_the_buttons_are_literal_while_the_product_is_held(panel):
    panel.set(product="held", recon_var=1.0)
    panel.buttons["the same product"].click()
    assert (panel.values["beta"], panel.values["recon_var"], panel.values["product"]) == (4.0, 0.075, "held")
    assert product(panel) == pytest.approx(START_VALUES["beta"] * START_VALUES["recon_var"])
    panel.buttons["penguins, beta 4"].click()
    assert [panel.values[name] for name in ("beta", "recon_var", "data")] == [4.0, 0.3, "penguins"]
    assert "the optimum is collapsed" in panel.summary()
    panel.buttons["reset"].click()
    assert panel.values == START_VALUES


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
    monkeypatch.setattr("vaelib.panels.beta.TRAIL", 5)
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
    (left, right), (low, high) = limits(panel.picture.figure.axes[0])
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


def test_a_product_held_there_and_back_is_the_same_notch():
    """2.2 and back to 1 would leave a second notch "0.3" beside the first, 6e-17 away."""
    panel = beta_panel(product="held", steps=20)
    labels = []
    for beta in panel.knobs["beta"].numbers:
        panel.knobs["beta"].value = beta
        panel.knobs["beta"].value = 1.0
        labels.append([label for label, _ in panel.knobs["recon_var"].options])
    assert all(len(set(each)) == len(each) for each in labels)


def test_the_product_stays_after_a_refused_value():
    panel = beta_panel(product="held")
    with pytest.raises(ValueError, match="beta"):
        panel.set(beta=99.0)
    panel.knobs["beta"].value = 4.0
    assert product(panel) == pytest.approx(0.3, rel=1e-9)


def test_the_product_stays_whatever_several_hands_do_at_once():
    panel, rng = beta_panel(product="held", steps=20), np.random.default_rng(0)
    knobs = [panel.knobs[name] for name in ("beta", "recon_var")]
    at_once(*(hand(knob, rng.choice(knob.numbers, 30).tolist()) for knob in knobs))
    assert product(panel) == pytest.approx(0.3, rel=1e-9)
