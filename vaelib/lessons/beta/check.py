"""The exercises of lesson 4."""

import math

from vaelib.lessons.verdict import exercise


@exercise(parts=("beta", "lr"), praise="beta 2 and lr 0.04: step for step the same six numbers.")
def same_training():
    """Say whether `answer` is (beta, lr) with which recon_var 0.6 trains as (4, 0.3) does with lr 0.02. Exercise 1."""
    of_beta = {
        "the product beta recon_var must stay 1.2: a larger recon_var asks for a smaller beta.": 8.0,
        "the product beta recon_var must stay 1.2; you left beta as it was.": 4.0,
        "beta 1 would need recon_var 1.2, and here it is 0.6.": 1.0,
    }
    of_lr = {
        "the slopes are half as steep with beta 2, so lr must be larger: lr beta stays.": 0.01,
        "the slopes are half as steep with beta 2; rescale lr so that lr beta stays.": 0.02,
        "0.08 is the lr for beta 1; here lr times 2 must be 0.08.": 0.08,
    }
    return (2.0, 0.04), (of_beta, of_lr)


@exercise(
    cases=[(3.0, 0.4, 5.0), (0.5, 1.6, 2.0), (0.7, 0.3, 1.1), (20.0, 0.4, 5.0), (2.5, 1.1, 0.6)],
    where="the rate at beta {:g}, recon_var {:g}, s2 {:g}: ",
    praise="log(s2 / (beta recon_var)) / 2 while the code is in use, 0 after the collapse.",
)
def optimal_rate(beta, recon_var, s2):
    """Say whether attempt(beta, recon_var, s2) is the rate at the optimum in nats. Exercise 2 of lesson 4."""
    product = beta * recon_var
    formula = 0.5 * math.log(s2 / product)
    if product >= s2:
        return 0.0, {"above the threshold the formula goes below 0; the rate is 0 there.": formula}
    return formula, {
        "the half in front is missing.": 2 * formula,
        "that is the rate at beta 1.": 0.5 * math.log(s2 / recon_var),
        "the sign is wrong: a rate is never negative.": -formula,
        "that is in bits; nats use the natural logarithm.": 0.5 * math.log2(s2 / product),
        "that is the distortion.": product,
        "recon_var is missing: the product beta recon_var decides.": 0.5 * math.log(s2 / beta),
        "recon_var is a variance already; do not square it.": 0.5 * math.log(s2 / recon_var**2 / beta),
        "s2 is a variance already; do not square it.": 0.5 * math.log(s2**2 / product),
        "the rate is not multiplied by beta: that is what the objective charges.": beta * formula,
        "the fraction is the other way round: s2 is above.": 0.0,
    }


@exercise(praise="{:g}, whatever beta and recon_var are one by one.")
def product_of_code():
    """Say whether `answer` is beta recon_var of a mean over 64 squared errors plus 0.002 KL. Exercise 3 of lesson 4."""
    dimensions, weight = 64, 0.002
    right = weight * dimensions / 2
    half = weight / dimensions
    return right, {
        "recon has 2 recon_var below the squared error: a half is missing.": 2 * right,
        "the error is a mean over 64 numbers; recon is a sum over them.": right / dimensions,
        "the error is a mean over 64 numbers, so its weight is 1/64 and not 64.": right / dimensions**2,
        "that is the weight in the code, not beta recon_var.": weight,
        "the weight of the error is 1/64, and twice that is below: weight of KL / (2 weight of error).": half,
        "turn the fraction round: the weight of the KL is above.": 1 / right,
        "you multiplied by 2 instead of dividing.": 4 * right,
    }
