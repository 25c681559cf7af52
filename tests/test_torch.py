"""PyTorch's slopes, by automatic differentiation, against those by hand of lessons 3, 8 and 9; its Adam; what it makes
of the slips that the exercises of lesson 10 know."""

import os

import numpy as np
import pytest

from learner import said
from vaelib import adam, curved_model, data, encoder_decoder, gradients
from vaelib.lessons.pytorch import check
from vaelib.model import LOGVAR_RANGE, START, LinearVAE

if os.environ.get("VAELIB_REQUIRE_TORCH") == "1":
    import torch
else:
    torch = pytest.importorskip("torch", reason="torch is not installed: make test-torch")
from torch.distributions import Bernoulli, Normal, kl_divergence
from torch.nn.functional import gaussian_nll_loss, mse_loss

X, EPS, V = data.toy(), data.seed_draws().beta1, 0.3
PIXELS = np.random.default_rng(5).uniform(0.1, 0.9, (7, 5))
TINY = 1e-12


def leaves(params):
    """The same numbers as tensors that collect slopes."""
    return [torch.tensor(np.asarray(field), dtype=torch.float64, requires_grad=True) for field in params]


def slopes_of(objective, params):
    of = leaves(params)
    objective(*of).backward()
    return [leaf.grad.numpy() for leaf in of]


def assert_same(slopes, due):
    for slope, of_torch in zip(slopes, due, strict=True):
        np.testing.assert_allclose(slope, of_torch, rtol=TINY, atol=TINY)


def standard(mu, logvar):
    """KL(N(mu, exp(logvar)) to N(0, 1)) of each number."""
    return kl_divergence(Normal(mu, torch.exp(logvar / 2)), Normal(torch.zeros_like(mu), torch.ones_like(mu)))


def of_lesson_3(beta, expected, eps=EPS, cut=lambda z: z):
    x, draws = torch.tensor(X), torch.tensor(eps)

    def objective(a, b, c, d, m, n):
        mu, logvar = a * x + b, (c * x + d).clamp(*LOGVAR_RANGE)
        at = mu if expected else cut(mu + torch.exp(logvar / 2) * draws)
        recon = Normal(m * at + n, V**0.5).log_prob(x) - expected * m**2 * torch.exp(logvar) / (2 * V)
        return (recon - beta * standard(mu, logvar)).mean()

    return objective


@pytest.mark.parametrize("beta", [0.0, 1.0, 4.0])
@pytest.mark.parametrize(
    "params", [START, LinearVAE(0.5, -0.3, 4.0, -1.0, 1.7, 0.4)], ids=["start", "half of the points in the clamp"]
)
def test_lesson_3(params, beta):
    estimated = gradients.pathwise_grad(X, params, EPS, beta=beta, recon_var=V)
    assert_same(estimated, slopes_of(of_lesson_3(beta, expected=False), params))
    assert_same(
        gradients.expected_grad(X, params, beta=beta, recon_var=V), slopes_of(of_lesson_3(beta, expected=True), params)
    )


@pytest.mark.parametrize("decoder", ["straight", "curved", "two heaps"])
def test_lesson_8(decoder):
    rng, x = np.random.default_rng(8), torch.tensor(X)
    params = curved_model.start(encoder="curved", decoder=decoder, hidden=5, rng=rng)
    eps = rng.standard_normal((4, X.size))

    def objective(a, b, c, d, m, n, encoder_in, encoder_out, decoder_in, decoder_out):
        t = torch.tanh(torch.outer(encoder_in[0], x) + encoder_in[1][:, None])
        mu, logvar = torch.stack([a * x + b, c * x + d]) + encoder_out @ t
        z = mu + torch.exp(logvar / 2) * torch.tensor(eps)
        bends = torch.tanh(decoder_in[0] * z[..., None] + decoder_in[1]) @ decoder_out
        x_hat = m * z + bends + n[:, None, None]
        recon = torch.logsumexp(Normal(x_hat, V**0.5).log_prob(x), dim=0) - np.log(len(n))
        return recon.mean() - 1.7 * standard(mu, logvar).mean()

    assert_same(curved_model.slopes(X, params, eps, beta=1.7, recon_var=V), slopes_of(objective, params))


