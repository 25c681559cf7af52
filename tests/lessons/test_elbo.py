"""Lesson 1: what its pictures draw, what its panel says, what its exercises tell."""

import itertools
import math

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from scipy import stats

from learner import area, dashed_black, drawn, ends, legend, limits, moments, numbers_in, painted_before, said
from vaelib import data, style
from vaelib.lessons.elbo import check, pictures
from vaelib.live import View
from vaelib.panels import autoencoder_panel, elbo_panel

pytestmark = pytest.mark.pinned

PANEL = elbo_panel

TERMS = [(-0.9, 0.4, -0.7), (-5.842, 0.089, -1.7645), (-9.5, 0.0, -0.3), (-35.5, 8.1, -9.1), (-300.0, 12.3, -3.1)]


def number(text):
    return float(text.get_text().replace("\N{MINUS SIGN}", "-").removesuffix(pictures.CUT))


def test_posteriors_show_q_and_the_true_one_above_the_prior(axes):
    posteriors = pictures.Posteriors(axes)
    posteriors.show((0.4, 0.82), (-0.5, 0.07))
    assert moments(posteriors.q) == pytest.approx((0.4, 0.82), abs=1e-4)
    assert moments(posteriors.exact) == pytest.approx((-0.5, 0.07), abs=1e-6)
    assert [area(line) for line in axes.lines] == pytest.approx([1, 1, 1], abs=1e-5)
    assert moments(axes.lines[0]) == pytest.approx((0, 1), abs=1e-4)
    assert legend(axes) == ["prior p(z)", "q(z|x)", "true posterior p(z|x)"]


def test_the_true_posterior_is_dashed_black_and_behind_q(axes):
    posteriors = pictures.Posteriors(axes)
    assert dashed_black(posteriors.exact) and painted_before(posteriors, posteriors.exact, posteriors.q)
    assert to_hex(posteriors.q.get_color()) == style.POSTERIOR["color"]


@pytest.mark.parametrize(("recon", "kl", "ceiling"), TERMS)
def test_the_bars_lead_from_0_by_recon_minus_kl_and_the_gap_to_the_ceiling(axes, recon, kl, ceiling):
    waterfall = pictures.Waterfall(axes)
    waterfall.show(recon, kl, ceiling)
    ends = [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in waterfall.bars]
    np.testing.assert_allclose(ends, [(0, recon), (recon, recon - kl), (recon - kl, ceiling)], atol=1e-12)
    assert [number(text) for text in waterfall.numbers] == pytest.approx([recon, -kl, ceiling - recon + kl], abs=6e-4)
    assert [number(text) for text in waterfall.levels] == pytest.approx([ceiling, recon - kl], abs=6e-4)
    assert set(waterfall.ceiling.get_ydata()) == {ceiling}
    assert set(waterfall.elbo.get_ydata()) == {recon - kl}


@pytest.mark.parametrize(("recon", "kl", "ceiling"), TERMS)
def test_a_bar_that_leaves_the_picture_keeps_its_number_in_view(axes, recon, kl, ceiling):
    waterfall = pictures.Waterfall(axes)
    before = limits(axes)
    waterfall.show(recon, kl, ceiling)
    canvas = FigureCanvasAgg(axes.figure)
    canvas.draw()
    assert limits(axes) == before
    for text in (*waterfall.numbers, *waterfall.levels):
        (left, bottom), (right, top) = axes.transData.inverted().transform(text.get_window_extent(canvas.renderer))
        assert before[0][0] <= left < right <= before[0][1]
        assert before[1][0] <= bottom < top <= before[1][1]


@pytest.mark.parametrize(("recon", "kl", "ceiling"), TERMS)
def test_an_arrow_says_what_reaches_below_the_picture(axes, recon, kl, ceiling):
    waterfall = pictures.Waterfall(axes)
    waterfall.show(recon, kl, ceiling)
    floor = axes.get_ylim()[0]
    lowest = [bar.get_y() + min(0, bar.get_height()) for bar in waterfall.bars] + [ceiling, recon - kl]
    arrows = ["↓" in text.get_text() for text in (*waterfall.numbers, *waterfall.levels)]
    assert arrows == [level < floor for level in lowest]


