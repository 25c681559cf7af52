"""What a decoder with two heaps of its own can do without z, and from which beta on it does without. Lesson 8."""

import numpy as np

from vaelib.domain import checked, data, one, variance

ROUNDS = 1000


@checked(x=data, recon_var=one(variance))
def alone(x, *, recon_var):
    """The best places n of two equal heaps of variance recon_var without z, by expectation and maximisation.

    The highest mean of log p0(x), p0 = (N(n_1, v) + N(n_2, v)) / 2. x (N,) -> (2,), in the unit of x.
    """
    n = x.mean() + x.std() * np.array([-1.0, 1.0])
    for _ in range(ROUNDS):
        shares = _shares(x, n, recon_var)
        n = shares @ x / shares.sum(axis=1)
    return n


def _shares(x, n, recon_var):
    """How probably each point is of each heap, (2, N)."""
    of_right = 1 / (1 + np.exp((n[0] - n[1]) * (x - n.mean()) / recon_var))
    return np.stack([1 - of_right, of_right])


@checked(x=data, recon_var=one(variance))
def collapse_beta(x, *, recon_var):
    """The smallest beta at which two heaps near their best places ignore z: <g^2> / -<h>, means over the data.

    g and h are the first and second derivative of log p0 at x. For heaps far apart: variance within them / recon_var;
    where recon_var is so large that they fall together: the straight line's s2 / recon_var. A local statement: where
    recon_var is large (above 0.53 for the toy) a straight line that tells the heap may be better still.
    """
    n = alone.unchecked(x, recon_var=recon_var)
    left, right = _shares(x, n, recon_var)
    g = (left * n[0] + right * n[1] - x) / recon_var
    h = left * right * (n[1] - n[0]) ** 2 / recon_var**2 - 1 / recon_var
    return np.mean(g**2) / -np.mean(h)
