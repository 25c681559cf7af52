"""The exercises of lesson 10. PyTorch is the learner's; what is right is known without it."""

import numpy as np

from vaelib import data
from vaelib.gaussian import kl_normal_to_standard
from vaelib.gradients import pathwise_grad
from vaelib.lessons.verdict import exercise
from vaelib.model import START, LinearVAE
from vaelib.objective import elbo_terms
from vaelib.training import train

X, EPS, RECON_VAR = data.toy(), data.seed_draws().beta1, 0.30


def _batch(seed, images, pixels, latents):
    """x and x_hat (images, pixels), mu and logvar (images, latents)."""
    rng = np.random.default_rng(seed)
    *seen, mu = (rng.uniform(size=(images, size)) for size in (pixels, pixels, latents))
    return *seen, mu, rng.normal(-0.5, 0.5, (images, latents))


@exercise(
    cases=[(*_batch(1, 5, 6, 2), 0.05), (*_batch(2, 3, 4, 3), 0.4), (*_batch(3, 4, 3, 2), 1.5)],
    where="with recon_var {4:g}: ",
    praise="{:.4f} for the first batch: sums over pixels and latents, a mean over the images.",
)
def loss(x, x_hat, mu, logvar, recon_var):
    """Say whether attempt(x, x_hat, mu, logvar, recon_var) is KL - recon without constants. Exercise 1 of lesson 10."""
    error, kl = (x - x_hat) ** 2 / (2 * recon_var), kl_normal_to_standard(mu, logvar)
    of_error, of_kl, pixels = error.sum(axis=1).mean(), kl.sum(axis=1).mean(), x.shape[1]
    right = of_error + of_kl
    return right, {
        "the error is a mean over the pixels; recon is a sum over them.": error.mean() + of_kl,
        "the KL is a mean over the latents; it is a sum over them.": of_error + kl.mean(),
        "both terms are means over their numbers; both are sums, and only the images are averaged.": error.mean()
        + kl.mean(),
        "add over pixels and latents, but take the mean over the images.": len(x) * right,
        "the KL is added up over the images; both terms are means over them.": of_error + len(x) * of_kl,
        "below the squared error stands 2 recon_var.": 2 * recon_var * of_error + of_kl,
        "below the squared error stands 2 recon_var: the 2 is missing.": 2 * of_error + of_kl,
        "the KL is missing.": of_error,
        "the squared error is missing.": of_kl,
        "the sign of the KL is wrong: it is a price.": of_error - of_kl,
        "that is the ELBO; an optimizer goes downhill.": -right,
        "leave out the constants of the normal density here.": right + 0.5 * pixels * np.log(2 * np.pi * recon_var),
        "gaussian_nll_loss adds half the log of the variance for each pixel, a constant to leave out.": right
        + 0.5 * pixels * np.log(recon_var),
        "gaussian_nll_loss takes the mean over the pixels, and adds half the log of the variance.": error.mean()
        + 0.5 * np.log(recon_var)
        + of_kl,
        "Normal takes the standard deviation, exp(0.5 logvar), not the variance.": of_error
        + kl_normal_to_standard(mu, 2 * logvar).sum(axis=1).mean(),
        "the KL has the variance, exp(logvar), not sigma.": right
        + 0.5 * (np.exp(0.5 * logvar) - np.exp(logvar)).sum(axis=1).mean(),
    }


