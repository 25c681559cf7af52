"""The model's straight lines, its clamp, and the shapes of its answers."""

import numpy as np
import pytest
from scipy.stats import kstest, norm

from vaelib.data import toy
from vaelib.model import (
    LOGVAR_RANGE,
    START,
    LinearVAE,
    decode,
    encode,
    generate,
    interpolate,
    reparameterize,
)

pytestmark = pytest.mark.pinned

X = toy()
PARAMS = LinearVAE(a=0.4, b=-0.1, c=0.2, d=-1.3, m=1.9, n=0.3)


def test_the_parameters_unpack_in_the_order_of_the_formulas():
    a, b, c, d, m, n = PARAMS
    assert (a, b, c, d, m, n) == (PARAMS.a, PARAMS.b, PARAMS.c, PARAMS.d, PARAMS.m, PARAMS.n)
    assert START == (0.2, 0.0, -0.1, -0.5, 0.7, 0.0)


def test_the_parameters_cannot_be_changed_in_place():
    with pytest.raises(AttributeError):
        PARAMS.a = 1.0
    with pytest.raises(TypeError):
        PARAMS[0] = 1.0


@pytest.mark.parametrize("params", [PARAMS, list(PARAMS), tuple(PARAMS)], ids=["LinearVAE", "list", "tuple"])
def test_the_encoder_and_the_decoder_are_straight_lines(params):
    mu, logvar = encode(X, params)
    a, b, c, d, m, n = PARAMS
    for line, slope, intercept in [(mu, a, b), (logvar, c, d), (decode(X, params), m, n)]:
        assert np.polyfit(X, line, 1) == pytest.approx([slope, intercept])
        assert line == pytest.approx(slope * X + intercept)


def test_the_log_variance_stays_in_its_range_and_touches_both_ends():
    _, logvar = encode(X, PARAMS._replace(c=5.0))
    line = 5.0 * X + PARAMS.d
    lowest, highest = LOGVAR_RANGE
    assert (lowest, highest) == (-6, 4)
    assert (logvar[line <= lowest] == lowest).all() and (line <= lowest).any()
    assert (logvar[line >= highest] == highest).all() and (line >= highest).any()
    inside = (lowest < line) & (line < highest)
    assert (logvar[inside] == line[inside]).all() and inside.any()


@pytest.mark.parametrize("shape", [(1,), (3,), (2, 3), (4, 1, 2)])
def test_arrays_of_parameters_answer_like_one_model_after_the_other(shape):
    params = LinearVAE(*np.random.default_rng(0).normal(size=(6, *shape)))
    mu, logvar = encode(X, params)
    x_hat = decode(X, params)
    assert mu.shape == logvar.shape == x_hat.shape == (*shape, X.size)
    for index in np.ndindex(shape):
        single = LinearVAE(*(value[index] for value in params))
        assert np.array_equal((mu[index], logvar[index]), encode(X, single))
        assert np.array_equal(x_hat[index], decode(X, single))


def test_standard_normal_draws_become_draws_from_the_encoder():
    mu, logvar = 0.7, -0.8
    probability = np.linspace(0.01, 0.99, 99)
    z = reparameterize(mu, logvar, norm.ppf(probability))
    assert norm.cdf(z, mu, np.exp(logvar) ** 0.5) == pytest.approx(probability)


def test_generation_as_called_decodes_without_noise():
    z = np.linspace(-3, 3, 7)
    assert np.array_equal(generate(z, PARAMS), decode(z, PARAMS))


def test_generation_with_noise_samples_the_model():
    z, eps = np.random.default_rng(1).standard_normal((2, 20_000))
    x = generate(z, PARAMS, recon_var=0.6, eps=eps)
    assert kstest(x, norm(PARAMS.n, np.sqrt(PARAMS.m**2 + 0.6)).cdf).pvalue > 0.01


def test_interpolation_goes_straight_from_one_reconstruction_to_the_other():
    ends = np.array([-3.0, 2.0])
    z, x_hat = interpolate(*ends, np.linspace(0, 1, 5), PARAMS)
    mu, _ = encode(ends, PARAMS)
    assert z == pytest.approx(np.linspace(*mu, 5))
    assert x_hat == pytest.approx(np.linspace(*decode(mu, PARAMS), 5))
