"""The exercises of lesson 7."""

import numpy as np

from vaelib.lessons.verdict import exercise

SPECTRA = [np.array([4.0, 1.5, 0.9, 0.25, 0.16, 0.02]), np.array([0.7, 0.6, 0.55, 0.1]), np.array([2.0, 0.3, 0.05])]


@exercise(
    cases=[
        (SPECTRA[0], 6, 2.0, 0.1),
        (SPECTRA[0], 2, 0.5, 0.4),
        (SPECTRA[1], 4, 4.0, 0.04),
        (SPECTRA[2], 3, 2.0, 1.5),
        (SPECTRA[1], 8, 0.5, 0.1),
    ],
    where="with {1} latents, beta {2:g}, recon_var {3:g}: ",
    praise="each direction above beta recon_var gets a latent, as long as there are latents.",
)
def directions_kept(eigenvalues, latents, beta, recon_var):
    """Say whether attempt(eigenvalues, latents, beta, recon_var) counts the latents in use. Exercise 1 of lesson 7."""
    first = eigenvalues[:latents]
    right = np.sum(first > beta * recon_var)
    mistakes = {
        "more than there are latents: only the first `latents` directions can be kept.": np.sum(
            eigenvalues > beta * recon_var
        ),
        "the level is beta times recon_var; beta is missing.": np.sum(first > recon_var),
        "the level is beta times recon_var; recon_var is missing.": np.sum(first > beta),
        "these are the latents that are not in use.": np.sum(first <= beta * recon_var),
        "that is a share; a number of latents is wanted.": np.mean(first > beta * recon_var),
    }
    return right, {hint: number for hint, number in mistakes.items() if number != right}


@exercise(
    cases=[(SPECTRA[0], 0.2), (SPECTRA[1], 0.58), (SPECTRA[2], 3.0), (SPECTRA[2], 0.01)],
    where="at level {1:g}: ",
    praise="each direction loses the level, or all it has.",
)
def distortion(eigenvalues, level):
    """Say whether attempt(eigenvalues, level) is the squared error left at the optimum. Exercise 2 of lesson 7."""
    below = eigenvalues <= level
    return np.minimum(eigenvalues, level).sum(), {
        "the directions above the level lose something as well: the level.": eigenvalues[below].sum(),
        "that is what is kept of the directions above the level.": (eigenvalues - level)[~below].sum(),
        "a direction below the level cannot lose more than it has.": level * eigenvalues.size,
        "the directions below the level lose all they have.": level * np.sum(~below),
        "that is the largest of both; the smallest is wanted.": np.maximum(eigenvalues, level).sum(),
        "add over the directions; a mean is one part of it.": np.minimum(eigenvalues, level).mean(),
    }


@exercise(parts=("level", "number kept"), praise="level {:g}: {:g} of 64 directions are kept.")
def level_of_code():
    """Say whether `answer` is (level, directions kept) of a mean over 64 squared errors + 0.005 KL. Exercise 3."""
    of_level = {
        "recon has 2 recon_var below the squared error: a half is missing.": 0.32,
        "the error is a mean over 64 numbers; recon is a sum over them.": 0.0025,
        "that is the weight in the code, not the level.": 0.005,
        "the error is a mean over 64 numbers, so its weight is 1/64 and not 64.": 0.005 / 64 / 2,
        "turn the fraction round: the weight of the KL is above.": 1 / 0.16,
    }
    of_number = {
        "that is the count at twice the level.": 4.0,
        "these are the directions below the level.": 56.0,
        "that is the count at the weight itself, 0.005.": 46.0,
        "that is the count at 0.0025.": 49.0,
    }
    return (0.16, 8.0), (of_level, of_number)
