"""The learner's exercises: right, wrong and why, or not tried yet. Nothing here raises, so "Run All" goes through."""

from vaelib.check.beta import optimal_rate, product_of_code, same_training
from vaelib.check.collapse import fool, shuffle, threshold
from vaelib.check.elbo import closing_q, kl, log_prob
from vaelib.check.generation import generate, generated_variance, interpolate
from vaelib.check.reparameterization import pathwise_slope_in_sigma, reparameterize, score_slope
from vaelib.check.training import pathwise_slope_in_m, slope_in_m, steps_to_regret

__all__ = [
    "closing_q",
    "fool",
    "generate",
    "generated_variance",
    "interpolate",
    "kl",
    "log_prob",
    "optimal_rate",
    "pathwise_slope_in_m",
    "pathwise_slope_in_sigma",
    "product_of_code",
    "reparameterize",
    "same_training",
    "score_slope",
    "shuffle",
    "slope_in_m",
    "steps_to_regret",
    "threshold",
]
