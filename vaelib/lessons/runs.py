"""What several panels train on, its knobs, and the run that they show: lr is a share of the largest stable rate."""

from functools import lru_cache, wraps

import numpy as np

from vaelib import data, exact
from vaelib.live import Scale, linear, logarithmic
from vaelib.training import train

DATASETS = {"toy": data.toy(), "penguins": data.standardize(data.penguins())}
DATA_LABELS = {"toy": "toy", "penguins": "penguins, standardized"}
BETAS, RECON_VARS = logarithmic(0.1, 30), logarithmic(0.02, 5)
RUNS_KEPT = 32  # a knob that goes back need not train again
SHARES = linear(0.1, 0.95, 0.05)
STEPS = (20, 50, 100, 140, 200, 300, 500, 700, 1000, 1500, 2000, 3000)


def knobs_of_training(shares=SHARES):
    """New knobs beta, recon_var and lr, of which the last is one of these shares."""
    return [Scale("beta", BETAS), Scale("recon_var", RECON_VARS), Scale("lr", shares, unit=" of limit")]


@lru_cache(maxsize=2)  # what else moves in a panel does not train again
def trained(beta, recon_var, lr, steps, data="toy", **for_train):
    """The run with the exact expectation at `lr` times the largest stable rate, on the data of that name."""
    x = DATASETS[data]
    rate = lr * exact.largest_stable_lr(x, beta=beta, recon_var=recon_var)
    return read_only(train(x, beta=beta, recon_var=recon_var, lr=rate, steps=steps, noise="exact", **for_train))


def read_only(run):
    """The run itself, kept for all panels: a learner who wants to change its arrays takes copies."""
    if isinstance(run, np.ndarray):
        run.setflags(write=False)
    elif isinstance(run, tuple):
        for field in run:
            read_only(field)
    return run


def kept(steps):
    """A generator function of runs that, asked again for one of its last finished, yields the end of it at once."""
    finished = {}

    @wraps(steps)
    def remembered(*settings):
        if settings in finished:
            yield finished[settings]
            return
        for reached in map(read_only, steps(*settings)):
            yield reached
        finished[settings] = reached
        if len(finished) > RUNS_KEPT:
            del finished[next(iter(finished))]

    return remembered


def run_and_optimum(values, **more):
    """The run with these values of the knobs, and the parameters that it should arrive at."""
    settings = {name: values[name] for name in ("beta", "recon_var", "lr", "steps", "data") if name in values} | more
    x = DATASETS[settings.get("data", "toy")]
    return trained(**settings), exact.optimum(x, beta=values["beta"], recon_var=values["recon_var"])
