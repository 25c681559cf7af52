"""What a learner hands in, as numbers; or, as a sentence, why it is none."""

import contextlib
import copy

import numpy as np


class NoAnswer(Exception):
    """Why there is no number, as a sentence; NaN among numbers."""

    def __float__(self):
        return np.nan


def answer_of(attempt, *args):
    """What the learner's function returns, or `NoAnswer`. It may change its arguments: they are copies."""
    try:
        with np.errstate(all="ignore"):  # undoes what the function sets itself
            answer = attempt(*map(copy.copy, args))
    except KeyboardInterrupt:
        raise
    except NoAnswer as reason:
        return reason
    except BaseException as error:
        return NoAnswer(f"your function stops with {type(error).__name__}: {error}")
    return NoAnswer("your function returns nothing.") if answer is None else answer


def untried(answer):
    """Whether the three dots are still in the place of the answer, or of a part of it."""
    return answer is ... or (isinstance(answer, tuple | list) and any(part is ... for part in answer))


def numbers_of(answer, parts):
    """The number, or those of a pair whose `parts` have names, each a float or `NoAnswer`."""
    if isinstance(answer, NoAnswer):
        return [answer] * max(len(parts), 1)
    if not parts:
        return [number_of(answer)]
    if not isinstance(answer, tuple | list) or len(answer) != len(parts):
        return [NoAnswer(f"return {len(parts)} numbers: {', '.join(parts)}.")] * len(parts)
    return [number_of(number, f"the {part}: ") for part, number in zip(parts, answer, strict=True)]


def number_of(answer, name=""):
    """A number, or an array or a tensor that holds a single one, as float; or `NoAnswer`."""
    try:
        number = answer.item() if hasattr(answer, "item") else answer
        if isinstance(number, bool) or not hasattr(number, "__float__"):  # float would read a string
            raise TypeError
        number = float(number)
    except Exception:
        return NoAnswer(f"{name}one number is wanted, and yours {_kind(answer)}")
    return NoAnswer(f"{name}{number} is not a number.") if np.isnan(number) else number


def _kind(answer):
    """What stands in the place of a number."""
    with contextlib.suppress(Exception):  # rows of different lengths have no shape
        if (isinstance(answer, tuple | list) or hasattr(answer, "shape")) and np.shape(answer):
            return f"has shape {tuple(np.shape(answer))}: is a mean missing?"
    return f"is of type {type(answer).__name__}."
