"""The two networks: image by image, finite differences, grids and lesson 7's closed forms against slopes and draws."""

import tracemalloc

import numpy as np
import pytest
from scipy.special import expit, xlog1py, xlogy
from scipy.stats import norm

from vaelib import data, directions, encoder_decoder, network
from vaelib.network import Network, expected_terms, importance_log_evidence

pytestmark = pytest.mark.pinned

IMAGES = np.random.default_rng(2).permutation(data.digits()[0])
LEARNED, HELD_OUT = IMAGES[:500], IMAGES[500:800]
FEW = np.random.default_rng(5).uniform(0.1, 0.9, (7, 5))
SETTINGS = {"latents": 2, "hidden": 4, "recon_var": 0.05, "lr": 0.01, "epochs": 3, "batch": 3}
each_kind = pytest.mark.parametrize("likelihood", ["normal", "bernoulli"])
each_depth = pytest.mark.parametrize("hidden", [4, 0])


def random_params(hidden, seed=0):
    """Weights for 5 pixels and 2 latents that bend much."""
    rng = np.random.default_rng(seed)
    params = network.start(5, 2, hidden, rng, rng.normal(size=5))
    return Network(*(field + 0.4 * rng.normal(size=field.shape) for field in params))


def trained(images=LEARNED, seed=0, **settings):
    settings = {"latents": 2, "hidden": 64, "recon_var": 0.05, "lr": 0.01, "epochs": 100, "batch": 100} | settings
    return network.train(images, **settings, rng=np.random.default_rng(seed))


def numbers_of(params):
    return np.concatenate([np.ravel(field) for field in params])


def params_of(numbers, like):
    fields = np.split(numbers, np.cumsum([field.size for field in like])[:-1])
    return Network(*(field.reshape(of.shape) for field, of in zip(fields, like, strict=True)))


# One image at a time, each layer written out.


def q_of(image, params):
    t = np.tanh(params.encoder_in @ image + params.encoder_in_bias) if len(params.encoder_in) else image
    mu, logvar = np.split(params.encoder_out @ t + params.encoder_out_bias, 2)
    return mu, logvar


def x_hat_of(z, params, likelihood):
    h = np.tanh(params.decoder_in @ z + params.decoder_in_bias) if len(params.decoder_in) else z
    output = params.decoder_out @ h + params.decoder_out_bias
    return output if likelihood == "normal" else expit(output)


def log_p_given(image, z, params, v, likelihood):
    x_hat = x_hat_of(z, params, likelihood)
    if likelihood == "normal":
        return norm.logpdf(image, x_hat, np.sqrt(v)).sum()
    return np.sum(xlogy(image, x_hat) + xlog1py(1 - image, -x_hat))


def objective_of(params, x, eps, beta, v, likelihood):
    seen = []
    for image, draws in zip(x, eps, strict=True):
        mu, logvar = q_of(image, params)
        recon = log_p_given(image, mu + np.exp(logvar / 2) * draws, params, v, likelihood)
        seen.append(recon - beta * np.sum(mu**2 + np.exp(logvar) - 1 - logvar) / 2)
    return np.mean(seen)


@each_kind
@each_depth
def test_encode_and_decode_are_layer_upon_layer(hidden, likelihood):
    params = random_params(hidden)
    mu, logvar = network.encode(FEW, params)
    x_hat = network.decode(mu, params, likelihood=likelihood)
    for index, image in enumerate(FEW):
        np.testing.assert_allclose((mu[index], logvar[index]), q_of(image, params), rtol=1e-12)
        np.testing.assert_allclose(x_hat[index], x_hat_of(mu[index], params, likelihood), rtol=1e-12)


