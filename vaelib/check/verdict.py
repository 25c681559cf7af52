"""The verdict on an answer: one printed sentence, with a hint made for the mistake actually seen."""

import copy
from typing import NamedTuple

import numpy as np

NOT_TRIED = "Not tried yet: put your answer in the place of the three dots."


class NoAnswer(NamedTuple):
    """Why a learner's function has given no answer, as a sentence."""

    reason: str


def answer_of(attempt, *args):
    """What the learner's function returns, or `NoAnswer`. It may change its arguments: they are copies."""
    try:
        answer, again = attempt(*map(copy.copy, args)), attempt(*map(copy.copy, args))
    except Exception as error:
        return NoAnswer(f"your function stops with {type(error).__name__}: {error}")
    if answer is None:
        return NoAnswer("your function returns nothing.")
    if str(answer) != str(again):
        return NoAnswer("two calls give two answers: use what you are given, no random numbers of your own.")
    return answer


def untried(answer):
    """Whether the three dots are still in the place of the answer, or of a part of it."""
    return answer is ... or (isinstance(answer, tuple | list) and any(part is ... for part in answer))


def judge(answer, right, praise, mistakes, tolerance=1e-9):
    """Print whether `answer` is the number `right`. `mistakes` maps a hint to the number that this mistake gives."""
    if untried(answer):
        print(NOT_TRIED)
    else:
        fault = _fault(answer, right, mistakes, tolerance)
        print(f"Not yet: {fault}" if fault else f"Right: {praise}")


def judge_parts(answer, parts, praise):
    """Print whether `answer` holds a number for each of `parts`, which maps names to the right one and its mistakes."""
    if untried(answer):
        print(NOT_TRIED)
    elif isinstance(answer, NoAnswer) or not isinstance(answer, tuple | list) or len(answer) != len(parts):
        reason = answer.reason if isinstance(answer, NoAnswer) else f"return {len(parts)} numbers: {', '.join(parts)}."
        print(f"Not yet: {reason}")
    else:
        pairs = zip(parts.items(), answer, strict=True)
        faults = {name: _fault(part, right, mistakes) for (name, (right, mistakes)), part in pairs}
        wrong = [f"the {name}: {fault}" for name, fault in faults.items() if fault]
        print(f"Not yet: {wrong[0]}" if wrong else f"Right: {praise}")


def _fault(answer, right, mistakes, tolerance=1e-9):
    """What is wrong with `answer` in one sentence; none if it is the number `right`."""
    if isinstance(answer, NoAnswer):
        return answer.reason
    try:
        given = np.asarray(answer)
    except ValueError:  # numbers beside arrays
        given = np.asarray(None)
    if given.ndim:
        return f"one number is wanted, and yours has shape {given.shape}: is a mean missing?"
    if given.dtype.kind not in "iuf":
        return f"one number is wanted, and yours is of type {type(answer).__name__}."
    if not np.isfinite(answer):
        return f"{answer} is not a finite number."
    if np.isclose(answer, right, rtol=tolerance, atol=0):
        return ""
    hints = [hint for hint, wrong in mistakes.items() if np.isclose(answer, wrong, rtol=tolerance, atol=0)]
    return (hints or [f"{answer:.6g} is too {'small' if answer < right else 'large'}."])[0]