def test_each_number_stands_under_its_bar_and_the_levels_at_their_lines(axes):
    waterfall = pictures.Waterfall(axes)
    waterfall.show(-4.0, 1.5, -2.0)
    assert [text.get_position()[0] for text in waterfall.numbers] == [
        bar.get_x() + bar.get_width() / 2 for bar in waterfall.bars
    ]
    assert [text.get_verticalalignment() for text in waterfall.levels] == ["bottom", "top"]
    ceiling, elbo = (text.get_position()[1] for text in waterfall.levels)
    assert -2.0 < ceiling < -1.8 and -5.8 < elbo < -5.5
    assert [label.get_text() for label in axes.get_xticklabels()] == ["recon", "\N{MINUS SIGN} KL", "gap"]


def test_the_terms_have_their_colours_and_the_gap_is_hatched(axes):
    waterfall = pictures.Waterfall(axes)
    colours = [to_hex(bar.get_facecolor()) for bar in waterfall.bars]
    assert colours == [style.RECON["color"], style.KL["color"], style.PAPER]
    assert [bool(bar.get_hatch()) for bar in waterfall.bars] == [False, False, True]
    assert to_hex(waterfall.elbo.get_color()) == to_hex(waterfall.levels[1].get_color()) == style.OBJECTIVE["color"]


def test_the_ceiling_is_dashed_black_and_behind_the_elbo(axes):
    waterfall = pictures.Waterfall(axes)
    assert dashed_black(waterfall.ceiling)
    assert painted_before(waterfall, waterfall.ceiling, waterfall.elbo)
    assert all(painted_before(waterfall, bar, waterfall.ceiling) for bar in waterfall.bars)
    assert legend(axes) == ["ELBO", "log p(x)"]


def test_the_kl_of_the_scale_has_a_dot_on_its_curve_and_a_line_where_it_is_smallest(axes):
    scales = np.geomspace(0.5, 8, 31)
    kl = (np.log(scales) - 1) ** 2
    curve = pictures.KlOfScale(axes, scales, kl)
    before = limits(axes)
    curve.show(scales[7], kl[7])
    line, best = axes.lines[:2]
    np.testing.assert_array_equal(line.get_xydata(), np.column_stack([scales, kl]))
    assert set(best.get_xdata()) == {scales[kl.argmin()]} and dashed_black(best)
    assert curve.dot.get_xydata().tolist() == [[scales[7], kl[7]]] and curve.artists == [curve.dot]
    assert legend(axes) == ["KL", "smallest"]
    curve.show(0.5, 1e3)
    assert limits(axes) == before == ((0.5, 8), (0, 12)) and axes.get_xscale() == "log"


@pytest.mark.parametrize("ceiling", [-12.5, -13.5, -40.7])
def test_the_gaps_number_stays_in_view_below_a_low_ceiling(axes, ceiling):
    waterfall = pictures.Waterfall(axes)
    live = View(axes.figure, [waterfall], [], print, print, print)
    waterfall.show(ceiling - 1, 0.5, ceiling)
    live.draw()
    box = axes.transData.inverted().transform(waterfall.numbers[2].get_window_extent(live.canvas.get_renderer()))
    assert axes.get_ylim()[0] <= box[0, 1]


X = data.toy()
Z = np.linspace(-14, 14, 28_001)
OF_Q, OF_MODEL = ("mu", "logvar"), ("x", "m", "n", "recon_var")


@pytest.fixture(scope="module")
def autoencoder():
    return autoencoder_panel()