@each_kind
@each_depth
def test_the_slopes_of_all_weights_are_finite_differences(hidden, likelihood):
    params, question = random_params(hidden, 1), (FEW, np.random.default_rng(1).normal(size=(7, 2)), 1.7, 0.3)
    x, eps, beta, v = question
    slopes = network.slopes(params, x, eps, beta=beta, recon_var=v, likelihood=likelihood)
    assert [slope.shape for slope in slopes] == [field.shape for field in params]
    where = numbers_of(params)
    sides = where + 1e-5 * np.eye(where.size), where - 1e-5 * np.eye(where.size)
    up, down = ([objective_of(params_of(at, params), *question, likelihood) for at in side] for side in sides)
    np.testing.assert_allclose(numbers_of(slopes), np.subtract(up, down) / 2e-5, rtol=1e-6, atol=1e-7)
    terms = encoder_decoder.terms(x, encoder_decoder.forward(params, x, eps), recon_var=v, likelihood=likelihood)
    assert terms.objective(beta) == pytest.approx(objective_of(params, *question, likelihood))
    if likelihood == "normal":
        up, down = (objective_of(params, x, eps, beta, v * np.exp(log_v), likelihood) for log_v in (1e-5, -1e-5))
        assert network.slope_in_log_recon_var(terms.recon, 5, v) == pytest.approx((up - down) / 2e-5, rel=1e-6)


def test_a_start_decodes_everything_near_its_bias_and_is_drawn_by_its_generator():
    mean = IMAGES.mean(axis=0)
    one, again, other = (network.start(64, 8, 64, np.random.default_rng(seed), mean) for seed in (1, 1, 2))
    np.testing.assert_array_equal(numbers_of(one), numbers_of(again))
    assert not np.isclose(one.encoder_in, other.encoder_in).any()
    z = np.random.default_rng(3).standard_normal((100, 8))
    assert np.std(network.decode(z, one) - mean) < 0.1
    mu, logvar = network.encode(IMAGES, one)
    assert 0.1 < mu.std() < 2 and 0.1 < logvar.std() < 2


# What the weights are worth.


def straight(line):
    """Lesson 7's parameters as networks without hidden units."""
    A, W, logvar, mean = line
    none = np.zeros((0, len(mean)))
    encoder = np.vstack([A, 0 * A]), np.concatenate([-A @ mean, logvar])
    return Network(none, none[:, 0], *encoder, none[:, : len(A)], none[:, 0], W, mean)


LINE = directions.optimum(LEARNED, latents=3, recon_var=0.05)


def test_the_terms_of_straight_lines_are_those_of_lesson_7():
    line = directions.START(3, 64, np.random.default_rng(0))._replace(mean=LEARNED.mean(axis=0))
    for params in (LINE, line):
        due = directions.expected_terms(LEARNED, params, recon_var=0.05)
        estimates = [
            expected_terms(LEARNED, straight(params), np.random.default_rng(seed), recon_var=0.05) for seed in range(8)
        ]
        recon, kl = np.transpose(estimates)
        np.testing.assert_allclose(kl, due.kl, rtol=1e-9)
        assert recon.std() < 0.1 and abs(recon.mean() - due.recon) < 4 * recon.std() / np.sqrt(8)


def test_at_lesson_7_s_optimum_q_is_the_true_posterior_so_every_draw_has_the_same_weight():
    log_p, error = importance_log_evidence(HELD_OUT, straight(LINE), np.random.default_rng(0), 3, recon_var=0.05)
    np.testing.assert_allclose(log_p, directions.log_evidence(HELD_OUT, LINE, recon_var=0.05), rtol=1e-9)
    assert error.max() < 1e-9


def on_a_grid(x, params, v, likelihood):
    """log p(x) for two latents, by the area under p(x given z) p(z)."""
    z = np.stack(np.meshgrid(*2 * [np.linspace(-7, 7, 281)]), axis=-1).reshape(-1, 2)
    x_hat = network.decode(z, params, likelihood=likelihood)
    if likelihood == "normal":
        log_p = norm.logpdf(x[:, None], x_hat, np.sqrt(v)).sum(axis=2)
    else:
        log_p = np.sum(xlogy(x[:, None], x_hat) + xlog1py(1 - x[:, None], -x_hat), axis=2)
    return np.logaddexp.reduce(log_p + norm.logpdf(z).sum(axis=1), axis=1) + 2 * np.log(0.05)


