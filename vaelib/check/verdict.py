"""The verdict on an answer: one printed sentence, with a hint made for the mistake actually seen."""

import numpy as np

NOT_TRIED = "Not tried yet: put your answer in the place of the three dots."


def answer_of(attempt, *args):
    """What the learner's function returns, or None after saying why it returns nothing."""
    try:
        return attempt(*args)
    except Exception as error:
        print(f"Not yet: your function stops with {type(error).__name__}: {error}")


def judge(answer, right, praise, mistakes, tolerance=1e-9):
    """Print whether `answer` is the number `right`. `mistakes` maps a hint to the number that this mistake gives."""
    if answer is None:
        return
    if answer is ...:
        print(NOT_TRIED)
    elif np.shape(answer) != () or not isinstance(answer, (int, float, np.number)):
        print(f"Not yet: one number is wanted, and yours is {type(answer).__name__} of shape {np.shape(answer)}.")
    elif np.isclose(answer, right, rtol=tolerance, atol=0):
        print(f"Right: {praise}")
    else:
        hints = [hint for hint, wrong in mistakes.items() if np.isclose(answer, wrong, rtol=tolerance, atol=0)]
        hints.append(f"{answer:.6g} is too {'small' if answer < right else 'large'}.")
        print(f"Not yet: {hints[0]}")
