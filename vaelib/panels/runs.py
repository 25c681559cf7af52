"""What several panels train on, and the run that they show: lr is a share of the largest stable rate."""

from functools import lru_cache

from vaelib import data, exact
from vaelib.model import START
from vaelib.training import train

DATA = {"toy": data.toy(), "penguins": data.standardize(data.penguins())}
DATA_LABELS = {"toy": "toy", "penguins": "penguins, standardized"}
STEPS = (20, 50, 100, 140, 200, 300, 500, 700, 1000, 1500, 2000, 3000)


@lru_cache(maxsize=2)  # what else moves in a panel does not train again
def trained(beta, recon_var, lr, steps, data="toy", start=START, warmup=0, free_bits=0.0):
    """The run with the exact expectation at `lr` times the largest stable rate, on the data of that name."""
    x = DATA[data]
    rate = lr * exact.largest_stable_lr(x, beta=beta, recon_var=recon_var)
    more = {"start": start, "warmup": warmup, "free_bits": free_bits}
    return train(x, beta=beta, recon_var=recon_var, lr=rate, steps=steps, noise="exact", **more)
