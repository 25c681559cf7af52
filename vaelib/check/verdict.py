"""The verdict on an answer: one printed sentence, with a hint made for the mistake actually seen."""

from typing import NamedTuple

import numpy as np

NOT_TRIED = "Not tried yet: put your answer in the place of the three dots."


class NoAnswer(NamedTuple):
    """Why a learner's function has given no answer, as a sentence."""

    reason: str


def answer_of(attempt, *args):
    """What the learner's function returns, or `NoAnswer`."""
    try:
        answer = attempt(*args)
    except Exception as error:
        return NoAnswer(f"your function stops with {type(error).__name__}: {error}")
    return NoAnswer("your function returns nothing.") if answer is None else answer


def judge(answer, right, praise, mistakes, tolerance=1e-9):
    """Print whether `answer` is the number `right`. `mistakes` maps a hint to the number that this mistake gives."""
    if answer is ...:
        print(NOT_TRIED)
    elif isinstance(answer, NoAnswer):
        print(f"Not yet: {answer.reason}")
    elif np.ndim(answer) or not np.issubdtype(np.asarray(answer).dtype, np.number):
        print(f"Not yet: one number is wanted, and yours is of type {type(answer).__name__}.")
    elif not np.isfinite(answer):
        print(f"Not yet: {answer} is not a finite number.")
    elif np.isclose(answer, right, rtol=tolerance, atol=0):
        print(f"Right: {praise}")
    else:
        hints = [hint for hint, wrong in mistakes.items() if np.isclose(answer, wrong, rtol=tolerance, atol=0)]
        hints.append(f"{answer:.6g} is too {'small' if answer < right else 'large'}.")
        print(f"Not yet: {hints[0]}")