def coded_kl(scale):
    """The mean KL of q to the prior, an average under q by quadrature over its own noise."""
    sd = np.sqrt(0.3) / scale
    z = X[:, None] / scale + sd * Z
    log_ratio = stats.norm.logpdf(z, X[:, None] / scale, sd) - stats.norm.logpdf(z)
    return np.trapezoid(stats.norm.pdf(Z) * log_ratio, Z).mean()


def test_a_new_autoencoder_starts_at_scale_1():
    assert autoencoder_panel().values == {"scale": 1.0}


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.212, 8.0])
def test_the_autoencoders_summary_says_error_spread_and_kl(autoencoder, scale):
    autoencoder.set(scale=scale)
    z = X / scale + np.sqrt(0.3) / scale * np.random.default_rng(0).standard_normal((2000, X.size))
    error = np.sqrt(np.mean((scale * z - X) ** 2))
    best = coded_kl(np.sqrt(np.mean(X**2) + 0.3))
    wanted = [scale, error, scale, np.std(X), coded_kl(scale), best]
    np.testing.assert_allclose(numbers_in(autoencoder.summary()), wanted, rtol=2e-3, atol=6e-4)
    assert autoencoder.run == pytest.approx(coded_kl(scale), rel=1e-9)


def test_the_error_of_the_reconstruction_is_the_same_at_every_scale(autoencoder):
    for scale in autoencoder.knobs["scale"].numbers:
        autoencoder.set(scale=scale)
        assert "misses its x by 0.548" in autoencoder.summary()
        z, x = drawn(autoencoder, 0, "data").get_data()
        (left, right), (low, high) = drawn(autoencoder, 0, "decoder").get_data()
        np.testing.assert_array_equal(x, X)
        np.testing.assert_allclose(low + (high - low) * (z - left) / (right - left), x, atol=1e-12)


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.2, 8.0])
def test_the_densities_are_those_of_the_codes_and_of_the_decoded_prior(autoencoder, scale):
    autoencoder.set(scale=scale)
    density, x = drawn(autoencoder, 1, "decoded").get_data()
    np.testing.assert_allclose(density, stats.norm.pdf(x, 0, scale))
    z, codes = drawn(autoencoder, 3, "q(z), the codes").get_data()
    np.testing.assert_allclose(codes, [stats.norm.pdf(place, X / scale, np.sqrt(0.3) / scale).mean() for place in z])


def test_the_kl_is_smallest_where_the_picture_says_and_the_decoded_prior_spreads_as_the_data_there(autoencoder):
    kl = {}
    for scale in autoencoder.knobs["scale"].numbers:
        autoencoder.set(scale=scale)
        kl[scale] = autoencoder.run
    smallest = drawn(autoencoder, 2, "smallest").get_xdata()[0]
    assert smallest == pytest.approx(np.sqrt(np.mean(X**2) + 0.3), rel=0.01)
    assert min(kl, key=kl.get) == min(kl, key=lambda scale: abs(np.log(scale / smallest))) == 2.2
    scales, curve = drawn(autoencoder, 2, "KL").get_data()
    np.testing.assert_allclose(np.interp(list(kl), scales, curve), list(kl.values()), rtol=2e-3)


def by_quadrature(mu, logvar, x, m, n, recon_var):
    """recon, KL, ELBO, gap and ceiling of one point, each an integral over z of its own definition."""
    sd = np.exp(logvar / 2)
    q, log_q = stats.norm.pdf(Z, mu, sd), stats.norm.logpdf(Z, mu, sd)
    log_given, log_prior = stats.norm.logpdf(x, m * Z + n, np.sqrt(recon_var)), stats.norm.logpdf(Z)
    ceiling = np.log(np.trapezoid(np.exp(log_given + log_prior), Z))
    log_true = log_given + log_prior - ceiling
    averages = log_given, log_q - log_prior, log_given + log_prior - log_q, log_q - log_true
    return [*(np.trapezoid(q * average, Z) for average in averages), ceiling]


def ceiling_of(panel):
    """As the picture draws it."""
    (level,) = set(drawn(panel, 1, "log p(x)").get_ydata())
    return level