def of_lesson_9(eps, hidden, likelihood):
    x = torch.tensor(PIXELS)

    def objective(encoder_in, encoder_in_bias, encoder_out, encoder_out_bias, decoder_in, *of_decoder):
        decoder_in_bias, decoder_out, decoder_out_bias = of_decoder
        t = torch.tanh(x @ encoder_in.T + encoder_in_bias) if hidden else x
        mu, logvar = (t @ encoder_out.T + encoder_out_bias).chunk(2, dim=1)
        z = mu + torch.exp(logvar / 2) * torch.tensor(eps)
        h = torch.tanh(z @ decoder_in.T + decoder_in_bias) if hidden else z
        output = h @ decoder_out.T + decoder_out_bias
        if likelihood == "normal":
            recon = Normal(output, V**0.5).log_prob(x)
        else:
            recon = Bernoulli(logits=output, validate_args=False).log_prob(x)
        return recon.sum(dim=1).mean() - 1.7 * standard(mu, logvar).sum(dim=1).mean()

    return objective


@pytest.mark.parametrize("hidden", [4, 0])
@pytest.mark.parametrize("likelihood", ["normal", "bernoulli"])
def test_lesson_9(hidden, likelihood):
    rng = np.random.default_rng(9)
    params = encoder_decoder.start(5, 2, hidden, rng, rng.normal(size=5))
    params = encoder_decoder.Network(*(field + 0.4 * rng.normal(size=field.shape) for field in params))
    eps = rng.standard_normal((7, 2))
    by_hand = encoder_decoder.slopes(params, PIXELS, eps, beta=1.7, recon_var=V, likelihood=likelihood)
    of = leaves(params)
    of_lesson_9(eps, hidden, likelihood)(*of).backward()
    assert_same(by_hand, [np.zeros(leaf.shape) if leaf.grad is None else leaf.grad.numpy() for leaf in of])


def test_adam_makes_the_steps_of_pytorch_with_these_betas():
    params, state = tuple(map(np.asarray, START)), adam.start(START)
    of = leaves(START)
    optimizer = torch.optim.Adam(
        of, lr=0.1, betas=(adam.SLOPES_KEPT, adam.SQUARES_KEPT), eps=adam.SMALLEST, maximize=True
    )
    for _ in range(50):
        uphill = gradients.pathwise_grad(X, LinearVAE(*params), EPS, beta=1.0, recon_var=V)
        params, state = adam.step(params, uphill, state, 0.1)
        optimizer.zero_grad()
        of_lesson_3(1.0, expected=False)(*of).backward()
        optimizer.step()
    assert_same(params, [leaf.detach().numpy() for leaf in of])


def loss_by(error, of_scale=0.5):
    """A learner's loss with this error of the pixels, and this factor of logvar in the standard deviation of q."""

    def attempt(x, x_hat, mu, logvar, recon_var):
        x, x_hat, mu, logvar = map(torch.tensor, (x, x_hat, mu, logvar))
        kl = kl_divergence(Normal(mu, torch.exp(of_scale * logvar)), Normal(torch.zeros_like(mu), 1.0))
        return error(x_hat, x, torch.full_like(x, recon_var)) + kl.sum(dim=1).mean()

    return attempt


def squared_error(x_hat, x, variance):
    return mse_loss(x_hat, x, reduction="sum") / (2 * variance[0, 0]) / len(x)


def summed_likelihood(x_hat, x, variance):
    return gaussian_nll_loss(x_hat, x, variance, reduction="sum") / len(x)


@pytest.mark.parametrize(
    ("attempt", "verdict"),
    [
        (loss_by(squared_error), "Right"),
        (loss_by(summed_likelihood), "a constant to leave out"),
        (loss_by(gaussian_nll_loss), "takes the mean over the pixels, and adds half"),
        (loss_by(squared_error, of_scale=1.0), "Normal takes the standard deviation"),
    ],
)
def test_a_loss_in_pytorch_gets_its_verdict(capsys, attempt, verdict):
    assert verdict in said(capsys, check.loss, attempt)


def elbo_by(optimizer_class, cut):
    """A learner's loop with this optimizer, and with what `cut` makes of each draw of z."""

    def attempt(steps, lr):
        of, elbo = leaves(START), of_lesson_3(1.0, expected=False, cut=cut)
        optimizer = optimizer_class(of, lr=lr, maximize=True)
        for _ in range(steps):
            optimizer.zero_grad()
            elbo(*of).backward()
            optimizer.step()
        return elbo(*of)

    return attempt


@pytest.mark.parametrize(
    ("optimizer_class", "cut", "verdict"),
    [
        (torch.optim.SGD, lambda z: z, "Right"),
        (torch.optim.SGD, torch.Tensor.detach, "your draw is detached"),
        (torch.optim.Adam, lambda z: z, "that is Adam"),
    ],
)
def test_a_loop_in_pytorch_gets_its_verdict(capsys, optimizer_class, cut, verdict):
    assert verdict in said(capsys, check.elbo_after, elbo_by(optimizer_class, cut))
