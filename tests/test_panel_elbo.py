"""The two panels of lesson 1, their numbers recomputed by quadrature and simulation."""

import itertools

import numpy as np
import pytest
from scipy import stats

from learner import area, drawn, ends, moments, numbers_in
from vaelib import data
from vaelib.panels import autoencoder_panel, elbo_panel
from vaelib.panels.elbo import START_VALUES

X = data.toy()
Z = np.linspace(-14, 14, 28_001)
OF_Q, OF_MODEL = ("mu", "logvar"), ("x", "m", "n", "recon_var")


@pytest.fixture(scope="module")
def autoencoder():
    return autoencoder_panel()


@pytest.fixture(scope="module")
def shared():
    return elbo_panel()


@pytest.fixture
def panel(undrawn, shared):
    """The shared panel, at its start."""
    shared.set(**START_VALUES)
    return shared


@pytest.fixture
def painted(shared):
    """The same, with its picture."""
    shared.buttons["reset"].click()
    return shared


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
    assert "−0.000" not in [text.get_text() for text in panel.picture.moving if hasattr(text, "get_text")]