@each_kind
def test_log_p_is_the_area_under_a_grid_and_scatters_as_its_standard_error_says(likelihood):
    params, v = random_params(4, 2), 0.5
    params = params._replace(encoder_out=0.3 * params.encoder_out, encoder_out_bias=np.zeros(4))  # q as wide as p(z)
    due = on_a_grid(FEW, params, v, likelihood)
    runs = [
        importance_log_evidence(
            FEW, params, np.random.default_rng(seed), 2000, recon_var=v, likelihood=likelihood
        )
        for seed in range(40)
    ]  # fmt: skip
    log_p, error = np.moveaxis(runs, 1, 0)
    np.testing.assert_allclose(log_p.mean(axis=0), due, atol=0.02)
    np.testing.assert_allclose(log_p.std(axis=0) / error.mean(axis=0), 1, atol=0.4)
    assert np.mean(np.abs(log_p - due) < 2 * error) > 0.9


def test_more_draws_than_are_made_at_once_take_no_more_room():
    params, draws = network.start(64, 16, 256, np.random.default_rng(0)), 30_000
    tracemalloc.start()
    log_p, _ = importance_log_evidence(IMAGES[:1], params, np.random.default_rng(0), draws, recon_var=0.1)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert np.isfinite(log_p).all() and most < 50e6


# The run.


@pytest.mark.parametrize("beta, learn", [(1.0, False), (4.0, False), (1.0, True)])
def test_straight_lines_arrive_at_lesson_7_s_optimum(beta, learn):
    v = directions.best_recon_var(LEARNED, latents=3, beta=beta) if learn else 0.05
    run = trained(latents=3, hidden=0, beta=beta, lr=0.02, epochs=150, learn_recon_var=learn)
    assert run.recon_var == pytest.approx(v, rel=0.02)
    due = directions.expected_terms(
        LEARNED, directions.optimum(LEARNED, latents=3, beta=beta, recon_var=v), recon_var=v
    )
    got = expected_terms(LEARNED, run.params, np.random.default_rng(1), recon_var=run.recon_var)
    assert got.objective(beta) == pytest.approx(due.objective(beta), abs=0.1)
    assert got.kl == pytest.approx(due.kl, abs=0.1)


def test_hidden_units_are_worth_nats_to_images_learned_from_and_held_out():
    run, line = trained(test=HELD_OUT), directions.optimum(LEARNED, latents=2, recon_var=0.05)
    for images, trace in ((LEARNED, run.history), (HELD_OUT, run.test)):
        worth = expected_terms(images, run.params, np.random.default_rng(1), recon_var=0.05).elbo
        assert trace.objective[-1] == pytest.approx(worth, abs=0.5)
        assert worth > directions.expected_terms(images, line, recon_var=0.05).elbo + 1
    assert run.test.objective[-1] < run.history.objective[-1] - 1


def test_nothing_is_encoded_where_beta_recon_var_is_above_every_variance():
    highest = directions.spectrum(LEARNED)[0][0]
    below, above = (trained(latents=4, beta=share * highest / 0.05, epochs=120).history.kl[-1] for share in (0.8, 1.2))
    assert below > 0.05 and above < 5e-3


def test_the_generator_arrives_where_train_does_and_passes_what_it_reports_with_test_images_or_without(monkeypatch):
    monkeypatch.setattr(network, "UPDATES", 4)
    settings = SETTINGS | {"learn_recon_var": True, "epochs": 4}
    whole = network.train(FEW, **settings, test=FEW[:2], rng=np.random.default_rng(7))
    alone = network.train(FEW, **settings, rng=np.random.default_rng(7))
    states = list(network.steps(FEW, **settings, test=FEW[:2], rng=np.random.default_rng(7)))
    assert [state.updates.tolist() for state in states] == [[4], [4, 8], [4, 8, 12]]
    for index, state in enumerate(states, start=1):
        for part, of_whole in zip((*state.history, *state.test), (*whole.history, *whole.test), strict=True):
            np.testing.assert_array_equal(part, of_whole[:index])
    for run in (states[-1], alone):
        np.testing.assert_array_equal(numbers_of(run.params), numbers_of(whole.params))
        assert run.recon_var == whole.recon_var != 0.05
    assert alone.test is None and alone.updates.tolist() == [4, 8, 12]


