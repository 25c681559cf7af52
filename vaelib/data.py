"""The data of the course, and the random draws of the notebook it grew from."""

import random
from pathlib import Path
from typing import NamedTuple

import numpy as np

from vaelib.domain import checked, data, whole_number

FOLDER = Path(__file__).parent
HEAPS = ((-2.0, 0.45), (2.2, 0.55))  # mean and standard deviation of the toy's two heaps, equally likely


class SeedDraws(NamedTuple):
    """The original notebook's standard normal draws, named by what it used them for."""

    demo: np.ndarray  # (5,) the reparameterization demo
    start: np.ndarray  # (120,) the objective printed before training
    beta1: np.ndarray  # (120,) held fixed in the run with beta 1
    beta4: np.ndarray  # (120,) held fixed in the run with beta 4
    prior: np.ndarray  # (10,) the samples from the prior


def _seed():
    """The data and the draws, in the order in which the original took them from one generator."""
    generator = random.Random(33)

    def draw(count, mean=0.0, sd=1.0):
        return np.array([generator.gauss(mean, sd) for _ in range(count)])

    demo = draw(5)
    x = np.concatenate([draw(60, *heap) for heap in HEAPS])
    return x, SeedDraws(demo, start=draw(120), beta1=draw(120), beta4=draw(120), prior=draw(10))


def toy():
    """The 120 numbers of the toy data: 60 around -2.0 (sd 0.45), then 60 around 2.2 (sd 0.55).

    -> (120,), without unit; the same numbers on every call. Used in every lesson.
    """
    return _seed()[0]


@checked(count=whole_number(2))
def new_toy(rng, count):
    """Fresh points of the toy's recipe: half of them (rounded down) around -2.0, then the others around 2.2.

    rng is a numpy random Generator. -> (count,), without unit. Lesson 8.
    """
    sizes = count // 2, count - count // 2
    return np.concatenate([rng.normal(*heap, size) for heap, size in zip(HEAPS, sizes, strict=True)])


def seed_draws():
    """The original notebook's standard normal draws, `SeedDraws(demo, start, beta1, beta4, prior)`.

    The same numbers on every call; with them its printed results come out again.
    """
    return _seed()[1]


def penguins():
    """Flipper lengths of 342 penguins in mm, all three species together.

    -> (342,). Source: Palmer penguins (Gorman, Williams and Fraser 2014, doi 10.1371/journal.pone.0090081), CC0.
    """
    return np.loadtxt(FOLDER / "penguins.csv", delimiter=",", skiprows=4, usecols=1, encoding="utf-8")


def digits():
    """1,797 images of handwritten digits, 8 x 8 pixels row by row, from 0 (paper) to 1 in steps of 1/16, and the digit.

    -> images (1797, 64), labels (1797,). Source: E. Alpaydin and C. Kaynak 1998, "Optical Recognition of Handwritten
    Digits", UCI Machine Learning Repository, doi 10.24432/C50P49, CC BY 4.0; its test part, as it
    is distributed with scikit-learn.
    """
    numbers = np.loadtxt(FOLDER / "digits.csv.gz", delimiter=",", dtype=int)
    return numbers[:, :-1] / 16, numbers[:, -1]


@checked(x=data)
def standardize(x):
    """`x` with mean 0 and variance 1 (divided by N), in units of its own standard deviation.

    (N,) -> (N,). ValueError where all points are the same.
    """
    if x.min() == x.max():
        raise ValueError(f"x is {x[0]:g} everywhere; it must hold at least two different numbers.")
    return (x - x.mean()) / x.std()