def test_a_new_elbo_panel_starts_at_the_originals_numbers():
    panel = elbo_panel()
    assert panel.values == {"mu": 0.4, "logvar": -0.2, "x": 1.2, "m": 2.0, "n": 0.2, "recon_var": 0.3}
    assert panel.run.elbo == pytest.approx(-5.9312, abs=5e-5)
    assert numbers_in(panel.summary())[3:5] == [4.167, -1.765]


@pytest.mark.parametrize(
    "move",
    [
        {}, {"mu": -1.3}, {"logvar": 1.1}, {"mu": 0.0, "logvar": 0.0}, {"x": -2.2, "recon_var": 1.1},
        {"m": 0.0}, {"m": -0.7, "n": 0.5, "mu": 2.0, "logvar": -1.0}, {"recon_var": 3.0, "logvar": -4.0},
    ],
)  # fmt: skip
def test_the_elbo_panels_summary_says_every_term_and_where_q_is(panel, move):
    panel.set(**move)
    recon, kl, elbo, gap, ceiling, mean, logvar = numbers_in(panel.summary())
    assert [recon, kl, elbo, gap, ceiling] == pytest.approx(by_quadrature(**panel.values), abs=6e-4)
    assert (mean, logvar) == (panel.values["mu"], panel.values["logvar"])
    assert panel.run == pytest.approx(by_quadrature(**panel.values)[:2], abs=1e-8)
    touches = "the bound touches" in panel.summary()
    assert touches == (gap < 5e-4) and touches != ("gap is KL(q to the true posterior)" in panel.summary())


def test_no_knob_of_q_moves_the_ceiling_and_no_elbo_is_above_it(panel):
    before = ceiling_of(panel)
    for mu, logvar in itertools.product(*(panel.knobs[name].numbers[::9] for name in OF_Q)):
        panel.set(mu=mu, logvar=logvar)
        assert ceiling_of(panel) == before and "ceiling log p(x) -1.765." in panel.summary()
        assert panel.run.elbo <= before


@pytest.mark.parametrize("name", OF_MODEL)
def test_every_knob_of_the_model_moves_the_ceiling_and_leaves_q_where_it_is(panel, name):
    ceilings, q = [], drawn(panel, 0, "q(z|x)").get_ydata().copy()
    for number in panel.knobs[name].numbers[::4]:
        panel.set(**{name: number})
        x, m, n, recon_var = (panel.values[knob] for knob in OF_MODEL)
        ceilings.append(ceiling_of(panel))
        assert ceilings[-1] == pytest.approx(stats.norm.logpdf(x, n, np.sqrt(m**2 + recon_var)), rel=1e-9)
        np.testing.assert_array_equal(drawn(panel, 0, "q(z|x)").get_ydata(), q)
    assert np.ptp(ceilings) > 0.1


def test_the_pictures_posterior_is_prior_times_decoder_made_to_area_1(panel):
    for x, m, recon_var in itertools.product((-1.0, 2.5), (-1.5, 0.4), (0.25, 3.0)):
        panel.set(x=x, m=m, recon_var=recon_var, mu=1.1, logvar=-1.5)
        exact, q = drawn(panel, 0, "true posterior p(z|x)"), drawn(panel, 0, "q(z|x)")
        product = stats.norm.pdf(Z) * stats.norm.pdf(x, m * Z + 0.2, np.sqrt(recon_var))
        density = np.interp(exact.get_xdata(), Z, product / np.trapezoid(product, Z))
        np.testing.assert_allclose(exact.get_ydata(), density, atol=1e-6)
        assert area(q) == pytest.approx(1, abs=1e-6) and moments(q) == pytest.approx((1.1, np.exp(-1.5)), abs=1e-6)