@exercise(
    parts=("number of the line", "slope"),
    praise="line {:g}, which should say rsample. Then recon has the slope {:.4f} in a, without it 0.",
)
def blocked_slope():
    """Say whether `answer` is (line, slope of recon in a at START once it is mended). Exercise 2 of lesson 10."""
    of_line = {
        "line 1 is right: the encoder answers with mean and log-variance.": 1.0,
        "line 2 is right: sigma is the root of the variance exp(logvar).": 2.0,
        "line 3 is right: Normal takes mean and standard deviation.": 3.0,
        "line 5 is right: a sum over the pixels; Normal takes the root of recon_var.": 5.0,
        "line 6 is right: KL(q to prior), a sum over the latents.": 6.0,
        "line 7 is right: downhill in KL - recon is uphill in the ELBO.": 7.0,
        "line 8 is right: anywhere between a step and the next backward.": 8.0,
        "line 9 is right: it finds the slopes that there are.": 9.0,
        "line 10 is right: it uses the slopes that there are.": 10.0,
    }
    recon = pathwise_grad(X, START, EPS, beta=0.0, recon_var=RECON_VAR).a
    elbo = pathwise_grad(X, START, EPS, beta=1.0, recon_var=RECON_VAR).a
    of_slope = {
        "that is the slope with the line as it stands; mend it first.": 0.0,
        "that is the slope of recon - KL; recon alone is asked.": elbo,
        "that is the slope of the KL.": recon - elbo,
        "that is the slope of -recon.": -recon,
        "that is the slope of the loss, KL - recon.": -elbo,
        "that is the slope of the sum over the data; take their mean.": X.size * recon,
        "that is the slope at recon_var 0.25; take 0.30.": recon * RECON_VAR / 0.25,
    }
    return (4.0, recon), (of_line, of_slope)


def _slope(params, beta=1.0):
    return np.array(pathwise_grad(X, LinearVAE(*params), EPS, beta=beta, recon_var=RECON_VAR))


def _elbo(params):
    return elbo_terms(X, LinearVAE(*params), EPS, recon_var=RECON_VAR).elbo


def _after(steps, lr, change):
    """The ELBO after so many steps of lr times `change(params)` from START."""
    params = np.array(START)
    for _ in range(steps):
        params = params + lr * change(params)
    return _elbo(params)


def _never_cleared(steps, lr):
    """The ELBO after the same steps where each `backward` adds to the slopes of all steps before."""
    params, slopes = np.array(START), np.zeros(6)
    for _ in range(steps):
        slopes += _slope(params)
        params = params + lr * slopes
    return _elbo(params)


def _detached(params):
    """The slope where recon has none in the encoder's four numbers."""
    slope = _slope(params)
    slope[:4] -= _slope(params, beta=0.0)[:4]
    return slope


def _by_adam(steps, lr):
    """The ELBO after as many steps by Adam with the betas of PyTorch, which are not those of `vaelib.adam`."""
    params, mean, square = np.array(START), 0.0, 0.0
    for step in range(1, steps + 1):
        slope = _slope(params)
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        params = params + lr * mean / (1 - 0.9**step) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return _elbo(params)


@exercise(
    cases=[(2, 0.025), (4, 0.01), (3, 0.002)],
    where="after {0} steps with lr {1:g}: ",
    praise="{:.4f} after the first two steps, as the chain rule by hand has it.",
)
def elbo_after(steps, lr):
    """Say whether attempt(steps, lr) is the ELBO after so many steps from START. Exercise 3 of lesson 10."""
    path = [
        _elbo(START),
        *train(X, recon_var=RECON_VAR, lr=lr, steps=steps + 1, noise=EPS).history.objective,
    ]
    return path[steps], {
        "every backward adds to the slopes that are there: zero_grad is missing.": _never_cleared(steps, lr),
        "nothing has moved: zero_grad between backward and step takes the slopes away.": path[0],
        "that is one step too few, or the ELBO from before the last step.": path[steps - 1],
        "that is one step too many.": path[steps + 1],
        "you went downhill in the ELBO: the loss is KL - recon.": _after(steps, -lr, _slope),
        "that is the loss; the ELBO is asked.": -path[steps],
        "recon tells the encoder nothing: your draw is detached.": _after(steps, lr, _detached),
        "that is Adam; plain steps are asked, torch.optim.SGD.": _by_adam(steps, lr),
    }