def test_each_epoch_deals_out_every_image_once_with_fresh_draws_and_reports_what_it_met(monkeypatch):
    seen = []

    def seeing(params, x, eps):
        found = encoder_decoder.forward(params, x, eps)
        seen.append((x, eps, encoder_decoder.terms(x, found, recon_var=0.05, likelihood="normal")))
        return found

    monkeypatch.setattr(network, "forward", seeing)
    monkeypatch.setattr(network, "UPDATES", 5)
    run = network.train(FEW, **SETTINGS, test=np.ones((4, 5)), rng=np.random.default_rng(0))
    watched = [each for each in seen if len(each[0]) == 4]
    batches, draws, terms = zip(*(each for each in seen if len(each[0]) < 4), strict=True)
    assert [len(x) for x in batches] == 3 * [3, 2, 2] and run.updates.tolist() == [5, 9]
    epochs = [np.concatenate(batches[first : first + 3]) for first in (0, 3, 6)]
    for epoch in epochs:
        np.testing.assert_array_equal(np.unique(epoch, axis=0), np.unique(FEW, axis=0))
    assert not np.array_equal(epochs[0], epochs[1])
    assert np.unique(np.concatenate(draws)).size == 3 * 7 * 2
    np.testing.assert_allclose(np.transpose(run.history[:2]), [np.mean(terms[end - 3 : end], axis=0) for end in (5, 9)])
    np.testing.assert_allclose(np.transpose(run.test[:2]), [terms for *_, terms in watched])
    np.testing.assert_array_equal(watched[0][1], watched[1][1])


def test_an_lr_that_is_far_too_large_gives_numbers_that_are_not_finite_whatever_numpy_is_told_to_raise():
    with np.errstate(all="raise"):
        run = network.train(FEW, **SETTINGS | {"lr": 1e200, "learn_recon_var": True}, rng=np.random.default_rng(0))
        *_, calm = network.steps(FEW, **SETTINGS, test=FEW, rng=np.random.default_rng(0))
    assert not np.isfinite(run.history.objective[-1]) and np.isfinite([*calm.history, *calm.test]).all()


# What is refused.


def steps(**changed):
    return network.steps(FEW, **SETTINGS | {"rng": np.random.default_rng(0)} | changed)


@pytest.mark.parametrize(
    "call, sentence",
    [
        (lambda: network.train(FEW[0], **SETTINGS, rng=None), "images has 1 dimensions"),
        (lambda: steps(hidden=-1), "hidden is -1; it must be a whole number, 0 or above."),
        (lambda: steps(batch=0), "batch is 0"),
        (lambda: steps(likelihood="poisson"), "likelihood is 'poisson'; it must be one of normal, bernoulli."),
        (lambda: steps(test=FEW[:, :3]), "test has 3 columns; it must have 5, as many as images."),
        (
            lambda: network.steps(2 * FEW, **SETTINGS, likelihood="bernoulli", rng=None),
            "images go from 0.",
        ),
        (lambda: network.encode(FEW, "a"), "params is 'a'; it must be a Network whose shapes fit each other and 5"),
        (lambda: network.encode(FEW[:, :4], random_params(4)), "params is Network("),
        (
            lambda: expected_terms(FEW, random_params(4)._replace(decoder_in=np.ones(3)), None, recon_var=1),
            "params is Network(",
        ),
        (lambda: importance_log_evidence(FEW, random_params(4), None, 1, recon_var=1), "draws is 1"),
        (lambda: network.slopes(random_params(4), FEW, np.zeros((7, 2)), beta=-1, recon_var=1), "beta is -1"),
    ],
)
def test_what_is_refused_is_said_in_one_sentence(call, sentence):
    with pytest.raises(ValueError) as refusal:
        call()
    assert str(refusal.value).startswith(sentence)