def test_true_posterior_closes_the_gap_to_rounding_in_every_corner_of_the_model(painted):
    for corner in itertools.product(*(ends(painted, name) for name in OF_MODEL)):
        painted.set(**dict(zip(OF_MODEL, corner, strict=True)), mu=-4.5, logvar=2.0)
        model = {name: painted.values[name] for name in OF_MODEL}
        painted.buttons["true posterior"].click()
        assert {name: painted.values[name] for name in OF_MODEL} == model
        assert painted.run.elbo == pytest.approx(ceiling_of(painted), rel=1e-12)
        assert "the bound touches" in painted.summary()


def test_true_posterior_stays_on_the_knobs_of_q_for_every_notch_of_the_model(panel):
    """The means and variances of all combinations by formula; the button is pressed where one is nearest to an end."""
    x, m, n, recon_var = np.ix_(*(panel.knobs[name].numbers for name in OF_MODEL))
    total = m**2 + recon_var
    of_q = m * (x - n) / total, np.log(recon_var / total) + 0 * x * n
    for name, values in zip(OF_Q, of_q, strict=True):
        lowest, highest = ends(panel, name)
        assert values.min() >= lowest - 1e-9 and values.max() <= highest + 1e-9
        nearest = np.argwhere(np.minimum(values - lowest, highest - values) < 1e-9)
        for place in nearest[:: max(1, len(nearest) // 20)]:
            model = {knob: panel.knobs[knob].numbers[at] for knob, at in zip(OF_MODEL, place, strict=True)}
            panel.set(**model)
            panel.buttons["true posterior"].click()
            assert panel.values[name] == pytest.approx(values[tuple(place)])


def test_prior_sets_a_kl_of_0(panel):
    panel.buttons["prior"].click()
    assert panel.run.kl == 0 and (panel.values["mu"], panel.values["logvar"]) == (0.0, 0.0)
    assert panel.run.elbo == pytest.approx(-8.65, abs=5e-3)


def test_a_decoder_that_does_not_listen_has_the_prior_as_its_true_posterior(panel):
    panel.set(m=0.0)
    panel.buttons["true posterior"].click()
    assert (panel.values["mu"], panel.values["logvar"]) == (0.0, 0.0) and panel.run.kl == 0


def test_the_model_is_behind_the_lock_and_q_is_not(panel):
    assert {name for name, knob in panel.knobs.items() if knob.disabled} == set(OF_MODEL)


def test_no_gap_is_minus_nothing():
    panel = elbo_panel(x=-1.4, m=-2.8, n=-0.9, recon_var=0.25)
    panel.buttons["true posterior"].click()
    assert "−0.000" not in [text.get_text() for text in panel.view.moving if hasattr(text, "get_text")]


def written_for_logvar(mu, logvar):
    return 0.5 * (mu**2 + np.exp(logvar) - 1 - logvar)


def total(m, recon_var):
    return m**2 + recon_var


def mean(x, m, n, recon_var):
    return m * (x - n) / total(m, recon_var)


def logvar(m, recon_var):
    return np.log(recon_var / total(m, recon_var))


def other_mean(formula):
    return lambda x, m, n, recon_var: (formula(x, m, n, recon_var), logvar(m, recon_var))


def other_logvar(formula):
    return lambda x, m, n, recon_var: (mean(x, m, n, recon_var), formula(m, recon_var))


RIGHT = {
    check.kl: {
        "with its minus outside": lambda mu, logvar: -0.5 * (1 + logvar - mu**2 - np.exp(logvar)),
        "by sigma": lambda mu, logvar: (mu**2 + math.exp(logvar / 2) ** 2 - 1) / 2 - math.log(math.exp(logvar / 2)),
    },
    check.log_prob: {
        "scipy": lambda x, mu, var: stats.norm.logpdf(x, mu, np.sqrt(var)),
        "log of the density": lambda x, mu, var: np.log(
            np.exp(-((x - mu) ** 2) / (2 * var)) / np.sqrt(2 * np.pi * var)
        ),
    },
    check.closing_q: {
        "by precision": lambda x, m, n, v: (m * (x - n) / v / (1 + m**2 / v), -np.log(1 + m**2 / v)),
        "as a list": lambda x, m, n, v: [mean(x, m, n, v), logvar(m, v)],
    },
}

WRONG = {
    check.kl: {
        "is the variance already": lambda mu, logvar: 0.5 * (mu**2 + np.exp(logvar) ** 2 - 1 - logvar),
        "the 1 enters with a minus": lambda mu, logvar: 0.5 * (mu**2 + np.exp(logvar) + 1 - logvar),
        "the log-variance is missing": lambda mu, logvar: 0.5 * (mu**2 + np.exp(logvar) - 1),
        "sigma² is taken for the log-variance": lambda mu, logvar: written_for_logvar(mu, np.exp(logvar)),
        "the 1 is missing": lambda mu, logvar: 0.5 * (mu**2 + np.exp(logvar) - logvar),
        "the half belongs to all four": lambda mu, logvar: 0.5 * mu**2 + np.exp(logvar) - 1 - logvar,
        "the log-variance enters with a minus": lambda mu, logvar: 0.5 * (mu**2 + np.exp(logvar) - 1 + logvar),
        "mu is squared": lambda mu, logvar: 0.5 * (mu + np.exp(logvar) - 1 - logvar),
        "in the other direction": lambda mu, logvar: 0.5 * ((1 + mu**2) / np.exp(logvar) - 1 + logvar),
        "is too": lambda mu, logvar: 0.5 * (mu * abs(mu) + np.exp(logvar) - 1 - logvar),  # right where mu > 0
    },
    check.log_prob: {
        "take its logarithm": lambda x, mu, var: stats.norm.pdf(x, mu, np.sqrt(var)),
        "not a log-variance": lambda x, mu, var: stats.norm.logpdf(x, mu, np.exp(0.5 * var)),
        "no square root": lambda x, mu, var: stats.norm.logpdf(x, mu, var**0.25),
        "the half belongs to both terms.": lambda x, mu, var: -0.5 * (x - mu) ** 2 / var - np.log(2 * np.pi * var),
        "missing before the first": lambda x, mu, var: -((x - mu) ** 2) / var - 0.5 * np.log(2 * np.pi * var),
        "is too large": lambda x, mu, var: -0.5 * ((x - mu) * abs(x - mu) / var + np.log(2 * np.pi * var)),
    },
    check.closing_q: {
        "not of its inverse": other_logvar(lambda m, v: np.log(m**2 / v + 1)),
        "recon_var is missing above": other_logvar(lambda m, v: np.log(1 / total(m, v))),
        "the mean: that inverts the decoder": other_mean(lambda x, m, n, v: (x - n) / m),
        "the mean: m is squared": other_mean(lambda x, m, n, v: m * (x - n) / (m + v)),
        "that is the standard deviation": other_logvar(lambda m, v: np.sqrt(v / total(m, v))),
        "the log of the standard deviation": other_logvar(lambda m, v: np.log(np.sqrt(v / total(m, v)))),
        "the log-variance: m is squared": other_logvar(lambda m, v: np.log(v / (m + v))),
        "the share that the code explains": other_logvar(lambda m, v: np.log(m**2 / total(m, v))),
        "the mean: 0.565217 is": other_mean(lambda x, m, n, v: m * abs(x - n) / total(m, v)),  # right where x > n
    },
}


def test_a_wrong_mean_is_named_before_a_wrong_log_variance(capsys):
    line = said(capsys, check.closing_q, lambda x, m, n, v: ((x - n) / m, v / total(m, v)))
    assert "the mean: that inverts the decoder" in line and "log-variance" not in line


def test_mean_and_log_variance_the_other_way_round_are_not_right(capsys):
    line = said(capsys, check.closing_q, lambda x, m, n, v: (logvar(m, v), mean(x, m, n, v)))
    assert line.startswith("Not yet: the mean: ")
