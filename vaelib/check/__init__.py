"""The learner's exercises: right, wrong and why, or not tried yet. Nothing here raises, so "Run All" goes through."""

from vaelib.check.training import pathwise_slope_in_m, slope_in_m, steps_to_regret

__all__ = ["pathwise_slope_in_m", "slope_in_m", "steps_to_regret"]
